"""Whether the person has heard of secrets in this session, and the count of those that come again. Hot path, where
there is a finding: mostly it is one that was told before, and then nothing else is imported.

The file that is read here is `guard/given.py`'s, which says what is in it.
"""

from __future__ import annotations

import fcntl
import os

from secretguard.keyed import sha256_hex
from secretguard.places import state_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

LARGEST = 256 * 1024
"""Bytes of one session's file; what comes after is said and not remembered."""
LOCK_SECONDS = 0.5
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_WORST = ("left", "cannot tell", "did not leave")
"""Outcomes, the worst first."""


def again(session: str, tags: Collection[str], outcome: str) -> bool:
    """Whether the secrets `tags` were all told in `session` with this outcome or a worse one; then they are counted."""
    try:
        fd = os.open(path_of(session), FLAGS)
    except OSError:
        return False
    try:
        if not locked(fd):
            return False
        data = whole(fd)
        if not data.endswith(b"\n") or not all(known(tag, outcome, data) for tag in tags):
            return False
        count(fd, data, tags)
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def count(fd: int, data: bytes, tags: Collection[str]) -> None:
    """Note that `tags` came once more, where there is room."""
    written = "".join(f"+{tag}\n" for tag in tags).encode("ascii")
    if len(data) + len(written) <= LARGEST:
        os.write(fd, written)


def known(tag: str, outcome: str, data: bytes) -> bool:
    """Whether the person heard of this secret with this outcome, or a worse one, by a session's file `data`."""
    told = _WORST[: _WORST.index(outcome) + 1] if outcome in _WORST else _WORST
    return any(f'"tag":"{tag}","outcome":"{each}"'.encode() in data for each in told)


def locked(fd: int) -> bool:
    """Whether the file is ours for now; others are waited for a little. Raises OSError."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        from secretguard.audit.lock import lock  # only where somebody is ahead of us

        return lock(fd, LOCK_SECONDS)
    return True


def whole(fd: int) -> bytes:
    """The file's bytes, a little more than LARGEST at most. Raises OSError."""
    pieces, size = [], 0
    while size <= LARGEST and (piece := os.read(fd, LARGEST + 1)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def directory() -> str:
    """Where the sessions' files are."""
    return os.path.join(state_dir(), "given")


def path_of(session: str) -> str:
    """A session's file."""
    return os.path.join(directory(), name_of(session))


def name_of(session: str) -> str:
    """32 hex digits that stand for the client's name of a session."""
    return sha256_hex(session.encode("utf-8", "surrogatepass"))[:32]
