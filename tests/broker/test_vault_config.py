"""The `[vault]` table: strict, and every mistake named with its line."""

from __future__ import annotations

import pytest

from broker.toml_file import StrictModel, parse
from broker.vault_config import VaultTable, connect
from broker.vault_identity import AppRole, TokenFile
from secretguard.errors import ConfigError

GOOD = """\
[vault]
address = "https://vault.example.org:8200"
[vault.issuer]
role_id_file = "/etc/i.role"
secret_id_file = "/etc/i.secret"
mount = "team/approle"
[vault.revoker]
token_file = "/run/agent/token"
"""


class File(StrictModel):
    """A configuration of this table alone."""

    vault: VaultTable


def test_both_ways_to_log_in() -> None:
    """An AppRole with its mount, and a token file; names follow the prefix; nothing is sent by connecting."""
    table = parse("b.toml", GOOD.encode(), File).vault
    assert table.issuer.identity() == AppRole("/etc/i.role", "/etc/i.secret", "team/approle")
    assert table.revoker.identity() == TokenFile("/run/agent/token")
    assert (table.task_role, table.issuer_role, table.revoker_role) == (
        "secretguard-task", "secretguard-issuer", "secretguard-revoker",
    )  # fmt: skip
    connect(table).close()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"https://vault.example.org:8200"', '"http://vault.example.org:8200"', 1),
        ('"https://vault.example.org:8200"', '"https://me:pw@vault.example.org"', 1),
        ("[vault.issuer]", 'token = "x"\n[vault.issuer]', 3),
        ("[vault.issuer]", 'prefix = "a/../b"\n[vault.issuer]', 3),
        ("[vault.issuer]", 'database_mount = "../sys"\n[vault.issuer]', 3),
        ("[vault.issuer]", "seconds = 0\n[vault.issuer]", 3),
        ("[vault.issuer]", 'namespace = "a b"\n[vault.issuer]', 1),
        ('secret_id_file = "/etc/i.secret"\n', "", 3),
        ('token_file = "/run/agent/token"', 'token_file = "/t"\nrole_id_file = "/r"\nsecret_id_file = "/s"', 7),
        ('token_file = "/run/agent/token"', "", 7),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int) -> None:
    """No unknown key, no half login, no address or name that could lead elsewhere."""
    assert old in GOOD
    with pytest.raises(ConfigError, match=f"^b.toml:{line}: vault"):
        parse("b.toml", GOOD.replace(old, new).encode(), File)
