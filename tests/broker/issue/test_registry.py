"""The table of sources: what a policy may name, and with which scope."""

from __future__ import annotations

import dataclasses
import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from broker.errors import Refused
from broker.grant import Grant
from broker.issue.aws_sts import LEAST_TTL
from broker.issue.registry import KINDS, NAMES, require_fit, require_known, usable
from broker.task_policy import GrantFile
from broker.testing import task_policy
from secretguard.errors import ConfigError


def test_every_source_declares_its_scope() -> None:
    """None can be added without saying which keys its grants have."""
    assert set(KINDS) == set(NAMES)


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        (Grant("g", "identity", {}, 60), r"tasks/work.toml:1: grants.g.scope.audience: is missing"),
        (Grant("g", "identity", {"audience": "a", "role": "r"}, 60), r"grants.g.scope.role: is no key"),
        (Grant("g", "database", {"policy": "p"}, 60), r"grants.g.scope.role: is missing"),
        (Grant("g", "database", {"policy": "p", "role": "r", "port": "x"}, 60), r"scope.port: 'x' is not a port"),
        (Grant("g", "vault_token", {"policy": "a.b"}, 60), r"scope.policy: 'a.b' is not 1 to 64"),
        (Grant("g", "nowhere", {}, 60), r"tasks/work.toml:1: grants.g.source: 'nowhere'"),
    ],
    ids=str,
)
def test_a_wrong_scope_is_refused_when_the_policy_is_loaded(grant: Grant, words: str) -> None:
    """With file and field, and with the keys that the source has."""
    with pytest.raises(ConfigError, match=words):
        require_known({"work": task_policy(grant)}, NAMES)


@pytest.mark.parametrize("source", sorted(set(KINDS) - {"vault_token"}))
def test_a_cap_on_uses_that_nobody_counts_is_refused(source: str) -> None:
    """In a policy when it is loaded, in a request when it asks: a limit that is not kept is worse than none."""
    scope = {"audience": "a"}
    grant = Grant("g", "identity", scope, 60, uses=3)
    with pytest.raises(ConfigError, match=r"grants.g.uses: identity cannot count uses"):
        require_known({"work": task_policy(grant)}, NAMES)
    with pytest.raises(Refused, match=f"{source} cannot count uses"):
        require_fit(Grant("g", source, {}, 3600, uses=1, delivery="inject"), "inject", 3600)
    require_fit(Grant("g", "vault_token", {"policy": "p"}, 60, uses=1), "socket", 60)


def test_the_guides_examples_are_good_grants() -> None:
    """Each as printed, in its grant's form and with its source's scope; every source has one."""
    text = (Path(__file__).parents[3] / "docs" / "guide" / "sources.md").read_text("utf-8")
    blocks = [textwrap.dedent(found) for found in re.findall(r"(?m)^    \[grants\.\w+\]\n(?:^    .*\n)+", text)]
    grants = []
    for block in blocks:
        ((name, table),) = tomllib.loads(block)["grants"].items()
        grants.append(Grant(name=name, **GrantFile.model_validate(table).model_dump()))
    require_known({"work": task_policy(*grants)}, NAMES)
    assert {grant.source for grant in grants} == set(NAMES)


def test_good_scopes_pass() -> None:
    """Required keys alone, and with optional ones."""
    scopes = {"identity": {"audience": "a"}, "vault_token": {"policy": "p"}, "database": {"policy": "p", "role": "r"}}
    grants = [Grant(source, source, scope, 60) for source, scope in scopes.items()]
    where = {"host": "db.example.org", "port": "5432", "database": "orders"}
    grants.append(Grant("db", "database", {**scopes["database"], **where}, 60))
    require_known({"work": task_policy(*grants)}, NAMES)


AWS = {"role": "arn:aws:iam::123456789012:role/r", "actions": "s3:PutObject", "resources": "arn:aws:s3:::r/*"}


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        (
            Grant("g", "static", {"name": "n"}, 60),
            r"work.toml:1: grants.g.delivery: static is for injection",
        ),
        (Grant("g", "aws_sts", AWS, LEAST_TTL - 1), r"tasks/work.toml:1: grants.g.ttl: 924 s is shorter"),
    ],
    ids=str,
)
def test_what_a_source_does_not_offer_is_refused_when_the_policy_is_loaded(grant: Grant, words: str) -> None:
    """A value that may not enter the sandbox, and a life that AWS does not give."""
    with pytest.raises(ConfigError, match=words) as refused:
        require_known({"work": task_policy(grant)}, NAMES)
    assert refused.value.fix
    good = dataclasses.replace(grant, delivery="inject", ttl=LEAST_TTL)
    require_known({"work": task_policy(good)}, NAMES)


@pytest.mark.parametrize(("source", "table"), [("database", "vault"), ("aws_sts", "aws"), ("github_app", "github")])
def test_a_source_whose_table_is_missing_is_named(source: str, table: str) -> None:
    """So that nobody looks for a mistake in the policy."""
    assert source not in usable(())
    assert source in usable((table,))
    with pytest.raises(ConfigError, match=rf"needs a \[{table}\] table"):
        require_known({"work": task_policy(Grant("g", source, {}, 60))}, usable(()))


def test_what_is_asked_for_must_fit() -> None:
    """Injection alone stays outside; what may enter the sandbox may stay outside too; AWS wants its quarter hour."""
    inside = Grant("g", "identity", {"audience": "a"}, 60)
    outside = dataclasses.replace(inside, delivery="inject")
    kept = Grant("g", "static", {"name": "n"}, 60)  # as an older policy might say it
    for grant, delivery, good in (
        (inside, "socket", True),
        (inside, "inject", True),
        (outside, "inject", True),
        (kept, "inject", True),
        (outside, "socket", False),
        (outside, "", False),
        (kept, "socket", False),
    ):
        if good:
            require_fit(grant, delivery, 60)
            continue
        with pytest.raises(Refused, match="does not enter the sandbox"):
            require_fit(grant, delivery, 60)
    session = Grant("g", "aws_sts", AWS, LEAST_TTL)
    require_fit(session, "socket", LEAST_TTL)
    with pytest.raises(Refused, match="925 is the least") as refused:
        require_fit(session, "socket", LEAST_TTL - 1)
    assert refused.value.rule == "least-ttl"


def test_a_tenants_source_is_held_to_the_same() -> None:
    """`static@acme` is `static`: neither the loader nor the front door is passed by another name."""
    names = (*NAMES, "static@acme", "vault_token@acme", "aws_sts@acme")
    capped = Grant("g", "vault_token@acme", {"policy": "p"}, 60, uses=3)
    require_known({"work": task_policy(capped)}, names)
    require_fit(capped, "socket", 60)
    for bad in (Grant("g", "static@acme", {"name": "n"}, 60), Grant("g", "aws_sts@acme", AWS, 60)):
        with pytest.raises(ConfigError):
            require_known({"work": task_policy(bad)}, names)
        with pytest.raises(Refused):
            require_fit(bad, "socket", 60)
