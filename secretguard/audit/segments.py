"""The journal's files: the one that is written, and closed ones before it, each named by its last record.

The hook imports this where a file begins, and where one does not end as the head file says; not for each record.

journal-000000012345.jsonl   closed: ends with record 12345, is not written any more
journal.jsonl                the records after it
"""

from __future__ import annotations

import os

from secretguard.audit.head import ACTIVE as ACTIVE
from secretguard.audit.head import Head
from secretguard.audit.line import GENESIS, LONGEST, columns
from secretguard.rawjson import JsonError, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

_PREFIX, _SUFFIX, _DIGITS = "journal-", ".jsonl", 12


def closed_path(directory: str, last: int) -> str:
    """Where the closed file lies that ends with record `last`."""
    return os.path.join(directory, f"{_PREFIX}{last:0{_DIGITS}}{_SUFFIX}")


def closed(directory: str) -> list[tuple[int, str]]:
    """(last record, path) of every closed file, oldest first. Raises OSError."""
    found = []
    for name in os.listdir(directory):
        last = last_of(name)
        if last is not None:
            found.append((last, os.path.join(directory, name)))
    return sorted(found)


def last_of(path: str) -> int | None:
    """The last record of the closed file with this name; None where it is not named as one."""
    name = os.path.basename(path)
    number = name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    plain = number.isascii() and number.isdigit() and len(number) < 20
    return int(number) if plain and name == f"{_PREFIX}{int(number):0{_DIGITS}}{_SUFFIX}" else None


def opened(directory: str, mode: str = "rb") -> list[BinaryIO]:
    """All files of the journal, oldest first, as they are at one moment: none twice, none missed, although a writer
    may close one meanwhile. Empty where there is no journal. `mode` is "rb", or "r+b" to erase. The caller closes
    them. Raises OSError.
    """
    files: list[BinaryIO] = []
    try:
        newest = _open(os.path.join(directory, ACTIVE), mode)
        inode = os.fstat(newest.fileno()).st_ino if newest else 0
        for _, path in closed(directory):
            file = _open(path, mode)
            if file is None:
                continue  # pruned in this moment
            files.append(file)
            if os.fstat(file.fileno()).st_ino == inode:  # it was closed after it had been opened here as the newest
                newest.close()  # type: ignore[union-attr]
                newest = None
                break
        return [*files, newest] if newest else files
    except BaseException:
        for file in files:
            file.close()
        raise


def end_of(path: str, last: int) -> Head | None:
    """The last record of the closed file in `path`, if it is record `last`, and the file's size."""
    try:
        line, size = last_line(path)
    except OSError:
        return None
    parts = columns(line)
    return Head(last, parts[2], size) if parts and b'"seq":%d,' % last in parts[0][:40] else None


def last_line(path: str) -> tuple[bytes, int]:
    """The last line of a file, without its newline, and the file's size. Raises OSError."""
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LONGEST))
        return file.read().removesuffix(b"\n").rpartition(b"\n")[2], size


def journal_of(path: str) -> str:
    """The hash of the journal's very first record, by which it is known, from the first line of one of its files."""
    try:
        with open(path, "rb") as file:
            parts = columns(file.readline(LONGEST).removesuffix(b"\n"))
        if parts is None or parts[1] == GENESIS:
            return parts[2] if parts else ""
        stated = loads(parts[3] or b"{}")
    except (OSError, JsonError):
        return ""
    journal = stated.get("journal") if isinstance(stated, dict) else None
    return journal if isinstance(journal, str) else ""


def _open(path: str, mode: str) -> BinaryIO | None:
    try:
        return open(path, mode)  # type: ignore[return-value]  # both modes are binary
    except FileNotFoundError:
        return None
