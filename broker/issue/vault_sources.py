"""Everything of `broker/issue` that stands on Vault, built from the `[vault]` table: what `registry.py` registers."""

from __future__ import annotations

from broker.issue.source import ParentSource, Source
from broker.issue.vault_database import VaultDatabaseSource
from broker.issue.vault_parent import VaultParent
from broker.issue.vault_token import VaultTokenSource
from broker.vault_config import Vaults, VaultTable


def build(table: VaultTable, vaults: Vaults) -> tuple[ParentSource, dict[str, Source]]:
    """The parent source, and the sources by the name that grants use."""
    issuer, revoker = vaults.issuer, vaults.revoker
    parent = VaultParent(issuer, revoker, table.task_role)
    return parent, {
        "vault_token": VaultTokenSource(issuer, revoker),
        "database": VaultDatabaseSource(issuer, revoker, table.database_mount),
    }
