"""Workloads over mutual TLS: a trust bundle for each trust domain, and whom a connection's certificate names.

OpenSSL checks the chain against all bundles together, so which authority it ended at is looked at here: one domain's
authority must not speak for another domain. Sessions are not resumed, since a resumed one is not checked again, and
what a connection proved counts at each request only while the certificate lasts and its authority is trusted.
"""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker.authenticate.identity import Identity
from broker.authenticate.spiffe import NotAWorkload, Svid, read
from broker.errors import Unauthenticated
from broker.private_file import private_bytes
from broker.tls_files import Reloading
from secretguard.errors import ConfigError

STATE_KEY = "secretguard.workload"
MAX_BUNDLE = 1024 * 1024
MAX_KEY = 64 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class MutualTls:
    """The files: certificate chain and key of the broker (PEM, the key its owner's alone), and trust domain → bundle
    of authorities (PEM)."""

    certificate: str
    key: str
    bundles: Mapping[str, str]

    def context(self) -> Reloading:
        """For the listener; follows the files. Raises ConfigError."""
        files = (self.certificate, self.key, *self.bundles.values())
        return Reloading(ssl.PROTOCOL_TLS_SERVER, self._load, files)

    def _load(self) -> ssl.SSLContext:
        context = _Loaded(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0
        context.verify_mode = ssl.CERT_REQUIRED
        private_bytes(self.key, MAX_KEY)
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{self.certificate}, {self.key}: no certificate with its key ({error})") from None
        context.authorities = {domain: _authorities(path, context) for domain, path in self.bundles.items()}
        return context


class _Loaded(ssl.SSLContext):
    """A context that knows which authorities (DER) are whose."""

    authorities: dict[str, frozenset[bytes]]


def _authorities(path: str, into: ssl.SSLContext) -> frozenset[bytes]:
    """The certificates of a bundle, made known to `into` as well. Raises ConfigError."""
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BUNDLE).decode("ascii")
        for context in (own, into):
            context.load_verify_locations(cadata=text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: no bundle of certificates in PEM ({error})") from None
    found = frozenset(own.get_ca_certs(binary_form=True))
    if not found:
        raise ConfigError(f"{path}: holds no certificate of an authority", "a bundle holds the trust domain's roots")
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Workload:
    """What a connection's certificate proved: `svid`, or None and the `problem` with it; `anchor` is the authority
    (DER) at the end of its chain."""

    svid: Svid | None
    problem: str
    anchor: bytes
    tls: Reloading | None

    def identity(self, now: float) -> Identity:
        """`spiffe:DOMAIN/PATH`, as of `now` (Unix seconds). Raises Unauthenticated."""
        if self.svid is None:
            raise _refused(self.problem)
        if now > self.svid.not_after:
            raise _refused("the certificate has expired since the connection was made")
        held = self.tls.current() if self.tls else None
        if not isinstance(held, _Loaded) or self.anchor not in held.authorities.get(self.svid.domain, ()):
            raise _refused("the certificate's authority does not speak for its trust domain")
        return Identity("spiffe", self.svid.name)


def _refused(problem: str) -> Unauthenticated:
    fix = "show a certificate with exactly one SPIFFE id, of a trust domain in server.mtls.trust_domains"
    return Unauthenticated(problem, fix, rule="client-certificate")


def workload(link: Any, tls: Reloading | None) -> Workload | None:
    """What the TLS connection `link` (ssl.SSLObject) proved; None where there is no TLS."""
    if link is None:
        return None
    chain = _verified_chain(link)
    if not chain:
        return Workload(None, "no certificate was shown", b"", tls)
    try:
        return Workload(read(chain[0]), "", chain[-1], tls)
    except NotAWorkload as problem:
        return Workload(None, str(problem), chain[-1], tls)


def _verified_chain(link: Any) -> list[bytes]:
    """From the leaf to the authority, in DER, as OpenSSL built and checked it. Public from Python 3.13 on."""
    if hasattr(link, "get_verified_chain"):
        return [bytes(one) for one in link.get_verified_chain() or ()]
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in link._sslobj.get_verified_chain() or ()]


def workload_of(scope: Mapping[str, Any]) -> Workload | None:
    """The workload at the other end of a request's connection, from its ASGI scope; None where it is no TLS one."""
    found = (scope.get("state") or {}).get(STATE_KEY)
    return found if isinstance(found, Workload) else None
