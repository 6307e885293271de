"""Lines round a finding: masked, printable, of the file as it is now."""

from __future__ import annotations

import base64
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from secretguard.detect import made_up
from secretguard.pipeline import Scanner
from secretguard.report.located import Located
from secretguard.triage import context
from secretguard.triage.context import Context, look, secrets_of
from tests.secretguard.detect import engines

ONE, TWO = made_up.github("ghp_"), made_up.github("ghp_", "b")


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def scanner() -> Scanner:
    return Scanner(engines.hyperscan(), b"k")


def found(path: str) -> list[Located]:
    return scanner().file(path).findings


def seen(text: str | bytes, number: int = 0, around: int = 2) -> Context:
    Path("a.py").write_bytes(text.encode() if isinstance(text, str) else text)
    return look(scanner(), found("a.py")[number], around)


def test_lines() -> None:
    """Numbered, with the finding's own in the middle, and where in it the mask begins."""
    shown = seen(f"1\n2\n3\nx = '{ONE}' # {TWO}\n5\n")
    assert shown.lines == ((2, "2"), (3, "3"), (4, "x = 'ghp_…(40)' # ghp_…(40)"), (5, "5"), (6, ""))
    assert shown.column == 5
    assert shown.found is not None


def test_secret_that_the_rules_do_not_see() -> None:
    """A known value is masked wherever it stands, also one of another file."""
    Path("a.py").write_text(f"x = '{ONE}'\ny{ONE}z {TWO[:38]}\n")
    [one] = found("a.py")
    shown = look(scanner(), one, 2, (TWO[:38],))
    assert [text for _, text in shown.lines] == ["x = 'ghp_…(40)'", "yghp_…(40)z ghp_…(38)", ""]


def test_private_key() -> None:
    """Of a block of many lines none is shown, and the lines after it keep their numbers."""
    body = "\n".join(base64.b64encode(os.urandom(48)).decode() for _ in range(12))
    kind = "RSA PRIVATE " + "KEY"
    block = f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"
    shown = seen(f"before\n{block}\nafter\n", around=40)
    text = "\n".join(line for _, line in shown.lines)
    assert not any(line in text for line in body.split("\n"))
    assert (1, "before") in shown.lines
    assert (16, "after") in shown.lines


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings(encoding: str) -> None:
    """They are decoded, and masked all the same."""
    shown = seen(("# é comment that is long enough to tell\n" * 3 + f"x = '{ONE}'\nlast\n").encode(encoding))
    assert [text for _, text in shown.lines][2:4] == ["x = 'ghp_…(40)'", "last"]


def test_what_drives_a_terminal() -> None:
    """Control characters, broken UTF-8 and overlong lines are tamed."""
    shown = seen(b"\x1b[2J\t\xff\xe2\x80\xae\n" + b"y" * 9000 + f" x = '{ONE}' ".encode() + b"z" * 9000)
    first, own = (text for _, text in shown.lines)
    assert first == "\\x1b[2J    \\xff\\u202e"
    assert len(own) <= context.LONGEST_LINE
    assert own[shown.column :].startswith("ghp_…(40)")


def test_moved_and_gone() -> None:
    """It is found again where it is now; where it is not, that is said."""
    Path("a.py").write_text(f"x = '{ONE}'\n")
    [one] = found("a.py")
    Path("a.py").write_text(f"\n\nx = '{ONE}'\n")
    now = look(scanner(), one, 1).found
    assert now is not None
    assert now.line == 3
    Path("a.py").write_text("x = 1\n")
    assert look(scanner(), one, 1) == Context(reason="it is no longer in the file")
    Path("a.py").unlink()
    assert look(scanner(), one, 1).found is None


def test_nothing_is_shown_of_what_cannot_be_vouched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too long, inside an archive, or with findings that were not looked at."""
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr("in.py", f"x = '{ONE}'\n")
    [one] = found("a.zip")
    assert look(scanner(), one, 1) == Context(found=one, reason="inside an archive")
    Path("a.py").write_text("".join(f"x = '{made_up.github('ghp_', letter)}'\n" for letter in "ab" * 600))
    [first, *_] = found("a.py")
    shown = look(scanner(), first, 3)
    assert (shown.lines, "not all of it could be scanned" in shown.reason) == ((), True)
    monkeypatch.setattr(context, "LARGEST", 100)
    assert "longer than" in look(scanner(), first, 3).reason


pieces = st.lists(st.sampled_from([ONE, TWO, "\n", "x = '", "'", " ", "é", "\r\n", "\t"]), max_size=25)


@settings(max_examples=60, deadline=None)
@example([ONE, ONE, ONE, "x = '", ONE])
@given(pieces)
def test_no_secret_is_ever_shown(parts: list[str]) -> None:
    """However secrets stand beside each other, none of a finding's values is in any line of any finding's context."""
    Path("a.py").write_bytes("".join(parts).encode())
    all_found = found("a.py")
    for one in all_found:
        shown = look(scanner(), one, 50, secrets_of(all_found))
        assert shown.found is not None
        assert not any(value in text for _, text in shown.lines for value in secrets_of(all_found))
        assert dict(shown.lines)[shown.found.line][shown.column :].startswith(shown.found.masked)
