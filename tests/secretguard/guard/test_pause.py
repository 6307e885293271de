"""A pause of the guard: what passes, what never does, and how it ends."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from secretguard.guard import pause
from secretguard.policy import kept
from secretguard.policy.layers import in_force
from secretguard.policy.request import Decision, Request
from secretguard.policy.shipped import copy
from tests.secretguard.guard.events import TOKEN, after, ask, before, records

MINUTE = 60.0
START = "2f8e3b0c-start"


def begin(seconds: float = 10 * MINUTE) -> None:
    """Pause, as the command does."""
    assert kept.write(pause.path_of(), pause.document(seconds, "dev@example.org", "a demo"))


def prompted(project: Path) -> str:
    """What the person reads at a prompt."""
    answer = ask("UserPromptSubmit", project, prompt="go on").stdout
    return str(json.loads(answer)["systemMessage"]) if answer else ""


def own_policy(home: Path, **changes: tuple[str, str]) -> None:
    """The user's own policy: the packaged one with a change of its facts."""
    folder = home / "config" / "policy"
    copy("laptop", str(folder))
    facts = (folder / "facts.toml").read_text()
    for was, now in changes.values():
        assert was in facts
        facts = facts.replace(was, now)
    (folder / "facts.toml").write_text(facts)


def test_while_paused_secrets_pass_and_are_on_record(project: Path) -> None:
    """Results, prompts, writes and refused commands; each record says so."""
    begin()
    answer = ask("PostToolUse", project, tool_name="Bash", tool_input={"command": "x"}, tool_response={"stdout": TOKEN})
    assert "hookSpecificOutput" not in json.loads(answer.stdout)
    assert before(project, "Write", file_path="a.py", content=f"t = '{TOKEN}'") == ("", "")
    assert before(project, "Bash", command="env") == ("", "")
    assert "decision" not in json.loads(ask("UserPromptSubmit", project, prompt=TOKEN).stdout)
    (exposed,) = records("guard:read:exposed")
    assert (exposed["paused"], exposed["outcome"], exposed["would"]) == (True, "left", "redact")
    (command,) = records("guard:command:allowed")
    assert (command["paused"], command["would"], command["would_rule"]) == (True, "deny", "never-reveal-secrets")
    assert TOKEN not in json.dumps(records())


