"""Start the resident process when it is needed, find out about it, end it."""

from __future__ import annotations

import os
import sys
import time

from secretguard.errors import GuardError
from secretguard.pack import native_module
from secretguard.resident.client import Unanswered, ask
from secretguard.resident.place import socket_path
from secretguard.resident.stamp import stamp

SECONDS = 8.0
"""For which a start is waited for: the first one may have to compile the rules."""
_PAUSE = 0.02
ENTRY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "main.py")
"""The file that the process runs."""
_ENVIRONMENT = (
    "HOME", "PATH", "SECRETGUARD_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
    "TMPDIR", "BROKER_TASK_ID", "BROKER_TASK_SOCKET",
)  # fmt: skip


def state() -> dict[str, object] | None:
    """What the process that serves says of itself; None where none answers. Raises GuardError."""
    try:
        return ask(socket_path(), "GET", "/status")[1]
    except Unanswered:
        return None


def own_stamp() -> str:
    """The stamp of this program."""
    return stamp(native_module())


def ensure() -> str:
    """The socket of a process that serves and is of this program, started if need be. Raises GuardError."""
    path, own = socket_path(), own_stamp()
    end, started = time.monotonic() + SECONDS, -1.0
    while time.monotonic() < end:
        found = state()
        if found is not None and found.get("stamp") == own:
            return path
        if found is not None:
            stop()
        if time.monotonic() - started > 2.0:  # once more where the last one lost against another that then ended
            _spawn()
            started = time.monotonic()
        time.sleep(_PAUSE)
    raise GuardError(
        f"the resident process did not start within {SECONDS:.0f} s", "run `secretguard serve --foreground`"
    )


def stop() -> bool:
    """Ask the process that serves to end; whether there was one. Raises GuardError."""
    try:
        ask(socket_path(), "POST", "/stop")
    except Unanswered:
        return False
    return True


def _spawn() -> int:
    libraries = [path for path in sys.path if path.endswith("-packages")]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    null = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0)
    copies = [(os.POSIX_SPAWN_DUP2, 0, descriptor) for descriptor in (1, 2)]
    command = [sys.executable, "-I", "-S", ENTRY, *libraries[:1]]
    try:
        return os.posix_spawn(command[0], command, environment, file_actions=[null, *copies], setsid=True)
    except OSError as error:
        raise GuardError(f"the resident process cannot be started: {error.strerror}") from None


def main() -> None:
    """For the mod: the socket's path on stdout, exit 0; or why there is none on stderr, exit 2."""
    try:
        said, status = ensure(), 0
    except GuardError as error:
        said, status = f"secretguard: {error.message}", 2
    os.write(2 if status else 1, said.encode("utf-8", "backslashreplace") + b"\n")
    os._exit(status)
