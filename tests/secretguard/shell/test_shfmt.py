"""The parser process: what it reads, and how every refusal ends."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from secretguard.shell import shfmt
from secretguard.shell.shfmt import Unparsed, parse
from tests.processes import children


def program(folder: Path, script: str) -> str:
    """A stand-in for shfmt."""
    path = folder / "shfmt"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_command_becomes_a_tree() -> None:
    """The real shfmt answers with its JSON."""
    assert parse("ls -la")["Type"] == "File"


@pytest.mark.parametrize("text", ["if", "a )", "'", "$(", "\ud800", "a\x00b; ("])
def test_what_is_not_bash_is_refused(text: str) -> None:
    """Broken text is an error of the one expected kind."""
    with pytest.raises(Unparsed):
        parse(text)


def test_a_parser_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline holds and the child is gone afterwards."""
    monkeypatch.setattr(shfmt, "DEADLINE_MS", 50)
    monkeypatch.setattr(shfmt, "binary", lambda: program(tmp_path, "exec /bin/sleep 30\n"))
    before = children()
    with pytest.raises(Unparsed, match="too long"):
        parse("ls")
    assert children() == before


@pytest.mark.parametrize(
    "script",
    ["exit 0\n", "echo nonsense\n", "echo '[]'\n", "kill -9 $$\n", "exec <&-; echo '{}'; exit 1\n"],
)
def test_a_broken_answer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """An empty, foreign or failed answer is never taken for a tree."""
    monkeypatch.setattr(shfmt, "binary", lambda: program(tmp_path, script))
    with pytest.raises(Unparsed):
        parse("ls")


def test_an_answer_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output is capped."""
    monkeypatch.setattr(shfmt, "LONGEST_TREE", 1 << 16)
    monkeypatch.setattr(
        shfmt, "binary", lambda: program(tmp_path, "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxx; done\n")
    )
    with pytest.raises(Unparsed, match="too large"):
        parse("ls")


def test_a_missing_parser_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """No shfmt: the refusal says so."""
    monkeypatch.setattr(shfmt, "binary", lambda: None)
    with pytest.raises(Unparsed, match="not installed"):
        parse("ls")


def test_the_command_is_not_in_the_argument_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command may hold a secret, and argument lists are public: it goes through a pipe."""
    monkeypatch.setattr(
        shfmt, "binary", lambda: program(tmp_path, f'echo "$@" > {tmp_path}/args; cat > /dev/null; echo "{{}}"')
    )
    parse("echo private")
    assert "private" not in (tmp_path / "args").read_text()
