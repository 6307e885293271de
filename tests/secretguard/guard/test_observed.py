"""Observe mode at the hook: nothing is refused or rewritten, and the record says what would have been."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from secretguard.guard import hook
from secretguard.policy import compiled
from secretguard.policy.shipped import copy
from tests.secretguard.guard.events import TOKEN, after, ask, before, records


@pytest.fixture(autouse=True)
def no_managed_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has in /etc does not decide these tests."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))


def trial(home: Path, names: str = "", days: int = 10) -> None:
    """The laptop pack as the user's own policy, observed."""
    own = home / "config" / "policy"
    if not own.exists():
        copy("laptop", str(own))
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).date()
    facts = (own / "facts.toml").read_text().partition("\n[observe]")[0]
    (own / "facts.toml").write_text(f"{facts}\n[observe]\nuntil = {until}\nmandatory = [{names}]\n")


def only(event: str) -> dict[str, object]:
    (record,) = records(event)
    return record


def test_a_command_that_would_be_asked_or_refused_runs(own_home: Path, project: Path) -> None:
    """Allowed, with what would have been and by which rule."""
    trial(own_home)
    assert before(project, "Bash", command="git reset --hard") == ("", "")
    record = only("guard:command:allowed")
    assert (record["would"], record["would_rule"]) == ("ask", "destroy-asks")
    assert before(project, "Bash", command="printenv") == ("", "")
    record = records("guard:command:allowed")[1]
    assert (record["would"], record["would_rule"]) == ("deny", "never-reveal-secrets")
    assert before(project, "Bash", command="git status") == ("", "")
    assert "would" not in records("guard:command:allowed")[2]


def test_a_result_is_not_rewritten_and_is_an_exposure(own_home: Path, project: Path) -> None:
    """The secret went to the model: the record does not call it anything else, and the person is told."""
    trial(own_home)
    answer = ask("PostToolUse", project, tool_name="Bash", tool_input={"command": "x"}, tool_response={"stdout": TOKEN})
    said = json.loads(answer.stdout)
    assert "hookSpecificOutput" not in said
    assert "left to the provider: the policy only observes" in said["systemMessage"]
    record = only("guard:read:exposed")
    assert (record["would"], record["outcome"], record["count"]) == ("redact", "left", 1)
    assert TOKEN not in json.dumps(records())


def test_a_write_and_a_prompt_with_a_secret_pass(own_home: Path, project: Path) -> None:
    """The guard's own rules are observed with the others."""
    trial(own_home)
    assert before(project, "Write", file_path="a.py", content=f"t = '{TOKEN}'") == ("", "")
    assert (only("guard:write:allowed")["would"], only("guard:write:allowed")["would_rule"]) == (
        "deny",
        "literal-secret",
    )
    answer = ask("UserPromptSubmit", project, prompt=f"use {TOKEN}")
    assert "decision" not in json.loads(answer.stdout)
    record = only("guard:prompt:allowed")
    assert (record["would"], record["outcome"]) == ("deny", "left")


def test_secrets_may_be_mandatory(own_home: Path, project: Path) -> None:
    """Redaction, literal secrets and prompts stand then, while the policy's rules are observed."""
    trial(own_home, '"secrets"')
    assert TOKEN not in json.dumps(after(project, "Bash", {"stdout": TOKEN}, command="x"))
    assert before(project, "Write", file_path="a.py", content=f"t = '{TOKEN}'")[0] == "deny"
    assert json.loads(ask("UserPromptSubmit", project, prompt=TOKEN).stdout)["decision"] == "block"
    assert before(project, "Bash", command="printenv") == ("", "")


def test_a_mandatory_rule_stands(own_home: Path, project: Path) -> None:
    """It refuses as ever; the others do not."""
    trial(own_home, '"never-reveal-secrets"')
    assert before(project, "Bash", command="printenv")[0] == "deny"
    assert before(project, "Bash", command="git reset --hard") == ("", "")


def test_the_guards_own_files_stay_out_of_reach(own_home: Path, project: Path) -> None:
    """A trial of the policy is no invitation to change it."""
    trial(own_home)
    path = str(own_home / "config" / "policy" / "facts.toml")
    assert before(project, "Write", file_path=path, content="x")[0] == "deny"
    assert before(project, "Bash", command=f"rm {path}")[0] == "deny"


def test_what_cannot_be_read_is_still_refused(own_home: Path, project: Path) -> None:
    """A fault is no decision that could be observed."""
    trial(own_home)
    assert ask("PreToolUse", project, tool_name="Bash", tool_input={}).status == 2


def test_after_its_end_everything_is_enforced_and_said(own_home: Path, project: Path) -> None:
    """A trial that nobody ended ends."""
    trial(own_home, days=-1)
    assert before(project, "Bash", command="printenv")[0] == "deny"
    said = json.loads(ask("UserPromptSubmit", project, prompt="go on").stdout)["systemMessage"]
    assert "observe mode ended with" in said


def test_a_prompt_and_a_start_say_that_it_observes(own_home: Path, project: Path) -> None:
    """Nobody works under a trial without knowing it."""
    trial(own_home)
    for name, fields in (("UserPromptSubmit", {"prompt": "go on"}), ("SessionStart", {"source": "startup"})):
        assert "OBSERVE MODE until" in json.loads(ask(name, project, **fields).stdout)["systemMessage"]


def test_nothing_changes_without_a_trial(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual policy never comes here."""
    monkeypatch.setattr("secretguard.guard.observed.applied", lambda *_: pytest.fail("asked"))
    assert before(project, "Bash", command="printenv")[0] == "deny"
    assert "would" not in only("guard:command:denied")
    assert hook.SAID


def test_a_write_that_would_lose_a_secret_is_refused_all_the_same(own_home: Path, project: Path) -> None:
    """A placeholder in the place of a value is no leak to be watched, but a loss."""
    trial(own_home)
    lost = "TOKEN=[[secret:github-token:0123456789]]\n"
    assert before(project, "Write", file_path=str(project / "a.env"), content=lost)[0] == "deny"
