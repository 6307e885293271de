"""Source `ssh`: a key and a certificate for it, signed by Vault's ssh engine (`scope.role`), for one principal.

The key pair is made here and only its public half is sent, so a certificate whose answer was lost, or that was never
released, is of use to nobody. A certificate that was handed out cannot be called back: Vault keeps no lease of it, and
sshd asks nobody. It is short-lived, and a receipt names its serial for the hosts' list of revoked keys (`RevokedKeys`,
sshd_config(5)). The lease's own token signs once and is spent by that.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from broker.errors import SourceFailed
from broker.grant import Grant
from broker.issue import vault_accessors, vault_mint
from broker.issue.scope import HOST, NETWORK, PORT, VAULT_NAME, Scope, listed, matching
from broker.issue.source import MintRequest, line
from broker.issue.vault_lease import TokenLease
from broker.lease import Lease, LeaseState, Minted
from broker.receipt import Line, Revocation
from broker.vault import segments
from broker.vault_rule import Rule
from secretguard.secret import Secret

PRINCIPAL = matching("a name of 1 to 64 letters, digits, . _ @ and -", re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}"))
COMMAND = matching("a command of plain words", re.compile(r"[A-Za-z0-9_.,:/@=+-]+( [A-Za-z0-9_.,:/@=+-]+)*"))
EXTENSION = matching("an extension such as permit-pty", re.compile(r"[a-z][A-Za-z0-9@.-]{0,63}"))

OPTIONS = {"command": "force-command", "sources": "source-address"}
"""Key of the scope → critical option of the certificate (PROTOCOL.certkeys of OpenSSH), which sshd must obey."""

PLAIN_SCOPE = ("host", "port")
"""Parts of the scope that go into the credential as they are: where it can be used."""

SLACK = 30
"""Seconds between Vault's clock and ours that are forgiven in how long a certificate is valid."""

UNRELEASED = (LeaseState.INTENDED, LeaseState.MINTED, LeaseState.UNCERTAIN, LeaseState.FAILED)


@dataclasses.dataclass(frozen=True, slots=True)
class VaultSshSource(TokenLease):
    """Implements `Source` on the ssh engine at `mount`, whose role has `key_type` ca."""

    mount: str
    dies_with_parent: ClassVar[bool] = True
    hands_out: ClassVar[bool] = True
    end: ClassVar[str] = "the token is dead, and no key that it may have signed was handed out"
    scope: ClassVar[Scope] = Scope(
        {"policy": VAULT_NAME, "role": VAULT_NAME, "principal": PRINCIPAL},
        {
            "command": COMMAND, "sources": listed(NETWORK), "extensions": listed(EXTENSION),
            "host": HOST, "port": PORT,
        },
    )  # fmt: skip

    def mint(self, request: MintRequest) -> Minted:
        """See `broker/issue/source.py`."""
        grant = request.grant
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        path = (*segments(self.mount), "sign", grant.scope.get("role", ""))
        body = {"public_key": public, "ttl": f"{request.ttl}s", **asked(grant.scope)}
        token, answer = self._once(request, path, body, uses=1)
        answer.or_maybe(f"a certificate for grant {grant.name}")
        text = str(answer.data.get("signed_key") or "").strip()
        certificate = _read(text)
        wrong = "Vault warned about it" if answer.warnings else _wrong(certificate, public, grant, request.ttl)
        if wrong or certificate is None:
            vault_mint.discard(self.revoker, token.accessor)
            raise SourceFailed(f"Vault signed a certificate that was not asked for ({wrong}); its key is gone", _FIX)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        fields = {"private_key": private, "certificate": text, "principal": grant.scope["principal"]}
        fields |= {name: grant.scope[name] for name in PLAIN_SCOPE if name in grant.scope}
        secrets = {name: Secret(value) for name, value in fields.items()}
        return Minted(secrets, token.accessor, f"serial {certificate.serial}", certificate.valid_before)

    def revoke(self, lease: Lease) -> Line:
        """The token dies; a certificate that was handed out lives until it expires: EXPIRES, then CONFIRMED."""
        if not lease.accessor:
            return self.recover(lease)
        vault_accessors.kill(self.revoker, lease.accessor)
        if lease.state in UNRELEASED:
            return line(lease, Revocation.CONFIRMED, "its private key was never handed out")
        if time.time() >= lease.expires_at:
            return line(lease, Revocation.CONFIRMED, "the certificate has expired")
        detail = f"hosts accept the certificate with {lease.source_lease} until then, unless their RevokedKeys names it"
        return line(lease, Revocation.EXPIRES, detail)


_FIX = "compare the grant's scope with the role of Vault's ssh engine"


def asked(scope: Mapping[str, str]) -> dict[str, object]:
    """What a signature is asked for, beside key and lifetime: the grant alone decides it."""
    options = {option: scope[key] for key, option in OPTIONS.items() if key in scope}
    extensions = dict.fromkeys(_extensions(scope), "")
    body: dict[str, object] = {"cert_type": "user", "valid_principals": scope.get("principal", "")}
    return (
        body | ({"critical_options": options} if options else {}) | ({"extensions": extensions} if extensions else {})
    )


def _extensions(scope: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(filter(None, scope.get("extensions", "").split(",")))


def _read(text: str) -> SSHCertificate | None:
    try:
        found = load_ssh_public_identity(text.encode())
        if isinstance(found, SSHCertificate):
            found.verify_cert_signature()
            return found
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return None
    return None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _wrong(certificate: SSHCertificate | None, public: str, grant: Grant, ttl: int) -> str:
    """The first thing that is not as asked for, in our own words; empty when all is.

    Options of the role that restrict further are welcome; a permission beyond the grant's is not.
    """
    if certificate is None:
        return "it is not readable"
    own = certificate.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    options = {_text(name): _text(value) for name, value in certificate.critical_options.items()}
    if own != public or certificate.type is not SSHCertificateType.USER:
        return "another key, or no user's certificate"
    if certificate.valid_principals != [grant.scope.get("principal", "").encode()]:
        return "other principals"
    if any(options.get(option) != grant.scope[key] for key, option in OPTIONS.items() if key in grant.scope):
        return "its restrictions are not those of the grant"
    more = {_text(name) for name in certificate.extensions} - {*_extensions(grant.scope)}
    if more:
        return f"it has {', '.join(sorted(more))}, which scope.extensions does not name"
    now = time.time()
    if not now < certificate.valid_before <= now + ttl + SLACK:
        return "another lifetime"
    return ""


def policy_rules(mount: str, scope: Mapping[str, str]) -> tuple[Rule, ...]:
    """What the token of one lease may do: see `broker/issue/vault_rules.py`."""
    why = "Sign one key for one principal, once a lease; nothing else. Never handed out."
    body = asked(scope)
    fixed = {key: (value,) if isinstance(value, str) else () for key, value in body.items()}
    allowed: dict[str, tuple[object, ...]] = {"public_key": (), "ttl": (), **fixed}
    return (Rule(f"{mount}/sign/{scope.get('role', '')}", ("update",), why, tuple(allowed), allowed),)


def weakness(role: Mapping[str, Any]) -> str:
    """What a role of the ssh engine allows beside, or cannot do at all."""
    if role.get("key_type") != "ca" or not role.get("allow_user_certificates"):
        return 'it signs no certificates of users; set key_type = "ca" and allow_user_certificates'
    if role.get("default_critical_options") and not role.get("allowed_critical_options"):
        return "a grant's own options replace its default_critical_options; set allowed_critical_options"
    return ""
