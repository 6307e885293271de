"""One HTTP connection: a request's head has a deadline to arrive. Its body has another, in `broker/api/app.py`.

uvicorn closes a connection that is idle between two requests, and waits for ever for the first byte of the first one
and for the rest of a head that has begun: a few hundred such connections would be all that it takes.
"""

from __future__ import annotations

import asyncio

import h11

from broker.authenticate.unix_peer import UnixPeerProtocol

HEAD_SECONDS = 20.0


class Connection(UnixPeerProtocol):
    """`uvicorn.Config(http=Connection, ...)`."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock starts with the connection."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """It stops when the head is complete, and starts again with the first byte of the next."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
