"""Certificates for servers and clients of the tests: an authority, and what it signs. Made anew each time."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path

    def server_context(self, clients: Path | None = None) -> ssl.SSLContext:
        """For a server of the tests; with `clients` it asks for a certificate of that authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients)
        return context


class Authority:
    """A certificate authority in `folder`; `file` is its own certificate."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        built = _builder(self._name, self._name, self._key, DAY)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = built.add_extension(constraints, True).add_extension(usage, True)
        self._certificate = own.sign(self._key, hashes.SHA256())
        self.file = folder / "ca.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *names: str, valid: datetime.timedelta = DAY) -> Pair:
        """A certificate for the host names and addresses `names` (or `name` alone), valid for so long from yesterday
        on: one of no time has expired."""
        others = x509.SubjectAlternativeName([_general(one) for one in names or (name,)])
        return self._issued(name, valid, others)

    def workload(
        self, name: str, *uris: str, valid: datetime.timedelta = DAY, signs: bool = True, authority: bool = False
    ) -> Pair:
        """A workload's certificate with these URIs among its alternative names (none: with no such extension). `signs`
        is whether it says that its key is for signatures, `authority` whether it may sign certificates."""
        extensions: list[x509.ExtensionType] = []
        if uris:
            extensions.append(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(one) for one in uris]))
        if signs:
            extensions.append(x509.KeyUsage(True, False, False, False, False, authority, False, False, False))
        if authority:
            extensions.append(x509.BasicConstraints(ca=True, path_length=None))
        return self._issued(name, valid, *extensions)

    def _issued(self, name: str, valid: datetime.timedelta, *extensions: x509.ExtensionType) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = _builder(subject, self._name, key, valid)
        for extension in extensions:
            built = built.add_extension(extension, isinstance(extension, x509.KeyUsage | x509.BasicConstraints))
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        signed = built.add_extension(authority, False).sign(self._key, hashes.SHA256())
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        pair.key.write_bytes(key.private_bytes(*pem))
        return pair


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    timed = built.serial_number(x509.random_serial_number()).not_valid_before(now - DAY)
    return timed.not_valid_after(now - DAY / 2 + valid).add_extension(own, False)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
