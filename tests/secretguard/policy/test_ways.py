"""Every refusal text of every shipped pack names a way on that exists where that pack is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from broker.cli import COMMANDS as BROKER_COMMANDS
from secretguard.cli import COMMANDS
from secretguard.guard import broken
from secretguard.guard.outcomes import by_policy
from secretguard.policy import combine
from secretguard.policy.cedar import DEFAULT, rules_of
from secretguard.policy.compiled import compile_set, packaged, policy_of
from secretguard.policy.examples import expand
from secretguard.policy.shipped import BROKER, GATE, PACKS
from secretguard.policy.source import ORGANISATION, USER, Source
from tests.secretguard.policy.ways import IMPLIED, WAYS, faults


def ways_on(name: str) -> dict[str, str]:
    """Rule → its way on, of the rules of a pack that have one."""
    text = (Path(packaged(name)) / "rules.cedar").read_text("utf-8")
    told = {rule.id: rule.reason for rule in rules_of(text, name)} | {DEFAULT.rule: DEFAULT.reason}
    return {rule: reason.partition(" Way on: ")[2] for rule, reason in told.items() if " Way on: " in reason}


@pytest.mark.parametrize("name", PACKS)
def test_each_refusal_names_a_way_that_exists(name: str) -> None:
    """Whichever request is asked, refused or sent to two persons: the text promises nothing that is not there."""
    policy, ways = compile_set(packaged(name)), ways_on(name)
    wrong: dict[str, list[str]] = {}
    for request in expand("*/*/*/*"):
        decision = policy.decide(request)
        if decision.outcome != "allow":
            has = PACKS[name].has | IMPLIED.get(request.action, frozenset())
            broken = faults(ways[decision.rule], has)
            if broken:
                wrong[f"{decision.rule} ({request.action})"] = broken
    assert wrong == {}


@pytest.mark.parametrize("name", PACKS)
def test_a_refusal_under_a_broken_policy_names_one_too(name: str) -> None:
    """Whatever the pack has: mending the policy and harmless work are there on every machine."""
    policy = compile_set(packaged(name))
    for request in expand("*/*/*/*"):
        decision = broken.decided(policy.decide(request), request, ["/etc/secretguard/policy/rules.cedar:1: not Cedar"])
        if decision.rule == broken.RULE:
            outcome = by_policy("command", decision, "This command is held back.", {})
            assert outcome is not None
            assert faults(outcome.verdict.reason.partition(" Way on: ")[2], PACKS[name].has) == []


@pytest.mark.parametrize(("base", "below"), [(a, b) for a in PACKS for b in PACKS if a != b])
def test_refusals_of_layered_packs_name_a_way_that_exists(base: str, below: str) -> None:
    """Two packs at once, as organisation's and user's: the machine has what either of them counts on."""
    texts = [
        [Path(packaged(name), file).read_bytes() for file in ("rules.cedar", "facts.toml")] for name in (base, below)
    ]
    top = combine.compile_base(Source(ORGANISATION, "/o", *texts[0]))
    policy = policy_of("d", combine.combine(top, [combine.compile_tightening(Source(USER, "/u", *texts[1]))]))
    has = PACKS[base].has | PACKS[below].has
    for request in expand("*/*/*/*"):
        decision = policy.decide(request)
        if decision.outcome != "allow":
            way = decision.reason.partition(" Way on: ")[2]
            assert faults(way, has | IMPLIED.get(request.action, frozenset())) == [], decision.rule


def test_no_way_of_the_table_is_dead() -> None:
    """A way that no text names would let a typing error in one go by."""
    texts = "\n".join([broken.reason(["x"]), *(way for name in PACKS for way in ways_on(name).values())])
    assert [way for way in WAYS if way not in texts] == []


def test_commands_in_the_texts_exist() -> None:
    """A subcommand that a way on names is one of the programs'."""
    tables = {"secretguard": COMMANDS, "broker": BROKER_COMMANDS}
    for name in PACKS:
        for way in (broken.reason(["x"]), *ways_on(name).values()):
            for program, command in re.findall(r"`(secretguard|broker) ([a-z-]+)", way):
                assert command in tables[program], (name, way)


@pytest.mark.parametrize(
    ("way_on", "has", "told"),
    [
        ("ask two colleagues through the broker.", frozenset(), "no way on exists"),
        ("use made-up data in a sandbox.", frozenset(), "speaks of a sandbox"),
        ("use made-up data, or wait for `broker approve`.", frozenset(), "names `broker approve`"),
        ("where a broker runs, `broker run TASK -- CMD`.", frozenset(), "no way on exists"),
        ("push it and have a person review exactly that tree (`secretguard gate`).", frozenset({BROKER}), "no way on"),
        ("give up.", frozenset({BROKER, GATE}), "no way on exists"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_found(way_on: str, has: frozenset[str], told: str) -> None:
    """The check above can fail: each of these texts would send somebody to a door that is not there."""
    assert any(told in fault for fault in faults(way_on, has))


def test_questions_of_a_team_name_the_broker_or_the_gate() -> None:
    """Where a team has both, a question says where else it can be answered."""
    policy, ways = compile_set(packaged("team")), ways_on("team")
    for request in expand("*/*/*/*"):
        decision = policy.decide(request)
        if decision.outcome in ("ask", "two_persons"):
            assert "`broker approve`" in ways[decision.rule] or "`secretguard gate`" in ways[decision.rule]
