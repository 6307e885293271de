"""A file's content as a record names it: a keyed digest, or the words for why there is none. Hot path.

Keyed, because a plain digest of a small file with one secret in it lets anybody test guesses: HMAC-SHA-256 under the
user's key over the SHA-256 of the bytes, after the key's id (`audit/digest.py`). Equal contents have equal digests in
every record that was made with one key, whoever wrote them.
"""

from __future__ import annotations

import os

from secretguard.audit.digest import labelled
from secretguard.keyed import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LARGEST_IN_HOOK = 256 * 1024
"""Bytes that a hook digests: CPython's own SHA-256 does about 110 MB/s, so this is 2.4 ms."""
NONE = "none"
"""In place of a digest: there is no such file."""
NO_FILE = "not read: no regular file"
_REGULAR, _KIND = 0o100000, 0o170000
_CHUNK = 1 << 20


def file_digest(key: bytes, sha256_of_content: bytes) -> str:
    """The digest of a content by its plain SHA-256 (32 bytes)."""
    return labelled(key, b"file", sha256_of_content)


def link_digest(key: bytes, target: str) -> str:
    """The digest of a symbolic link, by what it names; never that of a file with the same bytes."""
    return labelled(key, b"link", os.fsencode(target))


def content(path: str, key: bytes, largest: int, start: Callable[[], Any] = sha256) -> tuple[str, int | None]:
    """(digest or the words for why there is none, bytes or None where there is no regular file). Never waits.

    Files of more than `largest` bytes are not read. `start` makes the SHA-256 object: a process that has time takes
    the quicker one of OpenSSL.
    """
    try:
        if os.stat(path).st_mode & _KIND != _REGULAR:  # opening a device or a FIFO does something already
            return NO_FILE, None
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError:
        return NONE, None
    except OSError as error:
        return f"not read: {os.strerror(error.errno or 0).lower()}", None
    try:
        info = os.fstat(fd)
        if info.st_mode & _KIND != _REGULAR:
            return NO_FILE, None
        return _digest(fd, info.st_size, key, largest, start)
    except OSError as error:
        return f"not read: {os.strerror(error.errno or 0).lower()}", None
    finally:
        os.close(fd)


def _digest(fd: int, size: int, key: bytes, largest: int, start: Callable[[], Any]) -> tuple[str, int]:
    if size > largest:
        return too_large(largest), size
    digest, read = start(), 0
    while piece := os.read(fd, _CHUNK):
        digest.update(piece)
        read += len(piece)
        if read > largest:  # it grows while it is read
            return too_large(largest), read
    return file_digest(key, digest.digest()), read


def too_large(largest: int) -> str:
    """The words for a file that is not read because of its size."""
    return f"not read: larger than {largest // 1024} KiB"
