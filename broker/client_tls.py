"""A workload's side of mutual TLS: its certificate and key, and the authorities that it trusts, from files."""

from __future__ import annotations

import ssl
from functools import partial

from broker.exchange import trusting
from broker.tls_files import Reloading
from secretguard.errors import ConfigError


def context(ca_file: str, certificate: str, key: str) -> Reloading:
    """For `BrokerClient(tls=...)`: follows the files, so a renewed certificate is used from the next connection on.

    `ca_file` may be empty (the system's authorities), `certificate` and `key` too (none is shown). Raises ConfigError.
    """
    if bool(certificate) != bool(key):
        raise ConfigError("a client certificate needs its key", "give both, or neither")
    files = [one for one in (ca_file, certificate, key) if one]
    return Reloading(ssl.PROTOCOL_TLS_CLIENT, partial(_load, ca_file, certificate, key), files)


def _load(ca_file: str, certificate: str, key: str) -> ssl.SSLContext:
    try:
        made = trusting(ca_file)
        if certificate:
            made.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the client's TLS files cannot be used ({error})", "they are PEM files") from None
    return made
