"""Commands that can be copied, and the words of rules."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.report import advice
from tests.secretguard.githooks.repositories import LEAK, Repository
from tests.secretguard.report.test_json_report import FOUND


def test_the_command_works(tmp_path: Path) -> None:
    """The command that a real report names accepts what it found; a name with a quote in it is a name."""
    here = Repository(tmp_path / "here")
    here.git("config", "user.email", "t@example.test")
    (here.folder / "it's $(x).py").write_text(LEAK)
    said = here.secretguard("scan", ".").stdout
    command = said[said.index("`secretguard baseline accept") + 1 : said.rindex("`.")]
    words = shlex.split(command)
    assert words[:5] == ["secretguard", "baseline", "accept", ".secrets.baseline", "it's $(x).py"]
    done = here.secretguard(*words[1:])
    assert done.returncode == 0, done.stderr
    assert here.secretguard("scan", "--baseline", ".secrets.baseline", ".").returncode == 0


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1).filter(str.isprintable))
def test_quoting(word: str) -> None:
    """What can be printed comes back from a shell's reading as it was."""
    assert shlex.split(advice.quoted(word)) == [word]


def test_many_values_go_to_the_screen() -> None:
    """A command with twenty fingerprints is nobody's; a value that comes often is one."""
    values = [FOUND._replace(fingerprint=f"{number:016x}") for number in range(advice.NAMED + 1)]
    assert advice.accepting(values, "b") == "secretguard baseline review b"
    assert advice.accepting([FOUND] * 50, "b").count("--finding") == 1


def test_findings_of_detect_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are revoked where they were issued, have no rule to show, and are accepted with its plugins on."""
    monkeypatch.chdir(tmp_path)
    theirs = FOUND._replace(rule_id="detect-secrets:jwt", path="a")
    (tmp_path / "a").touch()
    text = "\n".join(advice.paragraphs(theirs.rule_id, [theirs], "b", 100))
    assert "Revoke it where it was issued." in text
    assert "rules show" not in text
    assert "--plugins own,detect-secrets" in text


def test_a_member_of_an_archive_is_accepted_in_its_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command names a file that is there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.zip").touch()
    assert " a.zip --finding" in advice.accepting([FOUND._replace(path="a.zip!in/x")], "b")


def test_the_most_severe_rule_comes_first() -> None:
    """Of equal ones the one with more findings."""
    low, high, more = (
        FOUND._replace(rule_id=name, severity=how) for name, how in (("l", "low"), ("h", "high"), ("m", "high"))
    )
    assert [rule for rule, _ in advice.by_rule([low, low, low, high, more, more])] == ["m", "h", "l"]
