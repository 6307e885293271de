"""Lines of `.env` files as the dotenv libraries and shells read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.known.dotenv import settings


def read(text: str) -> dict[str, str]:
    return {name: value.decode() for name, value, _ in settings(text.encode())}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("  export   A = b  ", "b"),
        ("A: b", "b"),
        ("A=b # said", "b"),
        ("A=b#c", "b#c"),
        ("A= # nothing", ""),
        ("A='b # c'", "b # c"),
        ("A='b' # c", "b"),
        ('A="b\\"c\\\\d\\$e"', 'b"c\\d$e'),
        ('A="b\\nc"', "b\nc"),
        ("A='b\\nc'", "b\\nc"),
        ("A=`b'\"c`", "b'\"c"),
        ("A='b\nc\nd'\nB=x", "b\nc\nd"),
        ("A='unterminated\nB=x", "'unterminated"),
        ("A=b=c==", "b=c=="),
        ("\ufeffA=b", "b"),
        ("A=b\r\nB=c\r\n", "b"),
        ("A=$(pass show x)", ""),
        ("A=https://h/p#x", "https://h/p#x"),
    ],
)
def test_a_line(line: str, value: str) -> None:
    """Quotes, comments, escapes and line ends mean what they mean to the programs that read the file."""
    assert read(line)["A"] == value


def test_references_to_lines_above() -> None:
    """`${NAME}` stands for the value above it, not in single quotes; one that is not known stays as it is."""
    found = read("P=x9K2\nU=postgres://a:${P}@h\nV=\"${P}!\"\nW='${P}'\nX=${Q}\nY=$P")
    assert found["U"] == "postgres://a:x9K2@h"  # pragma: allowlist secret
    assert (found["V"], found["W"], found["X"], found["Y"]) == ("x9K2!", "${P}", "${Q}", "x9K2")


def test_references_without_end() -> None:
    """A file whose values double at every line does not grow without bound."""
    lines = ["A0=xxxxxxxxxx", *(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}" for n in range(1, 60))]
    assert max(map(len, read("\n".join(lines)).values())) <= 64 * 1024


def test_the_line_is_where_the_value_starts() -> None:
    """Lines are counted from 1, across values of several lines."""
    found = {name: line for name, _, line in settings(b"# c\nA='x\ny'\n\nB=z\n")}
    assert found == {"A": 2, "B": 5}


def test_what_is_no_setting_hides_nothing() -> None:
    """A broken line is passed over, the rest is read."""
    assert read("<<<<<<< HEAD\nA=b\n=======\n= x\nif [ -f x ]; then\nB=c") == {"A": "b", "B": "c"}


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """No input breaks it, and every name is one."""
    for name, _, line in settings(data):
        assert name
        assert line >= 1


@given(st.text(st.characters(codec="ascii", exclude_characters="'\n\r\0"), min_size=1, max_size=40))
def test_what_is_quoted_is_read_back(value: str) -> None:
    """A value in single quotes is the value."""
    assert read(f"A='{value}'") == {"A": value}
