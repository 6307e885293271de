"""How the broker's two identities stand at Vault, at the moment of a scrape. Nobody logs in for that."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge

from broker.vault_config import Vaults


def logins(vaults: Vaults | None) -> CollectorRegistry:
    """A gauge per identity; none without Vault."""
    registry = CollectorRegistry()
    if vaults is None:
        return registry
    up = Gauge(
        "broker_vault_login_up",
        "Whether the identity's last login or renewal at Vault worked (1) or not (0).",
        ("identity",),
        registry=registry,
    )
    left = Gauge(
        "broker_vault_login_left_seconds",
        "How long the identity's token still lives (0: it has none).",
        ("identity",),
        registry=registry,
    )
    problems = vaults.problems()
    for name, vault in (("issuer", vaults.issuer), ("revoker", vaults.revoker)):
        up.labels(name).set(0 if name in problems else 1)
        left.labels(name).set(max(0.0, vault.login.left() or 0.0))
    return registry
