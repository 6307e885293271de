"""The layout of a pack file, written and read in one place. Hot path.

One header line `secretguard-pack/4 KEY BLAKE2B-256`, a line `TABLE_BYTES CODE_BYTES`, the second-stage table (JSON),
the code of its expressions (`detect/expression.py`), the Hyperscan database. KEY says what the pack was made from.

The digest covers all of it but the inside of the database: its header, which the digest covers, holds the checksum
(CRC-32C) that Hyperscan itself holds the inside against when it loads it. To do that twice costs a hook 2 ms.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b  # a third of the time of CPython 3.11's own SHA-256, which is 1 ms for a pack
except ImportError:  # pragma: no cover - interpreters without it
    from hashlib import blake2b

MAGIC = "secretguard-pack/4"
HEADER, TAIL = 32, 128
"""Bytes at the ends of a serialised database that its checksum leaves out: the header, and unused space."""
MAX_BYTES = 6 * 1024 * 1024
"""Largest pack that is built or loaded."""


class PackError(Exception):
    """A pack that cannot be used; it is built again. Never leaves the modules that handle packs."""


def join(key: str, table: bytes, codes: bytes, database: bytes) -> bytes:
    """The bytes of a pack. Raises PackError when they are more than MAX_BYTES."""
    head = f"{len(table)} {len(codes)}\n".encode("ascii") + table + codes
    digest = _digest(head, database)
    data = f"{MAGIC} {key} {digest}\n".encode("ascii") + head + database
    if len(data) > MAX_BYTES:
        raise PackError(f"it has {len(data)} bytes; the most is {MAX_BYTES}")
    return data


def split(data: bytes, key: str) -> tuple[bytes, bytes, bytes]:
    """Table, codes and database of the pack made for `key`. Raises PackError for any other, or a damaged one.

    The inside of the database is not looked at: Hyperscan does, when it is loaded.
    """
    begin = data.find(b"\n") + 1
    sizes, newline, _ = data[begin : begin + _SIZES].partition(b"\n")
    try:
        table, codes = map(int, sizes.split())
    except ValueError:
        raise PackError("it is damaged: no sizes") from None
    at = begin + len(sizes) + len(newline)
    end = at + table + codes
    database = data[end:]
    if data[:begin] != f"{MAGIC} {key} {_digest(data[begin:end], database)}\n".encode("ascii"):
        raise PackError("it is damaged, or was made for another installation")
    return data[at : at + table], data[at + table : end], database


_SIZES = 24


def _digest(head: bytes, database: bytes) -> str:
    return str(blake2b(head + database[:HEADER] + database[-TAIL:], digest_size=32).hexdigest())
