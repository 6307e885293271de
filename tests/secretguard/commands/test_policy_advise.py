from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from secretguard.audit.journal import Journal, user_journal
from secretguard.command_line import cli
from secretguard.errors import SecretguardError
from secretguard.policy import compiled

SESSION = {"client": "claude-code", "session_id": "s1"}


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["policy", "advise", *words], color=False)


@pytest.fixture(autouse=True)
def no_managed_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has in /etc does not decide these tests."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))


def fill(journal: Journal) -> None:
    """Fifty questions that were all answered yes, and refusals."""
    for number in range(50):
        ids = {**SESSION, "tool_use_id": f"t{number}"}
        journal.append("guard:command:asked", {**ids, "rule": "destroy-asks"})
        journal.append("guard:read:allowed", {**ids, "rule": "nothing-found", "outcome": "left"})
    journal.append("guard:command:denied", {**SESSION, "tool_use_id": "x", "rule": "never-reveal-secrets"})
    journal.append("guard:write:denied", {**SESSION, "tool_use_id": "y", "rule": "odd\x1b[2J\u202erule"})


def test_text_names_the_rule_that_is_always_approved_and_the_refusals() -> None:
    """A person reads what to change, and no record can move the cursor of the terminal."""
    fill(user_journal())
    done = run()
    assert done.exit_code == 0
    assert "destroy-asks: asked 50, approved 50, refused 0, unknown 0" in done.output
    assert "protects nobody" in done.output
    assert "never-reveal-secrets: 1, the last at 20" in done.output
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output
    stopped_nothing = done.output.partition("Rules that stopped nothing:")[2].partition("not to be seen here")[0]
    assert "production-asks" in stopped_nothing
    assert "destroy-asks" not in stopped_nothing


def test_json_of_another_journal(tmp_path: Path) -> None:
    """The same for programs, of a journal named by its folder."""
    fill(Journal(str(tmp_path / "kept")))
    document = json.loads(run("--journal", str(tmp_path / "kept"), "--format", "json").output)
    assert document["records"] == 103
    assert document["asked"][0].pop("seconds") < 60
    assert document["asked"] == [
        {"rule": "destroy-asks", "approved": 50, "refused": 0, "unknown": 0, "asked": 50, "waved_through": True}
    ]
    assert {refused["rule"] for refused in document["refused"]} == {"never-reveal-secrets", "odd\x1b[2J\u202erule"}
    assert "production-asks" in document["never_hit"]


def test_nothing_since_a_later_day_says_so() -> None:
    """An empty period is no advice: everything is said to be empty."""
    fill(user_journal())
    done = run("--since", "2999-01-01")
    assert done.output.startswith("0 records\n")
    assert "none was asked" in done.output
    assert "nothing was refused" in done.output
    assert run("--since", "yesterday").exit_code == 2


def test_a_missing_journal_is_an_expected_error(tmp_path: Path) -> None:
    """It is named, with the option that names another."""
    done = run("--journal", str(tmp_path / "none"))
    assert isinstance(done.exception, SecretguardError)
    assert "--journal" in done.exception.fix


def test_the_policy_in_use_decides_which_rules_there_are(own_home: Path) -> None:
    """After `init --pack team`, the rules that stopped nothing are those of the team pack."""
    fill(user_journal())
    assert CliRunner().invoke(cli, ["policy", "init", "--pack", "team"]).exit_code == 0
    assert "staging-effects-ask" in run().output


def test_what_a_trial_let_pass_is_told() -> None:
    """By rule and by what would have been, with nothing in it that moves the cursor."""
    for number in range(3):
        ids = {**SESSION, "tool_use_id": f"t{number}", "rule": "guarded-work"}
        user_journal().append("guard:command:allowed", {**ids, "would": "ask", "would_rule": "destroy-asks\x1b[2J"})
    done = run()
    assert "What the trial let pass (observe mode):" in done.output
    assert "would ask, 3 times" in done.output
    assert "\x1b" not in done.output
    assert json.loads(run("--format", "json").output)["observed"][0]["count"] == 3
