"""`secretguard pause`: begun by a person, for a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard import person
from secretguard.commands.pause import pause
from secretguard.errors import ConfigError
from secretguard.guard.pause import in_force, path_of
from secretguard.policy.shipped import copy
from tests.secretguard.guard.events import TOKEN, records
from tests.typed import typed


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A person is at the terminal, in a folder of their own."""
    monkeypatch.setattr(person, "must_be_there", lambda command: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> str:
    result = CliRunner().invoke(pause, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(("length", "seconds"), [("90s", 90), ("10m", 600), ("1h30m", 5400), ("8h", 28_800)])
def test_it_lasts_as_long_as_it_says(there: Path, length: str, seconds: int) -> None:
    """On record before it counts, with who and why."""
    assert "PAUSED until" in run(length, "--why", "a demo", "--by", "dev")
    on = in_force()
    assert on is not None
    assert (on.by, on.why) == ("dev", "a demo")
    (record,) = records("guard:pause:started")
    assert (record["seconds"], record["by"], record["why"]) == (seconds, "dev", "a demo")


@pytest.mark.parametrize("length", ["0s", "9h", "8h1s", "10", "m", "", "ten", "-5m", "1e3s", "\x1b[2J", "99999999s"])
def test_a_length_of_no_sense_is_refused(there: Path, length: str) -> None:
    """Nothing, more than eight hours, or no length at all."""
    with pytest.raises((ConfigError, AssertionError)) as problem:
        run("--why", "a demo", "--by", "dev", "--", length)
    assert "\x1b" not in str(problem.value)
    assert in_force() is None


def test_it_needs_a_reason(there: Path) -> None:
    """And one without a secret in it: it is on record and on the screen."""
    assert CliRunner().invoke(pause, ["10m"]).exit_code == 2
    with pytest.raises(ConfigError, match="looks like a secret"):
        run("10m", "--why", f"for {TOKEN}", "--by", "dev")
    assert in_force() is None


def test_anyone_may_end_it(there: Path) -> None:
    """Without a terminal: it makes the guard stricter. On record, once."""
    run("10m", "--why", "a demo", "--by", "dev")
    assert run("--end", "--by", "dev") == "the pause is over, the guard is back.\n"
    assert run("--end", "--by", "dev") == "there is no pause\n"
    assert not os.path.exists(path_of())
    assert [record["by"] for record in records("guard:pause:ended")] == ["dev"]


def test_a_broken_policy_cannot_be_paused(there: Path, own_home: Path) -> None:
    """What it would forbid is not known."""
    copy("laptop", str(own_home / "config" / "policy"))
    CliRunner().invoke(pause, ["1s", "--why", "x", "--by", "dev"])
    run("--end")
    (own_home / "config" / "policy" / "rules.cedar").write_text("forbid (")
    with pytest.raises(ConfigError, match="no pause"):
        run("10m", "--why", "a demo", "--by", "dev")


def test_a_person_types_it_and_an_agent_does_not(tmp_path: Path) -> None:
    """The whole program: in a terminal, and in one that a client started."""
    status, said = typed(["pause", "1m", "--why", "a demo", "--by", "dev"], tmp_path)
    assert (status, said[:12]) == (0, "PAUSED until")
    run_by_agent = {**os.environ, "CLAUDECODE": "1"}
    status, said = typed(["pause", "1m", "--why", "a demo"], tmp_path, run_by_agent)
    assert status == 2
    assert "needs a person: CLAUDECODE is set" in said
