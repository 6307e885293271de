"""The report at a terminal: what a person sees, at any width."""

from __future__ import annotations

import io
import re
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.report import terminal_report
from secretguard.report.located import Commit, Located, Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, VALUE

TOKEN = FOUND._replace(rule_id="github-token", description="GitHub token", path="app.py", severity="high")


def render(*found: Located, width: int = 100, colour: bool = False, show_secrets: bool = False) -> str:
    scan = Scan(list(found), [Skipped("b", "binary", 2048)], 3, 5000)
    return terminal_report.render(scan, width, colour, "accepted.json", show_secrets)


def test_what_a_person_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Place, rule, mask and meaning; how a leaked one is revoked; the commands; the summary last."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text("x")
    assert render(TOKEN, TOKEN._replace(line=9, end_line=9)).splitlines() == [
        "app.py:1:2: github-token  kJ8v…(20)  GitHub token (high confidence)",
        "app.py:9:2: github-token  kJ8v…(20)  GitHub token (high confidence)",
        "",
        "github-token: GitHub token, 2 times in 1 file (the same value)",
        "  real?     Delete the token in the settings of its owner, or revoke it by the credential revocation",
        "            API; read the audit log.",
        "            secretguard rules show github-token",
        "  harmless? Say so, with a reason:",
        f"            secretguard baseline accept accepted.json app.py --finding {FOUND.fingerprint} --why '...'",
        "",
        "A comment `pragma: allowlist secret` on its line accepts a finding, too.",
        "",
        "3 files, 5 KiB scanned: 2 findings; skipped 1 item, 2 KiB (1 binary)",
    ]


def test_nothing_found() -> None:
    """One line; notes before it."""
    assert render() == "3 files, 5 KiB scanned: 0 findings; skipped 1 item, 2 KiB (1 binary)\n"


def test_many_come_by_rule() -> None:
    """The most severe rule first, each with its places below its heading; none is left out."""
    many = [TOKEN._replace(line=line, end_line=line) for line in range(1, 30)]
    low = [FOUND._replace(path="z.py", severity="low", line=line, end_line=line) for line in range(1, 4)]
    text = render(*low, *many)
    assert text.startswith("github-token: GitHub token, 29 times in 1 file")
    assert len(re.findall(r"^app\.py:[0-9]+:2: ", text, re.MULTILINE)) == 29
    assert len(re.findall(r"^z\.py:[0-9]+:2: ", text, re.MULTILINE)) == 3
    assert text.index("z.py:1") > text.index("app.py:29")


def test_narrow_and_wide() -> None:
    """A narrow terminal gets the meaning in the heading alone, and the commit below its finding; the place is whole."""
    past = TOKEN._replace(
        path="a/long/path/to/app.py", commit=Commit("c" * 40, "A <a@b>", "2026-01-02T03:04:05+00:00", False)
    )
    text = render(past, width=60)
    assert (
        "a/long/path/to/app.py:1:2: github-token  kJ8v…(20)\n    [cccccccccc, 2026-01-02, A <a@b>; not at HEAD]\n"
        in text
    )
    assert "It stays in the history" in text
    assert "baseline accept" not in text  # it is in no file that could be named
    assert "  [cccccccccc" in render(past, width=300).splitlines()[0]


def test_colour_only_when_told() -> None:
    """Without colour there is no escape code; with it the text is the same."""
    plain, coloured = render(TOKEN), render(TOKEN, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert click.unstyle(coloured) == plain


def test_whether_to_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal, unless NO_COLOR or TERM=dumb say otherwise; an empty NO_COLOR says nothing."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal_report.coloured(Terminal())
    assert not terminal_report.coloured(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "")
    assert terminal_report.coloured(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal_report.coloured(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not terminal_report.coloured(Terminal())
    assert terminal_report.columns(io.StringIO()) == 0
    assert terminal_report.columns(Terminal()) == 80


def test_secret_only_when_asked() -> None:
    """The value is shown only with show_secrets."""
    assert VALUE not in render(TOKEN, colour=True)
    assert VALUE in render(TOKEN, show_secrets=True)


@given(st.text(min_size=1, max_size=30), st.text(max_size=20), st.integers(1, 200))
def test_nothing_drives_the_terminal(path: str, author: str, width: int) -> None:
    """Whatever a file or an author is called, every character that comes out can be printed."""
    one = TOKEN._replace(path=path, commit=Commit("c" * 40, author, "2026-01-02", True))
    text = render(one, TOKEN._replace(path=path), width=width)
    assert all(character == "\n" or character.isprintable() for character in text)
