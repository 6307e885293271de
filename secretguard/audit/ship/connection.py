"""One connection to a receiver, with a deadline over all of it, however slowly the other side reads or answers."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator

from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 30.0
"""From the first packet to the last, connecting included."""


def tls_context(to: Endpoint) -> ssl.SSLContext:
    """TLS 1.2 or later; the receiver's certificate and name are checked, always. Raises ConfigError."""
    try:
        context = ssl.create_default_context(cafile=to.ca or None)
        if to.certificate:
            context.load_cert_chain(to.certificate, to.key, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(name for name in (to.ca, to.certificate, to.key) if name)
        raise ConfigError(f"{files}: {error.strerror or 'not usable'}", "PEM files without a password") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextlib.contextmanager
def connected(to: Endpoint, context: ssl.SSLContext | None, seconds: float) -> Iterator[socket.socket]:
    """A socket to the receiver, for a request and its answer; `reached` says the rest."""
    with reached(to, context, seconds) as plain:
        if context is None:
            yield plain
            return
        descriptor = plain.dup()  # the watchdog shuts down `plain`, which stays a plain socket
        descriptor.settimeout(seconds)
        try:
            secured = context.wrap_socket(descriptor, server_hostname=to.server_name or to.host)
        except BaseException:
            descriptor.close()
            raise
        with secured:
            yield secured


@contextlib.contextmanager
def reached(to: Endpoint, context: ssl.SSLContext | None, seconds: float) -> Iterator[socket.socket]:
    """A TCP connection to the receiver; without a TLS context only where that is this machine itself.

    When `seconds` have passed the socket is shut down: what waits on it ends. Raises NotTaken for everything that goes
    wrong on the network, also what is raised inside.
    """
    started = time.monotonic()
    where = f"{to.host}:{to.port}"
    late = threading.Event()
    try:
        with socket.create_connection((to.host, to.port), min(CONNECT_SECONDS, seconds)) as plain:
            if context is None and not ipaddress.ip_address(plain.getpeername()[0]).is_loopback:
                raise ConfigError(f"{where} is another machine", "without TLS only this machine itself is sent to")
            watchdog = threading.Timer(seconds - (time.monotonic() - started), _end, (plain, late))
            watchdog.daemon = True
            watchdog.start()
            try:
                plain.settimeout(seconds)
                yield plain
                if late.is_set():  # what looked like the receiver's own end was ours
                    raise TimeoutError
            finally:
                watchdog.cancel()
    except ssl.SSLCertVerificationError as error:
        raise NotTaken(f"{where}: its certificate is refused: {error.verify_message}", lasting=True) from None
    except (OSError, EOFError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise NotTaken(f"{where}: not done after {seconds:.0f} s") from None
        raise NotTaken(f"{where}: {_words(error)}") from None


def _end(plain: socket.socket, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(OSError):
        plain.shutdown(socket.SHUT_RDWR)


def _no_password() -> str:
    """OpenSSL would ask on the terminal: an encrypted key is refused instead."""
    return ""


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or 'ended early').lower().replace('_', ' ')}"
    return str(getattr(error, "strerror", None) or "the connection ended early")
