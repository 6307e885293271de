"""A broker that fails as told, for what a real one does not do on demand. It speaks the API's shapes and checks no
proof; everything that works is tested against the real `broker dev`."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

from tests.broker.serving import answer, body_of

TASK = "task-stub"
LINE = {"lease_id": "lease-1", "grant": "db", "source": "database", "expires_at": 0, "detail": ""}


@dataclasses.dataclass
class Stub:
    """`ends` are the answers to each `end`, the last one repeated: a revocation's word, or an HTTP status."""

    ends: list[str | int]
    refuse_event: str = ""
    state: str = "active"
    launcher_expired: bool = False
    calls: list[str] = dataclasses.field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = json.loads(await body_of(receive) or b"{}")
        path = scope["path"]
        call = path.removeprefix(f"/v1/tasks/{TASK}")
        self.calls.append(f"event {body['event']}" if call == "/events" else f"{scope['method']} {call}")
        status, document = self.answer(call, body)
        if self.launcher_expired and call == "/end" and b"dpop" not in dict(scope["headers"]):
            status, document = 401, {"title": "Unauthenticated", "detail": "the bearer token has expired"}
        await answer(send, status, json.dumps(document).encode())

    def answer(self, call: str, body: dict[str, Any]) -> tuple[int, dict[str, object]]:
        if call == "/v1/tasks":
            granted = {"bootstrap": "made-up", "expires_at": int(time.time()) + 3600, "grants": ["db"]}
            return 201, {"task_id": TASK, **granted}
        if call == "/activate":
            return 200, {"session": "made-up", "task_id": TASK, "expires_at": int(time.time()) + 3600}
        if call == "/events":
            return (500, {"detail": "no record"}) if body["event"] == self.refuse_event else (201, {"recorded": "it"})
        if call == "":
            return 200, {"task_id": TASK, "state": self.state}
        if call == "/end":
            return self.end()
        return 404, {"title": "Not found"}

    def end(self) -> tuple[int, dict[str, object]]:
        word = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if isinstance(word, int):
            return word, {"title": "Internal error", "detail": "the test says so"}
        return 200, {"task_id": TASK, "at": 1, "complete": False, "lines": [{**LINE, "revocation": word}]}
