"""Source `pki`: a private key and a certificate of Vault's pki engine (`scope.role`), revoked again with its lease.

The role must have `generate_lease`: then the certificate is a lease below the token of ours, so a lost answer is found
by that token, and its death revokes the certificate. CONFIRMED says that Vault has revoked it: a party that neither
reads Vault's list (which may follow later, `auto_rebuild`) nor asks its OCSP accepts it until it expires.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from broker.errors import MaybeIssued, SourceFailed
from broker.grant import Grant
from broker.issue import vault_mint
from broker.issue.scope import DNS_NAME, VAULT_NAME, Scope, listed, matching
from broker.issue.source import MintRequest, line
from broker.issue.vault_lease import EngineLease
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from broker.vault import segments
from broker.vault_answer import Answer
from broker.vault_rule import Rule
from secretguard.secret import Secret

URI = matching(
    "a URI such as spiffe://example.org/task", re.compile(r"[a-z][a-z0-9+.-]{0,31}://[A-Za-z0-9._:/@-]{1,200}")
)
COMMON_NAME = matching(
    "a name of 1 to 64 letters, digits, . _ @ and -", re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}")
)
SERIAL = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){0,20}")

SLACK = 60
"""Seconds between Vault's clock and ours that are forgiven in how long a certificate is valid."""


@dataclasses.dataclass(frozen=True, slots=True)
class VaultPkiSource(EngineLease):
    """Implements `Source` on the pki engine at `mount`."""

    gives: ClassVar[str] = "issue"
    end: ClassVar[str] = "the certificate is revoked"
    late: ClassVar[str] = "Vault has not revoked the certificate yet, and goes on trying"
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope(
        {"policy": VAULT_NAME, "role": VAULT_NAME, "common_name": COMMON_NAME},
        {"alt_names": listed(DNS_NAME), "uri_sans": listed(URI)},
    )

    def mint(self, request: MintRequest) -> Minted:
        """See `broker/issue/source.py`."""
        grant = request.grant
        path = (*segments(self.mount), self.gives, grant.scope.get("role", ""))
        token, answer = self._once(request, path, {"ttl": f"{request.ttl}s", **asked(grant.scope)})
        answer.or_maybe(f"a certificate for grant {grant.name}")
        if not answer.lease_id:  # the certificate stays valid, but its private key was in this answer alone
            vault_mint.discard(self.revoker, token.accessor)
            raise SourceFailed(
                f"role {grant.scope['role']} makes certificates without a lease: they cannot be taken back",
                "its owner sets generate_lease = true",
            )
        certificate = _read(answer)
        wrong = "Vault warned about it" if answer.warnings else _wrong(certificate, grant, request.ttl)
        if wrong or certificate is None:
            vault_mint.discard(self.revoker, token.accessor)  # queues its revocation; only recovery can confirm it
            raise MaybeIssued(f"Vault made a certificate that was not asked for ({wrong})", "recovery revokes it")
        expires = int(certificate.not_valid_after_utc.timestamp())
        serial = str(answer.data["serial_number"])
        return Minted(_fields(answer), token.accessor, f"{answer.lease_id} {serial}", expires)

    def _taken_back(self, lease: Lease) -> Line:
        """The lease is gone; whether the certificate is revoked Vault tells anybody, by its serial."""
        if time.time() >= lease.expires_at:
            return line(lease, Revocation.CONFIRMED, "the certificate has expired")
        serial = lease.source_lease.partition(" ")[2]
        answer = self.revoker.ask_openly("get", *segments(self.mount), "cert", serial.replace(":", "-"))
        if answer.or_failed("looking a certificate up").data.get("revocation_time"):
            detail = f"Vault has revoked {serial}; who asks neither its list nor its OCSP accepts it until it expires"
            return line(lease, Revocation.CONFIRMED, detail)
        return line(lease, Revocation.EXPIRES, f"its lease is gone, yet Vault has not revoked {serial}")


def asked(scope: Mapping[str, str]) -> dict[str, object]:
    """What is asked for beside the lifetime: the grant alone decides it."""
    return {key: scope[key] for key in ("common_name", "alt_names", "uri_sans") if key in scope}


def _fields(answer: Answer) -> dict[str, Secret]:
    chain = answer.data.get("ca_chain")
    links = [one for one in chain if isinstance(one, str)] if isinstance(chain, list) else []
    texts = {key: str(answer.data[key]) for key in ("certificate", "private_key", "issuing_ca")}
    texts["ca_chain"] = "\n".join(links or [texts["issuing_ca"]])
    return {key: Secret(text) for key, text in texts.items()}


def _read(answer: Answer) -> x509.Certificate | None:
    """The certificate, when the private key beside it is its own and its serial is the one told."""
    data = answer.data
    texts = [data.get(key) for key in ("certificate", "private_key", "issuing_ca", "serial_number")]
    if not all(isinstance(text, str) and text for text in texts):
        return None
    pem, private, _, serial = map(str, texts)
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        own = load_pem_private_key(private.encode(), None).public_key()
        same = _der(own) == _der(certificate.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    told = SERIAL.fullmatch(serial) and int(serial.replace(":", ""), 16) == certificate.serial_number
    return certificate if same and told else None


def _der(key: Any) -> bytes:
    raw: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return raw


def _wrong(certificate: x509.Certificate | None, grant: Grant, ttl: int) -> str:
    """The first thing that is not as asked for, in our own words; empty when all is."""
    if certificate is None:
        return "it is not readable, or not of the key beside it"
    scope = grant.scope
    names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [scope.get("common_name", "")]:
        return "another common name"
    if _alternatives(certificate) - {*names, *_listed(scope, "alt_names"), *_listed(scope, "uri_sans")}:
        return "more names than the grant has"
    if _is_authority(certificate):
        return "an authority's certificate"
    if not time.time() < certificate.not_valid_after_utc.timestamp() <= time.time() + ttl + SLACK:
        return "another lifetime"
    return ""


def _listed(scope: Mapping[str, str], key: str) -> list[str]:
    return scope[key].split(",") if key in scope else []


def _alternatives(certificate: x509.Certificate) -> set[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in found}


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def policy_rules(mount: str, scope: Mapping[str, str]) -> tuple[Rule, ...]:
    """What the token of one lease may do: see `broker/issue/vault_rules.py`."""
    why = "Make one certificate for one name, once a lease; nothing else. Never handed out."
    allowed: dict[str, tuple[object, ...]] = {"ttl": (), **{key: (value,) for key, value in asked(scope).items()}}
    return (Rule(f"{mount}/issue/{scope.get('role', '')}", ("update",), why, tuple(allowed), allowed),)


def revoker_rules(mount: str) -> tuple[Rule, ...]:
    """What the revoker needs to see that the certificates of a lost token are revoked."""
    why = (
        "sudo, because Vault asks for it on every listing of leases: to see that the certificates of a lost token are "
        "revoked."
    )
    return (Rule(f"sys/leases/lookup/{mount}/issue/+/", ("list", "sudo"), why),)


def weakness(role: Mapping[str, Any]) -> str:
    """What a role of the pki engine lacks for its certificates to be taken back."""
    if not role.get("generate_lease"):
        return "its certificates cannot be taken back, so none is issued; set generate_lease = true"
    return ""
