"""From one policy to another, as its owners read it."""

from __future__ import annotations

import dataclasses

import pytest

from broker.policy.difference import difference
from broker.policy.files import PolicyFiles
from broker.policy.policy_set import PolicySet
from broker.testing import flat_policy
from secretguard.policy.change import LOOSENS, SAME, TIGHTENS
from secretguard.policy.request import OUTCOMES, Decision
from secretguard.policy.table import CELLS, Policy
from tests.broker.policy import sets
from tests.broker.policy.sets import files, quick, replaced

FORBID = """
@id("no-public-issue") @reason("Not now.") @way_on("Wait.")
forbid (principal, action == Action::"issue", resource)
when { context.data == Data::"public" && context.effect == Effect::"plain" };
"""


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (sets.TIGHTER, "tightens"),
        (sets.LOOSER, "loosens"),
        (sets.SAME, "same"),
        (files(rules=FORBID), "tightens"),
        (files(extra=sets.TASK.replace("work", "extra")), "loosens"),
        (replaced("facts.toml", '"deploy/**",\n', ""), "loosens"),
        (files(owners=sets.OWNERS.replace("sam", "eve")), "loosens"),
    ],
)
def test_kinds(found: PolicyFiles, kind: str) -> None:
    """Real policies, compiled: rules, facts and task policies; a remark is no change of a decision."""
    assert difference(quick(files()), quick(found)).kind == kind


def test_there_and_back() -> None:
    """What tightens one way loosens the other."""
    assert difference(quick(files(rules=FORBID)), quick(files())).kind == "loosens"


def test_every_step_of_the_ladder() -> None:
    """From each outcome to each other one."""
    for old in OUTCOMES:
        for new in OUTCOMES:
            found = difference(*(PolicySet("", flat_policy(one), {}) for one in (old, new)))
            step = OUTCOMES.index(new) - OUTCOMES.index(old)
            assert found.kind == ("tightens" if step > 0 else "loosens" if step < 0 else "same")


def test_loosenings_come_first() -> None:
    """Nobody scrolls for what matters."""
    both = files(task=sets.TASK.replace("ttl = 300", "ttl = 60").replace("deadline = 3600", "deadline = 7200"))
    found = difference(quick(files()), quick(both))
    assert found.kind == "both"
    assert [change.ways for change in found.changes] == [LOOSENS, TIGHTENS]


def test_other_words_are_said_and_are_neither_way() -> None:
    """A reason that reads otherwise, a rule that gives way to another one with the same outcome."""
    old = flat_policy("ask", "one")
    worded = Policy("1" * 64, [_with(old, reason="other words")], [0] * CELLS, old.facts)
    renamed = flat_policy("ask", "two")
    for new, told in ((worded, "in other words"), (renamed, "gives way")):
        (change,) = difference(PolicySet("", old, {}), PolicySet("", new, {})).changes
        assert change.ways == SAME
        assert told in change.text


def test_a_rule_that_is_mandatory_no_more_loosens() -> None:
    """While a policy is observed only mandatory rules stand, by their ids: another id decides the same and binds no
    one."""
    facts = {**flat_policy().facts, "observe": {"until": "2026-12-31", "mandatory": ["one"]}}

    def observed(rule: str, held: str) -> Policy:
        decisions = [Decision("deny", rule, "no"), Decision(held, rule, "no")]
        return Policy("0" * 64, decisions, [0] * CELLS, facts, held=[1] * CELLS)

    old, new = (PolicySet("", one, {}) for one in (observed("one", "deny"), observed("two", "allow")))
    assert difference(old, new).kind == "loosens"
    assert difference(new, old).kind == "tightens"


def test_a_decision_that_carries_more_than_is_known_loosens() -> None:
    """A later program's decisions may mean something that nothing here compares."""

    class Later(type(flat_policy().decide(_any()))):  # type: ignore[misc]  # a class made for this
        __slots__ = ("novel",)

    def later(novel: int) -> Policy:
        decision = Later("ask", "one", "the test says ask")
        decision.novel = novel
        return Policy("0" * 64, [decision], [0] * CELLS, flat_policy().facts)

    assert difference(PolicySet("", later(1), {}), PolicySet("", later(2), {})).kind == "loosens"


def _any():  # type: ignore[no-untyped-def]  # a request, whichever
    from secretguard.policy.examples import expand

    return expand("read/plain/sandbox/public")[0]


def _with(policy: Policy, **changes: str):  # type: ignore[no-untyped-def]  # a decision
    held = policy.decide(_any())
    return Decision(held.outcome, held.rule, changes["reason"])


def test_a_set_is_a_value() -> None:
    """What approvals are bound to changes with the rules and with that task policy, not with another one."""
    held, extra = quick(files()), quick(files(extra=sets.TASK.replace("work", "extra")))
    assert held.decided_under("work") == extra.decided_under("work")
    assert held.decided_under("extra") != extra.decided_under("extra")
    assert held.decided_under("work") != quick(sets.LOOSER).decided_under("work")
    assert held.decided_under("work") != quick(files(rules=FORBID)).decided_under("work")
    assert dataclasses.replace(held, digest="x").decided_under("work") == held.decided_under("work")
