"""How far one destination has come: a small file (0600), moved only after the receiver took a batch, and its lock."""

from __future__ import annotations

import dataclasses
import fcntl
import os

from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, dumps, loads
from secretguard.whole_file import replace

MAX_BYTES = 4096


@dataclasses.dataclass(frozen=True)
class Cursor:
    """The last record that was taken: its number and hash, and where it ends (bytes) in which file of the journal
    (inode: a closed file has another name); then, of an output file, inode and size after it."""

    number: int = 0
    hash: str = ""
    segment: int = 0
    offset: int = 0
    inode: int = 0
    size: int = 0


def load(path: str) -> Cursor:
    """The cursor in `path`; the beginning where there is no such file. Raises ConfigError for anything else."""
    try:
        with open(path, "rb") as file:
            found = loads(file.read(MAX_BYTES))
    except FileNotFoundError:
        return Cursor()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except JsonError:
        found = None
    names = {field.name for field in dataclasses.fields(Cursor)}
    if not isinstance(found, dict) or set(found) != names or not all(_fits(k, v) for k, v in found.items()):
        raise ConfigError(f"{path} is no cursor", "remove it to send everything again")
    return Cursor(**found)


def save(path: str, cursor: Cursor) -> None:
    """Write it, durably and whole. Raises OSError."""
    data = dumps(dataclasses.asdict(cursor)).encode("ascii")
    replace(path, data, durable=True, fresh=f"{path}.new")  # one name is enough: the lock is held


def lock(path: str) -> int:
    """Hold the cursor for this process until the descriptor is closed. Raises ConfigError when another has it."""
    try:
        fd = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(f"{path}.lock: {error.strerror}", "the cursor's folder must be writable") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise ConfigError(f"another export is using {path}", "let it finish; each destination has its own") from None
    return fd


def _fits(name: str, value: object) -> bool:
    if name == "hash":
        return isinstance(value, str) and value.isascii()
    return type(value) is int and value >= 0
