"""Who accepted, why, until when: what is taken, and from when on it is over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from secretguard import acceptance
from secretguard.acceptance import Acceptance, given, of_entry
from secretguard.errors import ConfigError


def test_last_day() -> None:
    """It counts on the day it names, and is over on the next; without a day it is never over."""
    said = Acceptance("ann", "made up", "2027-01-31")
    assert [said.expired(day) for day in ("2027-01-30", "2027-01-31", "2027-02-01")] == [False, False, True]
    assert not Acceptance("ann", "made up").expired("9999-01-01")


def test_today_is_a_day() -> None:
    """Such as entries have it."""
    assert of_entry("f", {"until": acceptance.today()}).until == acceptance.today()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"until": "soon"}, "f: until: 'soon' is no day"),
        ({"until": "20270131"}, "f: until: '20270131' is no day"),
        ({"until": "2027-02-30"}, "f: until"),
        ({"until": None}, "f: until: not a text"),
        ({"why": 3}, "f: why: not a text"),
        ({"by": []}, "f: by: not a text"),
    ],
)
def test_broken_entry(entry: dict[str, object], message: str) -> None:
    """A field that cannot be read is an error with its name: an end that is not understood must not mean for ever."""
    with pytest.raises(ConfigError) as raised:
        of_entry("f", entry)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("by", "why", "until"),
    [
        ("a", "", ""), ("a", " ", ""), ("a\nb", "x", ""), ("a", "x\x1b[2J", ""), ("a", "x" * 501, ""),
        ("a", "x", "tomorrow"), ("a", "x", "2020-01-01"),
    ],
)  # fmt: skip
def test_refused_words(by: str, why: str, until: str) -> None:
    """One line, no control characters, not too long; a day, and not one that is over."""
    with pytest.raises(ConfigError):
        given(by, why, until, "2026-12-01")


def test_by_comes_from_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address in git's configuration, where none is given; without one a person is asked to say it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    with pytest.raises(ConfigError, match="--by NAME"):
        given(None, "x", "", "2026-12-01")
    command = ["git", "config", "--file", str(tmp_path / "config"), "user.email", "ann@example.com"]
    subprocess.run(command, check=True, timeout=60)
    assert given(None, " x ", "2026-12-01", "2026-12-01") == Acceptance("ann@example.com", "x", "2026-12-01")


def test_words_for_a_person() -> None:
    """What there is, and nothing that drives a terminal."""
    assert str(Acceptance("ann", "made up", "2027-01-31")) == "ann: made up, until 2027-01-31"
    assert str(Acceptance("", "made up")) == "made up"
    assert str(Acceptance()) == ""
    assert "\x1b" not in str(Acceptance("a\x1b[1m", "b"))
    assert Acceptance("ann").fields() == {"by": "ann"}
