"""Start a look at a project's files in a process of its own, which outlives the hook and its client. Hot path.

The hook does not wait: the process has its own session, no descriptor of ours, and an environment of a few names.
"""

from __future__ import annotations

import os
import sys

from secretguard.rawjson import dumps

TURN_START, TURN_END, SESSION_END = "turn start", "turn end", "session end"
"""Why a look is taken."""
_ENVIRONMENT = ("HOME", "PATH", "SECRETGUARD_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
_ENTRY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "main.py")


class Look:
    """One look to take: of `project` (absolute), `why`, under the name `look`, on behalf of the client's `ids`."""

    __slots__ = ("ids", "look", "project", "why")

    def __init__(self, project: str, why: str, look: str, ids: dict[str, str]) -> None:
        self.project = project
        self.why = why
        self.look = look
        self.ids = ids

    def line(self) -> str:
        """As one line of ASCII JSON."""
        return dumps({"project": self.project, "why": self.why, "look": self.look, "ids": self.ids})


def start(look: Look) -> bool:
    """Start the process; False where the system does not let us. Costs the hook about half a millisecond."""
    libraries = [path for path in sys.path if path.endswith("-packages")]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    null = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)
    copies = [(os.POSIX_SPAWN_DUP2, 0, descriptor) for descriptor in (1, 2)]
    command = [sys.executable, "-I", "-S", _ENTRY, look.line(), *libraries[:1]]
    try:
        os.posix_spawn(command[0], command, environment, file_actions=[null, *copies], setsid=True)
    except (OSError, NotImplementedError, ValueError):
        return False
    return True
