"""The layout of a pack file, written and read in one place. Hot path.

One header line `secretguard-pack/3 KEY BLAKE2B-256`, then what the digest covers: a line `TABLE_BYTES CODE_BYTES`, the
second-stage table (JSON), the code of its expressions (`detect/expression.py`), the Hyperscan database. KEY says what
the pack was made from.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b  # a third of the time of CPython 3.11's own SHA-256, which is 1 ms for a pack
except ImportError:  # pragma: no cover - interpreters without it
    from hashlib import blake2b

MAGIC = "secretguard-pack/3"
MAX_BYTES = 6 * 1024 * 1024
"""Largest pack that is built or loaded."""


class PackError(Exception):
    """A pack that cannot be used; it is built again. Never leaves the modules that handle packs."""


def join(key: str, table: bytes, codes: bytes, database: bytes) -> bytes:
    """The bytes of a pack. Raises PackError when they are more than MAX_BYTES."""
    body = f"{len(table)} {len(codes)}\n".encode("ascii") + table + codes + database
    data = f"{MAGIC} {key} {_digest(body)}\n".encode("ascii") + body
    if len(data) > MAX_BYTES:
        raise PackError(f"it has {len(data)} bytes; the most is {MAX_BYTES}")
    return data


def split(data: bytes, key: str) -> tuple[bytes, bytes, bytes]:
    """Table, codes and database of the pack made for `key`. Raises PackError for any other, or a damaged one."""
    header, _, body = data.partition(b"\n")
    if header != f"{MAGIC} {key} {_digest(body)}".encode("ascii"):
        raise PackError("it is damaged, or was made for another installation")
    sizes, _, content = body.partition(b"\n")
    table, codes = map(int, sizes.split())
    return content[:table], content[table : table + codes], content[table + codes :]


def _digest(body: bytes) -> str:
    return str(blake2b(body, digest_size=32).hexdigest())
