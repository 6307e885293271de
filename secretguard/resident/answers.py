"""What the resident process answers: an event as the hook would, its own state, and that it ends."""

from __future__ import annotations

import os
import time
import urllib.parse

from secretguard.agents.event import Answer
from secretguard.guard.hook import respond
from secretguard.rawjson import dumps
from secretguard.resident.frame import Head
from secretguard.resident.stamp import stamp
from secretguard.resident.warm import WarmRoom

PROJECT, AGENT = "x-project", "x-agent"
"""Headers of an event: what the variables CLAUDE_PROJECT_DIR and AI_AGENT say to a hook, percent-encoded."""
_LOOK_AGAIN = 1.0
"""Seconds for which the program is taken to be the same."""


class Answers:
    """`answer` is the one way in. `ended` says why the process is to end; "" while it is not."""

    def __init__(self, native: object | None) -> None:
        self._native = native
        self.stamp = stamp(native)
        self._looked = time.monotonic()
        self._since = time.time()
        self._events = 0
        self._own = dict(os.environ)  # decoding it costs more than an event's parse
        self.ended = ""

    def answer(self, head: Head, body: bytes) -> tuple[int, bytes]:
        """Status and JSON. An event is answered by the program that is installed now, or not at all (503)."""
        if (head.method, head.path) == ("GET", "/status"):
            return 200, dumps(self._state()).encode()
        if (head.method, head.path) == ("POST", "/stop"):
            self.ended = "it was asked to"
            return 200, b"{}"
        if (head.method, head.path) != ("POST", "/event"):
            return 404, b"{}"
        if self._replaced():
            self.ended = "the program was replaced"
            return 503, b"{}"
        self._events += 1
        said = respond(body, {**self._own, **_given(head)}, WarmRoom)
        return 200, _said(said)

    def _replaced(self) -> bool:
        now = time.monotonic()
        if now - self._looked < _LOOK_AGAIN:
            return False
        self._looked = now
        return stamp(self._native) != self.stamp

    def _state(self) -> dict[str, object]:
        return {"pid": os.getpid(), "stamp": self.stamp, "since": round(self._since, 3), "events": self._events}


def _given(head: Head) -> dict[str, str]:
    """The client's word for project and version, as the environment of a hook says it."""
    return {name: urllib.parse.unquote(head.headers.get(header, "")) for name, header in _CLIENTS}


_CLIENTS = (("CLAUDE_PROJECT_DIR", PROJECT), ("AI_AGENT", AGENT))


def _said(answer: Answer) -> bytes:
    return dumps({"status": answer.status, "stdout": answer.stdout, "stderr": answer.stderr}).encode()
