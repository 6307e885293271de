"""Which ssh certificates hosts should refuse though they have not expired: what a revocation list is made from.

A certificate's host asks nobody, so taking one back takes a list that the host reads (`RevokedKeys`, sshd_config(5)).
The text is a KRL specification of ssh-keygen(1). Like any revocation list it is for everybody: it has numbers alone.
"""

from __future__ import annotations

import re
import threading
import time

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from broker.api.caller import Callers
from broker.receipt import Revocation
from broker.service import Broker
from broker.store.database import Database
from broker.store.tables import leases

SERIAL = re.compile(r"serial ([0-9]{1,20})")


KEEP_SECONDS = 2.0
"""How long one answer serves all who ask: nobody has to say who they are here, and it takes a walk over all leases."""


def router(broker: Broker, _callers: Callers) -> APIRouter:
    """The route, over one broker."""
    api = APIRouter()
    kept = Kept(broker)

    @api.get("/v1/ssh/revoked", response_class=PlainTextResponse)
    def revoked() -> str:
        """A line `serial: N` for each certificate that was taken back and lives on."""
        return kept.text()

    return api


class Kept:
    """The last answer. Safe to share between threads."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._lock = threading.Lock()
        self._text, self._until = "", 0.0

    def text(self) -> str:
        """At most KEEP_SECONDS old. Raises RecordFailed."""
        with self._lock:
            if time.monotonic() >= self._until:
                found = serials(self._broker.database, int(self._broker.clock()))
                self._text = "".join(f"serial: {serial}\n" for serial in found)
                self._until = time.monotonic() + KEEP_SECONDS
            return self._text


def serials(database: Database, now: int) -> list[int]:
    """Serials of ssh leases that are over while their certificates are valid, smallest first. Raises RecordFailed."""
    over = leases.c.revocation.in_([Revocation.EXPIRES.value, Revocation.QUEUED.value])  # queued: Vault is down, say
    here = (leases.c.source == "ssh") & over & (leases.c.expires_at > now)
    with database.read() as tx:
        told = tx.execute(sa.select(leases.c.source_lease).where(here)).scalars().all()
    return sorted(int(found[1]) for found in map(SERIAL.fullmatch, told) if found)
