"""Certificates of a real Vault's pki engine: in a real TLS handshake, and on the revocation list afterwards."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from broker.errors import MaybeIssued, SourceFailed
from broker.issue.source import MintRequest
from broker.lease import Minted
from broker.receipt import Revocation
from tests.servers.certificates import Authority
from tests.servers.engines import ALT_NAME, COMMON_NAME, Engines
from tests.servers.loopback import Request, forward, loopback, reply
from tests.vault.tasks import lease, name, request

pytestmark = pytest.mark.vault


def ordered(ready: Engines, grant: str, ttl: int = 120) -> MintRequest:
    """An order of a new task."""
    task = name("task")
    parent, _ = ready.parents.open_parent(task, (ready.grants[grant],), 300)
    return request(task, ready.grants[grant], parent, ttl)


def mint(ready: Engines, grant: str = "pki", ttl: int = 120) -> tuple[MintRequest, Minted]:
    """A certificate for a new task."""
    order = ordered(ready, grant, ttl)
    return order, ready.pki().mint(order)


def revoked(ready: Engines) -> x509.CertificateRevocationList:
    """The list that Vault publishes now, asked for without any token."""
    pem = ready.server.do("GET", f"{ready.table.pki_mount}/cert/crl")["data"]["certificate"]
    return x509.load_pem_x509_crl(pem.encode())


def serial_of(text: str) -> int:
    """The number in the engine's own writing."""
    return int(text.replace(":", "").replace("-", ""), 16)


def certificate(minted: Minted) -> x509.Certificate:
    """As handed out."""
    return x509.load_pem_x509_certificate(minted.fields["certificate"].reveal().encode())


class Server:
    """A TLS server that asks for a client's certificate of the engine's authority, and reads its revocation list."""

    def __init__(self, ready: Engines, folder: Path) -> None:
        self.ready, self.folder = ready, folder
        self.own = Authority(folder / "own")
        self.pair = self.own.issue("localhost", "127.0.0.1")

    def lets_in(self, minted: Minted) -> bool:
        """Whether a request with this client certificate is answered."""
        trusted = self.folder / "clients.pem"
        lists = revoked(self.ready).public_bytes(Encoding.PEM)
        trusted.write_bytes(minted.fields["ca_chain"].reveal().encode() + b"\n" + lists)
        context = self.pair.server_context(trusted)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        with loopback(lambda _: reply(200, {"in": True}), tls=context) as server:
            link = http.client.HTTPSConnection(urlsplit(server.address).netloc, timeout=10, context=self.client(minted))
            try:
                link.request("GET", "/")
                return link.getresponse().status == 200
            except (ssl.SSLError, ConnectionError):
                return False
            finally:
                link.close()

    def client(self, minted: Minted) -> ssl.SSLContext:
        """A client that has the credential as it is handed out."""
        file = self.folder / "client.pem"
        file.write_text("\n".join(minted.fields[key].reveal() for key in ("certificate", "private_key")))
        context = ssl.create_default_context(cafile=str(self.own.file))
        context.load_cert_chain(file)
        return context


def test_a_certificate_is_a_client_certificate_until_it_is_revoked(ready_engines: Engines, tmp_path: Path) -> None:
    """A real handshake on both sides; after the revocation the serial is on the list and the server says no."""
    server, (order, minted) = Server(ready_engines, tmp_path), mint(ready_engines)
    assert server.lets_in(minted)
    serial = certificate(minted).serial_number
    assert revoked(ready_engines).get_revoked_certificate_by_serial_number(serial) is None
    for _ in range(2):
        line = ready_engines.pki().revoke(lease(order, minted))
        assert line.revocation is Revocation.CONFIRMED
        assert minted.source_lease.partition(" ")[2] in line.detail
    assert revoked(ready_engines).get_revoked_certificate_by_serial_number(serial) is not None
    assert not server.lets_in(minted)
    assert server.lets_in(mint(ready_engines)[1]), "another certificate is not on the list"


