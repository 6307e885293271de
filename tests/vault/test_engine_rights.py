"""What `vault setup` gives the token of one lease at ssh, pki and kv engines: that one thing, tried on a real Vault."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker import vault_plan, vault_setup
from tests.servers.engines import ALT_NAME, COMMAND, COMMON_NAME, LONGEST_TASK, PRINCIPAL, Engines

pytestmark = pytest.mark.vault

KEY = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
SIGN = {"public_key": KEY, "ttl": "60s", "cert_type": "user", "valid_principals": PRINCIPAL}
FORCED = {**SIGN, "critical_options": {"force-command": COMMAND}}
ISSUE = {"ttl": "60s", "common_name": COMMON_NAME, "alt_names": ALT_NAME}


def holder(ready: Engines, grant: str) -> str:
    """A token with the policy of that grant's leases, as nobody ever gets it."""
    body = {"policies": [ready.grants[grant].scope["policy"]], "no_default_policy": True, "ttl": "60s"}
    token: str = ready.server.do("POST", "auth/token/create", body)["auth"]["client_token"]
    return token


@pytest.mark.parametrize(
    ("grant", "role", "body", "allowed"),
    [
        ("ssh", "agent", SIGN, True),
        ("ssh", "agent", {**SIGN, "valid_principals": "root"}, False),
        ("ssh", "agent", {**SIGN, "valid_principals": f"{PRINCIPAL},root"}, False),
        ("ssh", "agent", {**SIGN, "cert_type": "host"}, False),
        ("ssh", "agent", {**SIGN, "extensions": {"permit-pty": ""}}, False),
        ("ssh", "agent", {**SIGN, "key_id": "somebody"}, False),
        ("ssh", "agent", {"public_key": KEY, "ttl": "60s", "cert_type": "user"}, False),
        ("ssh", "wide", SIGN, False),
        ("ssh_command", "agent", FORCED, True),
        ("ssh_command", "agent", SIGN, False),
    ],
)
def test_one_principal_is_signed_for(
    ready_engines: Engines, grant: str, role: str, body: dict[str, object], allowed: bool
) -> None:
    """Vault itself refuses another principal, kind, permission, role, and a signature without the restrictions."""
    path = f"{ready_engines.table.ssh_mount}/sign/{role}"
    status, _ = ready_engines.server.call("POST", path, body, holder(ready_engines, grant))
    assert status == (200 if allowed else 403)


@pytest.mark.parametrize(
    ("role", "body", "allowed"),
    [
        ("agent", ISSUE, True),
        ("agent", {**ISSUE, "common_name": "other.example.org"}, False),
        ("agent", {**ISSUE, "alt_names": f"{ALT_NAME},other.example.org"}, False),
        ("agent", {**ISSUE, "uri_sans": "spiffe://example.org/x"}, False),
        ("agent", {"ttl": "60s"}, False),
        ("plain", ISSUE, False),
    ],
)
def test_one_name_is_certified(ready_engines: Engines, role: str, body: dict[str, object], allowed: bool) -> None:
    """Vault itself refuses another name, one more, and another role."""
    path = f"{ready_engines.table.pki_mount}/issue/{role}"
    status, _ = ready_engines.server.call("POST", path, body, holder(ready_engines, "pki"))
    assert status == (200 if allowed else 403)


def test_nothing_else_of_the_engines_may_be_touched(ready_engines: Engines) -> None:
    """No configuration, no role, no other secret, no list, no writing."""
    table = ready_engines.table
    for grant, tries in {
        "ssh": [("GET", f"{table.ssh_mount}/roles/agent"), ("POST", f"{table.ssh_mount}/config/ca")],
        "pki": [
            ("POST", f"{table.pki_mount}/sign/agent"), ("POST", f"{table.pki_mount}/revoke"),
            ("LIST", f"{table.pki_mount}/certs"), ("GET", f"{table.pki_mount}/roles/agent"),
        ],
        "kv": [
            ("POST", f"{table.kv_mount}/data/apps/ci"), ("GET", f"{table.kv_mount}/data/apps/cia"),
            ("GET", f"{table.kv_mount}/metadata/apps/ci"), ("LIST", f"{table.kv_mount}/metadata/apps"),
            ("DELETE", f"{table.kv_mount}/data/apps/ci"), ("GET", f"{table.kv_mount}/data/apps/ci/more"),
        ],
    }.items():  # fmt: skip
        token = holder(ready_engines, grant)
        for method, path in [*tries, ("POST", "auth/token/create"), ("GET", "auth/token/lookup-self")]:
            assert ready_engines.server.call(method, path, {} if method == "POST" else None, token)[0] == 403, path
    read = ready_engines.server.call("GET", f"{table.kv_mount}/data/apps/ci", token=holder(ready_engines, "kv"))
    assert read[0] == 200


def test_setup_names_the_roles_that_lack_something(ready_engines: Engines) -> None:
    """From what Vault tells of each role; those that are good are left without a word."""
    table, admin = ready_engines.table, ready_engines.server.root()
    wanted = vault_plan.plan(table, ready_engines.grants.values(), LONGEST_TASK)
    steps = {step.thing: step.done for step in vault_setup.apply(admin, wanted)}
    admin.close()
    weak = {thing for thing, done in steps.items() if done == "weak"}
    assert len(weak) == 1
    assert f"{table.pki_mount}/roles/plain (yours): its certificates cannot be taken back" in weak.pop()
    assert steps[f"ssh role {table.ssh_mount}/roles/agent (yours)"] == "unchanged"
    assert steps[f"pki role {table.pki_mount}/roles/agent (yours)"] == "unchanged"
