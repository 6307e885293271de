"""Documents that this user's own folders keep: written in one step, read back only when whole and nobody else's.

A file is one header line `secretguard-policy N SHA256` and a JSON body that the digest covers. It finds damage; what
keeps a stranger's file out is the private folder. Hot path.
"""

from __future__ import annotations

import os

from secretguard.keyed import sha256_hex
from secretguard.places import private_dir
from secretguard.rawjson import JsonError, dumps, loads

FORMAT = "secretguard-policy 3"
MAX_BYTES = 4 * 1024 * 1024
_CHUNK = 64 * 1024


def read(path: str) -> dict[str, object] | None:
    """The document in `path`; None where there is none, or none that can be trusted."""
    try:
        if not _private(os.stat(os.path.dirname(path))) or not _private(os.lstat(path)):
            return None
        header, _, body = bounded(path, MAX_BYTES).partition(b"\n")
        if header.decode("ascii") != f"{FORMAT} {sha256_hex(body)}":
            return None
        document = loads(body)
    except (OSError, JsonError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def write(path: str, document: dict[str, object]) -> bool:
    """Put `document` under `path` in one step; whether it is there. A full disk is an answer, not an error.

    Raises GuardError where the folder is not this user's alone.
    """
    from secretguard.whole_file import replace  # what only reads does without

    body = dumps(document).encode("ascii")
    try:
        private_dir(os.path.dirname(path))
        replace(path, f"{FORMAT} {sha256_hex(body)}\n".encode("ascii") + body)
    except OSError:
        return False
    return True


def bounded(path: str, limit: int) -> bytes:
    """The bytes of `path`, never waiting for a FIFO. Raises OSError, and ValueError for more than `limit` bytes."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        data = b""
        while chunk := os.read(fd, min(limit + 1 - len(data), _CHUNK)):
            data += chunk
            if len(data) > limit:
                raise ValueError(f"larger than {limit} bytes")
        return data
    finally:
        os.close(fd)


def unlink(path: str) -> None:
    """Remove `path`, or leave it where another process was first."""
    try:
        os.unlink(path)
    except OSError:
        return


def _private(info: os.stat_result) -> bool:
    """Whether nobody but this user can have written there."""
    return info.st_uid == os.geteuid() and not info.st_mode & 0o022
