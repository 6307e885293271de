"""Who is on the other end of a Unix socket, in the kernel's word (`secretguard/platforms`).

uvicorn's ASGI scope knows a socket's path and no more, so the HTTP protocol class is extended by the one thing that
it is missing. The peer travels in the connection's own state, which no request can write to.
"""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from broker.authenticate.identity import Identity
from broker.authenticate.mutual_tls import STATE_KEY, workload
from broker.errors import Unauthenticated
from broker.tls_files import Reloading
from secretguard.platforms.here import peer

_STATE_KEY = "secretguard.unix_peer"
_ALL_IDS = ["0", "0", "4294967295"]
_OVERFLOW = 65534


@dataclasses.dataclass(frozen=True, slots=True)
class Peer:
    """The process that connected, as it was then: ids in this process's user namespace. `pid` is for the record
    alone, since the number can pass to another process."""

    pid: int
    uid: int
    gid: int


class UnixPeerProtocol(H11Protocol):
    """`uvicorn.Config(http=UnixPeerProtocol, ws="none", ...)`: h11, plus the peer of a Unix connection, and the
    workload at the other end of one over TLS (`tls` is the listener's context then)."""

    tls: Reloading | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Read the peer once, before the first request. A TCP connection gets None, never what was there before."""
        secure = workload(transport.get_extra_info("ssl_object"), self.tls)
        peer = None if secure else _peer_of(transport.get_extra_info("socket"))
        self.app_state = {**self.app_state, _STATE_KEY: peer, STATE_KEY: secure}
        super().connection_made(transport)


def peer_of(scope: Mapping[str, Any]) -> Peer | None:
    """The Unix peer of a request, from its ASGI scope; None over TCP and under any other protocol class."""
    peer = (scope.get("state") or {}).get(_STATE_KEY)
    return peer if isinstance(peer, Peer) else None


def identity_of(scope: Mapping[str, Any]) -> Identity:
    """`unix:UID` for a request over a Unix socket. Raises Unauthenticated for any other.

    A uid that this user namespace has no number for arrives as 65534 (user_namespaces(7)): many users under one
    name, so inside a namespace it identifies nobody.
    """
    peer = peer_of(scope)
    if peer is None:
        raise Unauthenticated(
            "nobody is authenticated on this connection",
            "use the broker's Unix socket, or send a bearer token",
            rule="no-identity",
        )
    if peer.uid == _OVERFLOW and not _every_uid_is_known():
        raise Unauthenticated(
            "the peer's user is unknown in the broker's user namespace", "send a bearer token", rule="no-identity"
        )
    return Identity("unix", str(peer.uid))


def _peer_of(sock: Any) -> Peer | None:
    if sock is None or sock.family != socket.AF_UNIX:
        return None
    return Peer(*peer(sock))


def _every_uid_is_known() -> bool:
    try:
        with open("/proc/self/uid_map", encoding="ascii") as file:
            return file.readline().split() == _ALL_IDS
    except OSError:
        return False
