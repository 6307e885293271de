"""What each source needs in Vault: held to one shape."""

from __future__ import annotations

import pytest

from broker.issue import registry
from broker.issue.vault_rules import ENGINES, HANDED_OUT, SOURCES
from broker.vault_config import IdentityTable, VaultTable

LOGIN = IdentityTable(token_file="/t")
TABLE = VaultTable(address="https://v.example.org", issuer=LOGIN, revoker=LOGIN)


def test_every_vault_source_says_what_it_needs() -> None:
    """A source that the registry builds and the plan does not know would have no policy."""
    assert set(registry.VAULT) == SOURCES
    assert not HANDED_OUT & ENGINES.keys()


@pytest.mark.parametrize("name", ENGINES)
def test_the_revoker_only_looks_and_lists(name: str) -> None:
    """Taking back needs no right to write, and what has sudo says why."""
    needs = ENGINES[name]
    for rule in needs.revoker(needs.mount(TABLE)):
        assert set(rule.capabilities) <= {"read", "list", "update", "sudo"}
        if "sudo" in rule.capabilities:
            assert "sudo, because" in rule.why