def test_it_is_said_at_each_prompt_and_start_until_it_is_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, why, until when; then once that it is over, and then nothing. Its end is on record, once."""
    begin()
    for _ in range(2):
        assert "PAUSED until" in prompted(project)
        assert "dev@example.org: a demo" in prompted(project)
    assert "PAUSED until" in json.loads(ask("SessionStart", project, source="startup").stdout)["systemMessage"]
    later = time.time() + 11 * MINUTE
    monkeypatch.setattr(time, "time", lambda: later)
    assert prompted(project) == "secretguard: the pause is over, the guard is back."
    assert prompted(project) == ""
    assert len(records("guard:pause:ended")) == 1
    assert after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")


@pytest.mark.parametrize(
    ("now", "since", "start", "on"),
    [
        (5 * MINUTE, 5 * MINUTE, START, True),
        (0, 0, START, True),
        (10 * MINUTE, 10 * MINUTE, START, False),
        (-60 * MINUTE, 5 * MINUTE, START, False),  # the clock was put back
        (5 * MINUTE, 10 * MINUTE, START, False),  # it was put back while the pause was on
        (60 * MINUTE, 5 * MINUTE, START, False),  # it was put forward
        (5 * MINUTE, -5 * MINUTE, START, False),  # started anew, the clock put back
        (5 * MINUTE, 5 * MINUTE, "another", False),  # started anew
        (50 * MINUTE, 50 * MINUTE, START, False),  # asleep for 45 minutes
    ],
)
def test_neither_clock_sleep_nor_restart_prolongs_it(now: float, since: float, start: str, on: bool) -> None:
    """It is on only while both clocks say so, in the run of the machine that it began in."""
    said = {"began": 1e9, "until": 1e9 + 10 * MINUTE, "since": 5000.0, "start": START, "by": "a", "why": "b"}
    kept.write(pause.path_of(), said)
    found = pause.in_force(1e9 + now, (5000.0 + since, start))
    assert (found is not None) == on
    assert os.path.exists(pause.path_of()) == on


@pytest.mark.parametrize(
    "change",
    [
        {"until": 1e12},
        {"until": "x"},
        {"until": None},
        {"since": None},
        {"until": float(2**60)},
        {"began": 0},
        {"by": None},
    ],
)
def test_a_file_that_says_something_else_pauses_nothing(change: dict[str, object], project: Path) -> None:
    """Longer than a pause may be, or of no sense: it is taken away."""
    document = {**pause.document(600, "a", "b"), **change}
    kept.write(pause.path_of(), {name: value for name, value in document.items() if value is not None})
    shown = after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")
    assert TOKEN not in json.dumps(shown)
    assert shown
    assert not os.path.exists(pause.path_of())


def test_a_file_that_is_not_private_pauses_nothing(project: Path) -> None:
    """Whoever else could have written it is not the person."""
    begin()
    os.chmod(pause.path_of(), 0o666)
    assert after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")


def test_production_is_never_paused(own_home: Path, project: Path) -> None:
    """Neither what policy refuses there nor the redaction of what is read there."""
    own_policy(
        own_home, production=("staging = []\nproduction = []\n\n# Files", 'production = ["**/project/**"]\n\n# Files')
    )
    begin()
    assert before(project, "Bash", command="env")[0] == "deny"
    assert after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")
    assert not records("guard:read:exposed")


def test_what_policy_calls_mandatory_is_never_paused(own_home: Path, project: Path) -> None:
    """A rule by its name, and the guard's own rules about secrets."""
    section = '[observe]\nmandatory = ["secrets", "never-reveal-secrets"]\n[hosts]'
    own_policy(own_home, observe=("[hosts]", section))
    begin()
    assert before(project, "Bash", command="env")[0] == "deny"
    assert before(project, "Write", file_path="a.py", content=f"t = '{TOKEN}'")[0] == "deny"
    assert after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")


def test_the_guards_own_files_and_a_broken_policy_are_never_paused(own_home: Path, project: Path) -> None:
    """A pause does not let the agent prolong it; under a broken policy nothing is known to be allowed."""
    begin()
    assert before(project, "Write", file_path=pause.path_of(), content="{}")[0] == "deny"
    assert before(project, "Bash", command="secretguard pause 8h --why more")[0] == "deny"
    own_policy(own_home)
    assert before(project, "Bash", command="git status") == ("", "")
    (own_home / "config" / "policy" / "rules.cedar").write_text("forbid (")
    assert before(project, "Bash", command="env")[0] == "deny"
    assert after(project, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat a")


def test_a_layer_that_is_not_the_users_own_is_never_paused(own_home: Path, project: Path) -> None:
    """A decision of a layer above or below the base carries its name."""
    on = pause.Pause(0.0, "a", "b")
    own_policy(own_home)
    policy = in_force(str(project))
    request = Request("run", "reveal", "development", "internal")
    assert on.decided(Decision("deny", "never-reveal-secrets", ""), request, policy).outcome == "allow"
    assert on.decided(Decision("deny", "repository/no-env", ""), request, policy).outcome == "deny"
    customer = Request("run", "reveal", "development", "customer")
    assert on.decided(Decision("ask", "x", ""), customer, policy).outcome == "ask"
    policy.standing.layers = [["organisation", "/etc/secretguard/policy", "d"]]
    assert not pause.allowed_by(policy)


def test_many_at_once_record_one_end() -> None:
    """Parallel hooks find the same pause over: one of them takes it away and says so."""
    begin(0.001)
    time.sleep(0.01)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: pause.in_force(), range(16))) == [None] * 16
    assert len(records("guard:pause:ended")) == 1
    assert not pause.ended("me")
