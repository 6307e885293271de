"""Observe mode by date: when it is on, and what stands nevertheless."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.policy import compiled
from secretguard.policy.layers import in_force
from secretguard.policy.observe import LONGEST, mandatory, observes_now, observing, told
from secretguard.policy.request import Request
from tests.secretguard.policy.cloned import RULE, clone, upstream
from tests.secretguard.policy.sets import FACTS, RULES, policy_set

REVEAL = Request("run", "reveal", "staging", "internal")
PRODUCTION = Request("run", "plain", "production", "internal")
NOON = datetime.datetime(2026, 6, 15, 12, tzinfo=datetime.UTC).timestamp()
DAY = 86_400


@pytest.fixture(autouse=True)
def managed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /etc/secretguard/policy; empty until a test writes it."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))
    return tmp_path / "etc"


def observed(directory: Path, until: str, names: str = "") -> Path:
    """A policy set in observe mode."""
    return policy_set(directory, facts=f"{FACTS}\n[observe]\nuntil = {until}\nmandatory = [{names}]\n")


def soon() -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=10)).date().isoformat()


def test_it_is_on_until_the_end_of_its_last_day(tmp_path: Path) -> None:
    """The day itself counts; the next does not; a clock that was put back gains nothing."""
    policy = compiled.load(str(observed(tmp_path / "set", "2026-06-15")))
    assert observing(policy, NOON)
    assert observing(policy, NOON + DAY / 2 - 1)
    assert not observing(policy, NOON + DAY / 2)
    assert observing(policy, NOON - LONGEST * DAY)
    assert not observing(policy, NOON - (LONGEST + 2) * DAY)
    assert not observing(compiled.load(compiled.packaged("laptop")), NOON)


def test_it_is_told_with_its_end_and_its_exceptions(tmp_path: Path) -> None:
    """Loudly while it is on, and that it is over when it is."""
    policy = compiled.load(str(observed(tmp_path / "set", "2026-06-15", '"never", "secrets"')))
    assert "OBSERVE MODE until the end of 2026-06-15" in told(policy, NOON)
    assert "except by never, secrets" in told(policy, NOON)
    assert "ended with 2026-06-15: everything is enforced" in told(policy, NOON + DAY)
    assert told(compiled.load(compiled.packaged("laptop")), NOON) == ""
    policy.standing.faults = ["rules.cedar:1: not Cedar"]
    assert "rests while the policy is broken" in told(policy, NOON)
    assert not observing(policy, NOON)
    assert mandatory(policy) == ["never", "secrets"]


def test_what_is_mandatory_stands(tmp_path: Path) -> None:
    """`enforced` is the mandatory rule's decision, allow elsewhere; `decide` is what would be."""
    policy = compiled.load(str(observed(tmp_path / "set", soon(), '"never"')))
    assert observes_now(policy)
    assert (policy.decide(REVEAL).outcome, policy.enforced(REVEAL).outcome) == ("deny", "deny")
    assert policy.enforced(REVEAL).rule == "never"
    assert (policy.decide(PRODUCTION).outcome, policy.enforced(PRODUCTION).outcome) == ("ask", "allow")


@pytest.mark.parametrize("name", ["no-such-rule", "work"])
def test_a_mandatory_rule_must_forbid(tmp_path: Path, name: str) -> None:
    """A name that nothing has, or that permits, would protect nothing; its line is told."""
    directory = observed(tmp_path / "set", soon(), f'"{name}"')
    with pytest.raises(ConfigError, match=rf"facts\.toml:25: .*no rule {name}"):
        compiled.compile_set(str(directory))


def test_a_users_trial_does_not_lift_what_a_repository_forbids(own_home: Path, tmp_path: Path) -> None:
    """Whoever observes his own policy observes nobody else's."""
    project = clone(upstream(tmp_path / "up", rules=RULE), tmp_path / "project")
    observed(own_home / "config" / "policy", soon())
    policy = in_force(str(project))
    assert observes_now(policy)
    assert policy.enforced(Request("run", "plain", "staging", "internal")).rule == "repository/no-staging-runs"
    assert policy.enforced(REVEAL).rule == "repository/no-staging-runs"
    assert policy.enforced(PRODUCTION).outcome == "allow"


def test_an_organisations_trial_lifts_everything_but_its_own_mandatory_rules(
    managed: Path, own_home: Path, tmp_path: Path
) -> None:
    """And where it enforces, nobody below it observes."""
    project = clone(upstream(tmp_path / "up", rules=RULE), tmp_path / "project")
    observed(managed, soon(), '"two"')
    policy = in_force(str(project))
    assert policy.decide(REVEAL).outcome == "deny"
    assert policy.enforced(REVEAL).outcome == "allow"
    assert policy.enforced(Request("read", "plain", "staging", "customer")).outcome == "two_persons"
    policy_set(managed)
    observed(own_home / "config" / "policy", soon())
    policy = in_force(str(project))
    assert not observes_now(policy)
    assert any("observe.until" in note for note in policy.standing.notes)
    assert policy.enforced(REVEAL).outcome == "deny"


def test_rules_of_a_set_without_a_trial_are_enforced(tmp_path: Path) -> None:
    """`enforced` is `decide` there."""
    policy = compiled.load(str(policy_set(tmp_path / "set", RULES)))
    assert repr(policy.enforced(REVEAL)) == repr(policy.decide(REVEAL))
