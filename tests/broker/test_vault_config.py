"""The `[vault]` table: strict, and every mistake named with its line."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from broker.toml_file import StrictModel, parse
from broker.vault_config import VaultTable, connect
from broker.vault_identity import KUBERNETES_FILE, AppRole, PlatformToken, TokenFile, WrappedAppRole
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


def test_the_guides_examples_are_read() -> None:
    """As printed on its page."""
    page = (Path(__file__).parents[2] / "docs" / "guide" / "vault.md").read_text("utf-8")
    blocks = [textwrap.dedent(block) for block in re.findall(r"(?m)^    \[vault\]\n(?:(?:    .*)?\n)+", page)]
    first, second = (parse("guide", block.encode(), File).vault for block in blocks)
    assert first.issuer.wrapped_secret_id_file
    assert first.revoker.method == "kubernetes"
    assert second.of("acme").database_mount == "acme/db"


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
    ("text", "role", "mount"),
    [
        ('method = "kubernetes"', "secretguard-revoker", "kubernetes"),
        ('method = "kubernetes"\njwt_file = "/run/t"\nrole = "mine"\nmount = "k8s"', "mine", "k8s"),
        ('method = "jwt"\njwt_file = "/run/t"', "secretguard-revoker", "jwt"),
    ],
)
def test_a_platforms_token_logs_in_as_the_role_that_setup_names(text: str, role: str, mount: str) -> None:
    """The role, the mount and, in a pod, the file are known without being said."""
    table = parse("b.toml", GOOD.replace('token_file = "/run/agent/token"', text).encode(), File).vault
    jwt_file = "/run/t" if "jwt_file" in text else KUBERNETES_FILE
    assert connect(table).revoker.login._identity == PlatformToken(role, jwt_file, mount)


def test_a_wrapped_secret_id_must_come_from_its_own_role() -> None:
    """Where it was wrapped follows from mount and role."""
    text = GOOD.replace('secret_id_file = "/etc/i.secret"', 'wrapped_secret_id_file = "/w"')
    identity = connect(parse("b.toml", text.encode(), File).vault).issuer.login._identity
    assert isinstance(identity, WrappedAppRole)
    assert identity._made_at == "auth/team/approle/role/secretguard-issuer/secret-id"


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
        ('role_id_file = "/etc/i.role"\n', "", 3),
        ('mount = "team/approle"', 'wrapped_secret_id_file = "/w"', 3),
        ('mount = "team/approle"', 'jwt_file = "/j"', 3),
        ('mount = "team/approle"', 'method = "userpass"', 6),
        ('mount = "team/approle"', 'role = "a/b"', 6),
        ('token_file = "/run/agent/token"', 'method = "jwt"', 7),
        ('token_file = "/run/agent/token"', 'method = "kubernetes"\ntoken_file = "/t"', 7),
        ('token_file = "/run/agent/token"', 'token_file = "/t"\nmount = "jwt"', 7),
        ('token_file = "/run/agent/token"', 'token_file = "/t"\nrole_id_file = "/r"\nsecret_id_file = "/s"', 7),
        ('token_file = "/run/agent/token"', "", 7),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int) -> None:
    """No unknown key, no half login, no address or name that could lead elsewhere."""
    assert old in GOOD
    with pytest.raises(ConfigError, match=f"^b.toml:{line}: vault"):
        parse("b.toml", GOOD.replace(old, new).encode(), File)


def test_a_tenant_has_mounts_of_its_own() -> None:
    """Named after it unless the table says otherwise; everything else is the broker's."""
    more = '[vault.tenants.acme]\ndatabase_mount = "acme/db"\nkv_version = 1\n[vault.tenants.beta]\n'
    table = parse("b.toml", (GOOD + more).encode(), File).vault
    acme, beta = table.of("acme"), table.of("beta")
    assert (acme.database_mount, acme.ssh_mount, acme.kv_mount) == ("acme/db", "acme-ssh", "acme-secret")
    assert (beta.database_mount, beta.pki_mount) == ("beta-database", "beta-pki")
    assert (acme.kv_version, beta.kv_version) == (1, 2)
    assert (acme.task_role, acme.issuer) == (table.task_role, table.issuer)
    assert table.of("") is table
    with pytest.raises(KeyError):
        table.of("nobody")


@pytest.mark.parametrize(
    "more",
    [
        '[vault.tenants.acme]\ndatabase_mount = "database"',
        '[vault.tenants.acme]\nkv_mount = "pki"',
        '[vault.tenants.acme]\nssh_mount = "beta-ssh"\n[vault.tenants.beta]',
        "[vault.tenants.Acme]",
        "[vault.tenants.a_b]",
        '[vault.tenants.acme]\nnamespace = "x"',
        '[vault.tenants.acme]\npki_mount = "../sys"',
    ],
)
def test_tenants_share_no_mount(more: str) -> None:
    """Neither with each other nor with those who have no tenant; names and keys are strict."""
    with pytest.raises(ConfigError, match="vault"):
        parse("b.toml", (GOOD + more).encode(), File)
