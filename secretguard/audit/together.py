"""Several appends, one wait for the disk: for a process that decides many events before it answers any of them.

An append inside of `together` returns when its record is written; that it is durable, and may be acted on, is known
when the block ends. One thread of one process uses it at a time.
"""

from __future__ import annotations

import contextlib
import os

from secretguard.audit import journal
from secretguard.errors import RecordError
from secretguard.platforms.here import sync_data

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Make the appends inside durable at its end. Raises RecordError where they are not: nothing is to be acted on."""
    if journal.waiting is not None:
        raise RuntimeError("already together")
    held: dict[tuple[int, int], int] = {}
    journal.waiting = held
    try:
        yield
        for fd in held.values():
            sync_data(fd)
    except OSError as error:
        raise RecordError(f"audit records could not be made durable: {error.strerror}") from None
    finally:
        journal.waiting = None
        for fd in held.values():
            os.close(fd)
