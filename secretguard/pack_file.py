"""The layout of a pack file, written and read in one place. Hot path.

One header line `secretguard-pack/5 KEY CHECKSUM`, a line `TABLE_BYTES CODE_BYTES`, the second-stage table (JSON),
the code of its expressions (`detect/expression.py`), the Hyperscan database. KEY says what the pack was made from.

The checksum (SipHash, `kept_code.py`: damage is what it finds; a cryptographic digest costs a hook 0.5 ms, and the
folder keeps strangers out) covers all of it but the inside of the database: its header, which is covered, holds the
CRC-32C that Hyperscan itself holds the inside against when it loads it.
"""

from __future__ import annotations

from secretguard.kept_code import checksum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAGIC = "secretguard-pack/5"
HEADER, TAIL = 32, 128
"""Bytes at the ends of a serialised database that its checksum leaves out: the header, and unused space."""
MAX_BYTES = 6 * 1024 * 1024
"""Largest pack that is built or loaded."""


class PackError(Exception):
    """A pack that cannot be used; it is built again. Never leaves the modules that handle packs."""


def join(key: str, table: bytes, codes: bytes, database: bytes) -> bytes:
    """The bytes of a pack. Raises PackError when they are more than MAX_BYTES."""
    sizes = f"{len(table)} {len(codes)}\n".encode("ascii")
    digest = _digest(sizes, table, codes, database)
    data = f"{MAGIC} {key} {digest}\n".encode("ascii") + sizes + table + codes + database
    if len(data) > MAX_BYTES:
        raise PackError(f"it has {len(data)} bytes; the most is {MAX_BYTES}")
    return data


def split(part: Callable[[int, int], bytes], size: int, key: str) -> tuple[bytes, bytes, bytes]:
    """Table, codes and database of the pack made for `key`. Raises PackError for any other, or a damaged one.

    `part` gives so many bytes of its `size` from an offset on: each of the three is read for itself, since to copy
    them out of one piece costs a hook 1 ms. The inside of the database is not looked at: Hyperscan does, when it is
    loaded.
    """
    first, newline, rest = part(0, _FIRST).partition(b"\n")
    sizes, end_of_sizes, _ = rest.partition(b"\n")
    try:
        table_size, codes_size = map(int, sizes.split())
    except ValueError:
        raise PackError("it is damaged: no sizes") from None
    at = len(first + newline + sizes + end_of_sizes)
    if not 0 <= table_size <= size or not 0 <= codes_size <= size:
        raise PackError("it is damaged: its sizes are not those of the file")
    table, codes = part(at, table_size), part(at + table_size, codes_size)
    database = part(at + table_size + codes_size, max(0, size - at - table_size - codes_size))
    if first != f"{MAGIC} {key} {_digest(sizes + end_of_sizes, table, codes, database)}".encode("ascii"):
        raise PackError("it is damaged, or was made for another installation")
    return table, codes, database


_FIRST = 256
"""Bytes that hold both header lines: the name, two digests in hex, two numbers."""


def _digest(sizes: bytes, table: bytes, codes: bytes, database: bytes) -> str:
    """16 hexadecimal digits over the pieces, each for itself: none is copied."""
    pieces = (sizes, table, codes, database[:HEADER], database[-TAIL:])
    return checksum(b"".join(map(checksum, pieces))).hex()
