"""How the two identities stand at Vault."""

from __future__ import annotations

from broker.telemetry.vault_gauges import logins
from tests.broker.telemetry.logins import vaults


def test_each_identity_by_itself() -> None:
    """Whether its last login worked, and how long its token lives: 0 where there is none."""
    found = logins(vaults({"revoker": "Vault is sealed"}))
    assert found.get_sample_value("broker_vault_login_up", {"identity": "issuer"}) == 1
    assert found.get_sample_value("broker_vault_login_up", {"identity": "revoker"}) == 0
    assert found.get_sample_value("broker_vault_login_left_seconds", {"identity": "issuer"}) == 1200
    assert found.get_sample_value("broker_vault_login_left_seconds", {"identity": "revoker"}) == 0


def test_without_vault_there_are_none() -> None:
    """Absent, not 0: nobody is woken for a login that nobody needs."""
    assert list(logins(None).collect()) == []
