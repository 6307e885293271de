"""A project whose file a client writes with a placeholder in it, step by step, and what may go wrong on the way."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from secretguard.guard import snapshots
from tests.secretguard.guard.events import IDS, TOKEN, after, ask

BODY = f"FIRST=1\nTOKEN={TOKEN}\nLAST=2\n"
CALLS = ("write", "fsync", "replace", "unlink", "fchmod", "utime", "mkdir")
"""Where a hook may be killed: before each call that changes something on the disk."""


class Place:
    """A project with one file, as the client writes it: whole, under another name, then renamed."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.file = project / "app.env"
        self.file.write_text(BODY)
        shown = after(project, "Read", read(self.file, BODY), file_path=str(self.file))
        self.view: str = shown["file"]["content"]
        self.content = self.view + "NEW=3\n"
        self.expected = BODY + "NEW=3\n"

    def write(self, **ids: str) -> str:
        """The client asks before it writes: the decision, "" when nothing is in the way."""
        answer = ask("PreToolUse", self.project, **self._call(), **ids)
        assert answer.status == 0, answer.stderr
        return json.loads(answer.stdout)["hookSpecificOutput"]["permissionDecision"] if answer.stdout else ""

    def written(self) -> None:
        """The client writes."""
        fresh = self.project / "fresh"
        fresh.write_text(self.content)
        fresh.replace(self.file)

    def told(self) -> Any:
        """The client tells that it wrote; the answer as it was printed."""
        response = {"type": "update", "filePath": str(self.file), "content": self.content, "originalFile": BODY}
        return ask("PostToolUse", self.project, **self._call(), tool_response=response)

    def _call(self) -> dict[str, object]:
        return {"tool_name": "Write", "tool_input": {"file_path": str(self.file), "content": self.content}}

    def at(self, name: str, **fields: object) -> Any:
        return ask(name, self.project, **fields)

    def next_session(self) -> Any:
        return self.at("SessionStart", source="startup", session_id="another")

    @property
    def clean(self) -> bool:
        """Nothing of ours is left, neither in the state folder nor in the project."""
        return snapshots.waiting() == [] and [path.name for path in self.project.iterdir()] == ["app.env"]


def read(path: Path, text: str) -> dict[str, object]:
    file = {"filePath": str(path), "content": text, "numLines": 3, "startLine": 1, "totalLines": 3}
    return {"type": "text", "file": file}


def killed(step: int, hook: Any) -> bool:
    """Run `hook` in a process that is killed before its call number `step` of CALLS; whether it was."""
    child = os.fork()
    if not child:
        left = [step]

        def wrapped(call: Any) -> Any:
            def one(*given: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*given, **named)

            return one

        for name in CALLS:
            setattr(os, name, wrapped(getattr(os, name)))
        try:
            hook()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


class Silent:
    """A journal that takes everything."""

    def append(self, *_: object) -> None:
        """Take it."""


def arguments(place: Place) -> Any:
    """What `settle` gets at the result of the write."""
    from secretguard.agents.event import AFTER, Event
    from secretguard.guard.room import Room

    event = Event(AFTER, str(place.project), dict(IDS), "Write", {"file_path": str(place.file)})
    return event, Room(event, {"CLAUDE_PROJECT_DIR": str(place.project)}), {}


class Broken:
    """A journal that takes nothing."""

    def append(self, *_: object) -> None:
        """Refuse it."""
        from secretguard.errors import RecordError

        raise RecordError("no record")
