"""Values and their placeholders: what is hidden comes back byte for byte, and nothing else moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.detect.finding import HIGH, Finding
from secretguard.guard.values import Value, hosts_beside, narrow, places, put_back, shown, stand_in, values_of, widened
from secretguard.placeholder import Placeholders
from secretguard.redact import redact

TAGS = Placeholders(bytes(32), "/project")
PLAIN = st.text(alphabet="ab =\n[]:é", max_size=12).map(str.encode)
SECRETS = st.text(alphabet="xyz\n", min_size=1, max_size=8).map(lambda text: f"<{text}>".encode())


def hidden(pieces: list[tuple[bytes, bytes]], end: bytes) -> tuple[bytes, list[Finding]]:
    """The text of (plain, secret) pairs, and a finding for each secret."""
    text, found = b"", []
    for plain, secret in pieces:
        text += plain
        found.append(Finding("a-rule", "", HIGH, HIGH, len(text), len(text) + len(secret), secret))
        text += secret
    return text + end, found


@given(st.lists(st.tuples(PLAIN, SECRETS), max_size=6), PLAIN)
def test_what_was_hidden_comes_back(pieces: list[tuple[bytes, bytes]], end: bytes) -> None:
    """Values of one line and of several, the same one in several places, line ends after them: all as it was."""
    text, found = hidden(pieces, end)
    values, doubtful = values_of(text, found, TAGS)
    view = redact(text, found, TAGS)
    assert not doubtful
    assert stand_in(view, values) == len(found)
    assert put_back(view, values) == text


@given(st.binary(max_size=60))
def test_bytes_without_placeholders_stay(data: bytes) -> None:
    """Whatever they are."""
    values = {"0123456789": Value(b"value", 0, 0)}
    assert put_back(data, values) == data
    around = data + b"[[secret:a:0123456789]]" + data
    assert put_back(around, values) == data + b"value" + data


def test_a_key_whose_blank_lines_were_left_out_is_whole_all_the_same() -> None:
    """Its placeholder keeps the number of lines; a model that writes one line end has the next line where it was."""
    key = b"<1\n2\n3>"
    text = b"A\n" + key + b"\nB\n"
    values, _ = values_of(text, [Finding("a", "", HIGH, HIGH, 2, 2 + len(key), key)], TAGS)
    tag = TAGS.tag("a", key).encode()
    for lines in (1, 2, 3):
        assert put_back(b"A\n" + tag + b"\n" * lines + b"B\n", values) == text
    assert put_back(b"A\n" + tag + b"\n" * 5 + b"B\n", values) == b"A\n" + key + b"\n\n\nB\n"
    assert put_back(b"A\r\n" + tag + b"\r\n" * 3 + b"B\r\n", values) == b"A\r\n" + key + b"\r\nB\r\n"


def test_digits_of_two_texts_stand_for_neither() -> None:
    """A value that the file holds as it is and encoded has one placeholder and two texts: none is put back."""
    found = [Finding("a", "", HIGH, HIGH, 0, 5, b"plain"), Finding("a", "", HIGH, HIGH, 6, 14, b"plain", ("base64",))]
    values, doubtful = values_of(b"plain cGxhaW4=", found, TAGS)
    assert values == {}
    assert doubtful == {TAGS.digits(b"plain")}


def test_the_name_in_a_placeholder_does_not_matter() -> None:
    """Its digits do: one value may have been found by different rules in a file and in a command's output."""
    values = {"0123456789": Value(b"v", 0, 0)}
    assert put_back(b"[[secret:another-rule:0123456789]]", values) == b"v"
    assert put_back(b"[[secret:a:0123456780]] [[secret:A:0123456789]]", values).count(b"[[") == 2
    assert "value" not in repr(Value(b"value", 0, 0))


@given(st.text(max_size=20))
def test_two_byte_files_and_back(text: str) -> None:
    """A file with the mark of UTF-16 is UTF-8 for us, and is written as it was; others are as they are."""
    wide = b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass")
    assert widened(narrow(wide), wide) == wide
    plain = text.encode("utf-8", "surrogatepass")
    assert widened(narrow(plain), plain) == plain


def test_as_the_client_shows_it() -> None:
    """Without the mark at its start, line ends as one character."""
    assert shown(b"\xef\xbb\xbfa\r\nb\n") == b"a\nb\n"
    assert places(b"x[[secret:a:0123456789]]") == [(1, 24, "0123456789")]


@pytest.mark.parametrize(
    ("line", "hosts"),
    [
        ("U=postgres://app:V@db.internal:5432/x", {"db.internal"}),
        ("U=postgres://app:V@DB.internal/x", {"db.internal"}),
        ("U=mongodb://app:V@one:27017,two:27017/x", {"one", "two"}),
        ('get("https://api.example/?t=V&u=1")', {"api.example"}),
        ("get('https://[::1]:80/', 'V')", {"[::1]"}),
        ("Server=tcp:sql.example,1433;Password=V", {"tcp:sql.example"}),
        ("host=db port=5432 password=V", {"db"}),
        ("Data Source=ora;Password=V", {"ora"}),
        ("TOKEN=V", set()),
        ("https://other.example\nTOKEN=V\nhttps://more.example", set()),
        ("A=V http://one/\nB=V http://two/", {"one", "two"}),
        ("http:// V", set()),
    ],
)
def test_hosts_beside_a_value(line: str, hosts: set[str]) -> None:
    """Of URLs and connection settings on its own lines."""
    assert hosts_beside(line.replace("V", "s/e@c?r#et").encode(), b"s/e@c?r#et") == hosts
