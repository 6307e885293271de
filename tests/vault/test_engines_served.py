"""ssh, pki and kv in a real `broker serve`, from the policy's file to the receipt, with a real sshd at the end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from broker.client import Credential
from broker.errors import Refused
from broker.grant import Grant
from broker.lease import Minted
from broker.receipt import Revocation
from tests.broker.served import Served
from tests.servers.engines import COMMON_NAME, PRINCIPAL, Engines
from tests.servers.sshd import running_sshd

pytestmark = pytest.mark.vault


def task(grants: dict[str, Grant]) -> str:
    """A task policy's file with these grants."""
    lines = ['name = "work"', 'environment = "development"', "deadline = 900", f'launchers = ["unix:{os.geteuid()}"]']
    for name, grant in grants.items():
        scope = ", ".join(f"{key} = {json.dumps(value)}" for key, value in grant.scope.items())
        delivery = "inject" if grant.source == "kv" else "socket"
        lines += [f"[grants.{name}]", f'source = "{grant.source}"', f"scope = {{ {scope} }}", "ttl = 120"]
        lines.append(f'delivery = "{delivery}"')
    return "\n".join(lines)


def listed(served: Served) -> str:
    """The serials that hosts should refuse, as anybody may read them."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(served.socket)), timeout=20) as anybody:
        return anybody.get("http://broker/v1/ssh/revoked").raise_for_status().text


def test_a_task_uses_all_three(ready_engines: Engines, tmp_path: Path, part: Callable[[str], Path]) -> None:
    """One forced command at a host, a certificate of the grant's name, a value for the supervisor alone; the receipt
    says of each what is true, a host that reads the broker's list refuses the certificate at once, and no word of them
    is in the broker's files."""
    grants = {name: ready_engines.grants[name] for name in ("ssh_command", "pki", "kv")}
    served = Served(tmp_path, f"sqlite:///{tmp_path}/broker.db", {"work": task(grants)}, ready_engines.toml())
    authority = ready_engines.server.do("GET", f"{ready_engines.table.ssh_mount}/config/ca")["data"]["public_key"]
    with running_sshd(part("sshd"), authority, PRINCIPAL) as sshd, served.running(), served.client() as client:
        started = client.start_task("work", "use all three")
        session = client.activate(started.task_id, started.bootstrap)
        with pytest.raises(Refused, match="injection alone"):
            session.credentials("kv")
        given = {name: session.credentials(name, delivery="inject") for name in grants}
        fields = {name: one.fields for name, one in given.items() if isinstance(one, Credential)}
        certificate = Minted(fields["ssh_command"], "", "", 0)
        assert sshd.log_in(certificate, "id").stdout == "forced\n"
        assert x509.load_pem_x509_certificate(
            fields["pki"]["certificate"].reveal().encode()
        ).subject.rfc4514_string() == (f"CN={COMMON_NAME}")
        assert fields["kv"]["value"].reveal() == ready_engines.value(4)
        receipt = session.end()
        sshd.revoke(listed(served))
        assert "Permission denied" in sshd.log_in(certificate, "id").stderr
    outcomes = {line.grant: line.revocation for line in receipt.lines}
    assert outcomes == {"ssh_command": Revocation.EXPIRES, "pki": Revocation.CONFIRMED, "kv": Revocation.STANDING}
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert ready_engines.value(4).encode() not in written
    for name in ("ssh_command", "pki"):
        assert max(fields[name]["private_key"].reveal().split(), key=len).encode() not in written
