"""Stage 1 by Hyperscan (Vectorscan): all patterns at once, about 490 MB/s a core. Hot path: the native module alone."""

from __future__ import annotations

BLOCK_MODE = 1  # HS_MODE_BLOCK


class Refused(Exception):
    """Hyperscan does not take a pattern or a database; the message is its own.

    The native module's exception classes are not caught by name: where it was loaded a second time in one process,
    CPython 3.12 raises those of the newer copy.
    """


class HyperscanMatcher:
    """A loaded block-mode database. Raises Refused when `blob` is damaged or for another CPU."""

    def __init__(self, native: object, blob: bytes) -> None:
        try:
            self._database = native.loadb(blob, BLOCK_MODE)  # type: ignore[attr-defined]
            self._database.scratch = native.Scratch(self._database)  # type: ignore[attr-defined]
        except Exception as error:
            raise Refused(str(error)) from None

    def hits(self, data: bytes) -> list[tuple[int, int]]:
        """(end offset, pattern number) of every match end."""
        found: list[tuple[int, int]] = []
        add = found.append

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add((end, number))

        self._database.scan(data, hit)
        return found


def compile_database(native: object, patterns: list[bytes]) -> bytes:
    """The serialised database of `patterns`, numbered in order: flags 0, so that every match end is reported.

    Raises Refused for a pattern that Hyperscan cannot do.
    """
    count = len(patterns)
    try:
        database = native.Database()  # type: ignore[attr-defined]
        database.compile(expressions=patterns, ids=list(range(count)), elements=count, flags=[0] * count)
        blob: bytes = native.dumpb(database)  # type: ignore[attr-defined]
    except Exception as error:
        raise Refused(str(error)) from None
    return blob
