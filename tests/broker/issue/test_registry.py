"""The table of sources: what a policy may name, and with which scope."""

from __future__ import annotations

import pytest

from broker.grant import Grant
from broker.issue.registry import KINDS, NAMES, require_known
from broker.testing import task_policy
from secretguard.errors import ConfigError


def test_every_source_declares_its_scope() -> None:
    """None can be added without saying which keys its grants have."""
    assert set(KINDS) == set(NAMES)


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        (Grant("g", "identity", {}, 60), r"tasks/work.toml: grants.g.scope.audience: is missing"),
        (Grant("g", "identity", {"audience": "a", "role": "r"}, 60), r"grants.g.scope.role: is no key"),
        (Grant("g", "database", {"policy": "p"}, 60), r"grants.g.scope.role: is missing"),
        (Grant("g", "database", {"policy": "p", "role": "r", "port": "x"}, 60), r"scope.port: 'x' is not a port"),
        (Grant("g", "vault_token", {"policy": "a.b"}, 60), r"scope.policy: 'a.b' is not 1 to 64"),
        (Grant("g", "nowhere", {}, 60), r"tasks/work.toml: grants.g.source: 'nowhere'"),
    ],
    ids=str,
)
def test_a_wrong_scope_is_refused_when_the_policy_is_loaded(grant: Grant, words: str) -> None:
    """With file and field, and with the keys that the source has."""
    with pytest.raises(ConfigError, match=words):
        require_known({"work": task_policy(grant)}, NAMES)


def test_good_scopes_pass() -> None:
    """Required keys alone, and with optional ones."""
    scopes = {"identity": {"audience": "a"}, "vault_token": {"policy": "p"}, "database": {"policy": "p", "role": "r"}}
    grants = [Grant(source, source, scope, 60) for source, scope in scopes.items()]
    where = {"host": "db.example.org", "port": "5432", "database": "orders"}
    grants.append(Grant("db", "database", {**scopes["database"], **where}, 60))
    require_known({"work": task_policy(*grants)}, NAMES)
