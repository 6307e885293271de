"""Who a workload is, by its X.509 certificate: the SPIFFE ID and X509-SVID standards, strictly. Pure.

That the certificate chains to an authority, and is in time, is TLS's part (`broker/authenticate/mutual_tls.py`).
"""

from __future__ import annotations

import dataclasses
import re

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from broker.authenticate.identity import MAX_PATH

_ID = re.compile(r"spiffe://([a-z0-9._-]{1,255})((?:/[A-Za-z0-9._-]{1,512})+)")


class NotAWorkload(Exception):
    """The certificate names no workload; the message says why, and quotes nothing of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Svid:
    """A workload's certificate: its trust domain, its path (beginning with `/`), and its last second (Unix)."""

    domain: str
    path: str
    not_after: int

    @property
    def name(self) -> str:
        """Trust domain and path, as identities and policies write them."""
        return self.domain + self.path


def read(certificate: bytes) -> Svid:
    """The workload that a leaf certificate (DER) names. Raises NotAWorkload.

    X509-SVID, sections 2 to 4: exactly one URI among the alternative names, that of a workload (with a path); no
    authority's certificate, and a key for signatures alone.
    """
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        extensions = parsed.extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except x509.ExtensionNotFound:
        raise NotAWorkload("the certificate has no alternative names") from None
    except (ValueError, x509.DuplicateExtension):
        raise NotAWorkload("the certificate cannot be read") from None
    if len(uris) != 1:
        raise NotAWorkload(f"the certificate has {len(uris)} URIs among its alternative names, not one")
    _require_leaf(extensions)
    domain, path = _parts(uris[0])
    return Svid(domain, path, int(parsed.not_valid_after_utc.timestamp()))


def _parts(uri: str) -> tuple[str, str]:
    found = _ID.fullmatch(uri)
    if not found or len(uri) - len("spiffe://") > MAX_PATH or {".", ".."} & set(found[2].split("/")):
        raise NotAWorkload("the certificate's URI is no SPIFFE id of a workload")
    return found[1], found[2]


def _require_leaf(extensions: x509.Extensions) -> None:
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints) and value.ca:
            raise NotAWorkload("the certificate is an authority's")
        if isinstance(value, x509.KeyUsage) and (value.key_cert_sign or value.crl_sign or not value.digital_signature):
            raise NotAWorkload("the certificate's key is not one for signatures alone")
        if isinstance(value, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.CLIENT_AUTH not in value:
            raise NotAWorkload("the certificate is not for clients")
    try:
        extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        raise NotAWorkload("the certificate does not say what its key is for") from None