def test_a_certificate_has_the_grants_names_and_life(ready_engines: Engines) -> None:
    """And what is told as its end is its own."""
    _, minted = mint(ready_engines, ttl=60)
    made = certificate(minted)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {COMMON_NAME, ALT_NAME}
    assert minted.expires_at == int(made.not_valid_after_utc.timestamp())
    assert set(minted.fields) == {"certificate", "private_key", "issuing_ca", "ca_chain"}


def test_a_role_without_leases_hands_out_nothing(ready_engines: Engines) -> None:
    """What could not be taken back is refused, with the setting that is missing; no token is left."""
    order = ordered(ready_engines, "pki_plain")
    with pytest.raises(SourceFailed, match="without a lease") as refused:
        ready_engines.pki().mint(order)
    assert "generate_lease" in refused.value.fix
    assert ready_engines.pki().recover(lease(order)).revocation is Revocation.NOTHING


def test_a_name_outside_the_role_is_refused(ready_engines: Engines) -> None:
    """Vault's own role bounds the grant."""
    order = ordered(ready_engines, "pki_foreign")
    with pytest.raises(SourceFailed, match="the role does not allow this name"):
        ready_engines.pki().mint(order)
    assert ready_engines.pki().recover(lease(order)).revocation is Revocation.NOTHING


def test_a_life_that_vault_cuts_is_taken_back(ready_engines: Engines) -> None:
    """The role allows half a minute: what was asked for and what came differ, so nothing is handed out."""
    order, mount = ordered(ready_engines, "pki_short"), ready_engines.table.pki_mount
    before = set(ready_engines.server.do("LIST", f"{mount}/certs")["data"]["keys"])
    with pytest.raises(MaybeIssued, match="warned"):
        ready_engines.pki().mint(order)
    made = set(ready_engines.server.do("LIST", f"{mount}/certs")["data"]["keys"]) - before
    assert ready_engines.pki().recover(lease(order)).revocation is Revocation.NOTHING
    until, told = time.monotonic() + 20, False
    while not told and time.monotonic() < until:
        told = {serial_of(one) for one in made} <= {one.serial_number for one in revoked(ready_engines)}
    assert told


def test_a_lost_certificate_is_found_by_its_intent_and_revoked(ready_engines: Engines) -> None:
    """The answer is dropped after the work: the newest certificate of the engine is on the list after recovery."""
    order, mount = ordered(ready_engines, "pki"), ready_engines.table.pki_mount
    seen: list[bytes] = []

    def swallow(asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        if "/issue/" not in asked.path:
            return reply(status, body)
        seen.append(body)
        return None

    _, neighbour = mint(ready_engines)
    with loopback(forward(ready_engines.server.address, swallow)) as proxy, pytest.raises(MaybeIssued):
        ready_engines.pki(ready_engines.through(proxy.address)).mint(order)
    serials = set(ready_engines.server.do("LIST", f"{mount}/certs")["data"]["keys"])
    line = ready_engines.pki().recover(lease(order))
    assert line.revocation is Revocation.CONFIRMED
    lost = next(one for one in serials if one.replace("-", ":").encode() in seen[0])
    listed = revoked(ready_engines)
    assert listed.get_revoked_certificate_by_serial_number(serial_of(lost)) is not None
    assert listed.get_revoked_certificate_by_serial_number(certificate(neighbour).serial_number) is None
    assert ready_engines.pki().recover(lease(order)).revocation is Revocation.NOTHING


def test_all_certificates_of_a_task_go_with_its_parent(ready_engines: Engines) -> None:
    """Closing the parent alone revokes them, as Vault works through their leases."""
    task = name("task")
    parent, accessor = ready_engines.parents.open_parent(task, (ready_engines.grants["pki"],), 300)
    orders = [request(task, ready_engines.grants["pki"], parent) for _ in range(3)]
    minted = [ready_engines.pki().mint(order) for order in orders]
    ready_engines.parents.close_parent(accessor)
    for order, one in zip(orders, minted, strict=True):
        assert ready_engines.pki().revoke(lease(order, one)).revocation is Revocation.CONFIRMED
        serial = certificate(one).serial_number
        assert revoked(ready_engines).get_revoked_certificate_by_serial_number(serial) is not None
