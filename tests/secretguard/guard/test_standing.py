"""What a person is told of how the policy stands."""

from __future__ import annotations

import time
from pathlib import Path

from secretguard.agents.event import BEFORE, PROMPT, START, Event, Outcome
from secretguard.guard.room import Room
from secretguard.guard.standing import sentences, settled
from secretguard.policy.compiled import load, packaged
from secretguard.policy.table import Standing
from secretguard.verdict import ALLOW, Verdict


def test_nothing_to_say_of_a_policy_that_stands_well() -> None:
    """Silence is the usual answer."""
    assert sentences(load(packaged("laptop")), time.time(), True) == []


def test_faults_always_and_what_has_no_effect_at_a_start() -> None:
    """A few of each, and where the rest is."""
    policy = load(packaged("laptop"))
    policy.standing = Standing([], [f"f{n}" for n in range(9)], [f"n{n}" for n in range(9)])
    assert [line.rpartition(" ")[2] for line in sentences(policy, time.time(), False)] == ["f0", "f1", "f2"]
    lines = sentences(policy, time.time(), True)
    assert lines[3:6] == ["no effect: n0", "no effect: n1", "no effect: n2"]
    assert lines[6].startswith("6 more like these: `secretguard policy layers`")


def test_only_starts_and_prompts_are_told(project: Path) -> None:
    """A tool call has no line for it; what the outcome said before stays."""
    for kind, told in ((BEFORE, False), (PROMPT, True), (START, True)):
        event = Event(kind, str(project), {}, text="x")
        room = Room(event, {})
        room.policy.standing = Standing([], ["the fault"], [])
        outcome = settled(event, Outcome(Verdict(ALLOW, "", "r"), "", {}, notice="first"), room)
        assert outcome.notice.startswith("first")
        assert ("the fault" in outcome.notice) is told
