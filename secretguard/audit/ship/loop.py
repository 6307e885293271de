"""Ship: for each batch, hand it over, and only when the receiver has it move the cursor. At least once, in order.

    1 lock      one process a cursor
    2 read      what there is after the cursor
    3 send      again, later each time, until it is taken
    4 cursor    durable; killed before this, the batch is sent again with the same `metadata.uid`

It reads the journal and nothing else: a receiver that is slow or gone holds up no writer, the cursor lags.
"""

from __future__ import annotations

import dataclasses
import os
import random
import time
from collections.abc import Callable

from secretguard.audit.ship import cursor as cursors
from secretguard.audit.ship.batch import RECORDS, Batch, Source
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.sink import NotTaken, Sink
from secretguard.errors import ConfigError

POLL = 1.0
"""Seconds between two looks for new records."""
TRIES = 5
"""Attempts at one batch when it does not follow."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 300.0
"""Seconds before the second attempt, and at most between two. Each is doubled, then shortened by up to a half at
random, so that many machines do not come back at the same moment."""


@dataclasses.dataclass
class Shipped:
    """What was done so far."""

    records: int = 0
    lost: int = 0


def ship(
    source: Source,
    sink: Sink,
    cursor_path: str = "",
    *,
    limit: int = RECORDS,
    follow: bool = False,
    say: Callable[[str], object] = str,
    sleep: Callable[[float], None] = time.sleep,
    tries: int = TRIES,
    done: Shipped | None = None,
) -> Shipped:
    """Send every record after the cursor (all of them without one); with `follow` go on until the process is told to
    end, which `done` then tells about. `say` is told what an operator must know: a receiver that does not take a batch,
    records that are gone.

    Raises NotTaken when a batch was not taken at the last of `tries` attempts (with `follow` there is no last one);
    ConfigError when the cursor is damaged, held by another process or of another journal.
    """
    held = cursors.lock(cursor_path) if cursor_path else -1
    try:
        cursor = cursors.load(cursor_path) if cursor_path else Cursor()
        done = done or Shipped()
        while True:
            for batch in source.batches(cursor, limit):
                _tell_lost(batch, say)
                inode, size = _deliver(sink, batch, cursor, 0 if follow else tries, say, sleep)
                cursor = dataclasses.replace(batch.cursor, inode=inode, size=size)
                if cursor_path:
                    _save(cursor_path, cursor)
                done.records += len(batch.events)
                done.lost += batch.lost
            if not follow:
                return done
            sleep(POLL)
    finally:
        if held >= 0:
            os.close(held)


def _deliver(
    sink: Sink, batch: Batch, cursor: Cursor, tries: int, say: Callable[[str], object], sleep: Callable[[float], None]
) -> tuple[int, int]:
    """Step 3; `tries` 0: for ever."""
    attempt = 0
    while True:
        try:
            place = sink.send(batch, cursor)
        except NotTaken as error:
            attempt += 1
            if tries and (error.lasting or attempt >= tries):
                raise
            pause = pause_before(attempt, error)
            say(f"{error.message}; {len(batch.events)} records are sent again in {pause:.0f} s")
            sleep(pause)
            continue
        if attempt:
            say("the receiver takes records again")
        return place


def pause_before(attempt: int, error: NotTaken) -> float:
    """Seconds before attempt `attempt` + 1: what the receiver asked for, or more; at most LONGEST_WAIT."""
    if error.lasting:
        return LONGEST_WAIT
    grown = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 20))
    return min(LONGEST_WAIT, max(error.wait, grown * random.uniform(0.5, 1.0)))  # noqa: S311 - no secret


def _save(path: str, cursor: Cursor) -> None:
    """Step 4. Raises ConfigError: without a cursor that moves everything would be sent again and again."""
    try:
        cursors.save(path, cursor)
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}", "the last batch was taken and comes again, once the cursor can be written"
        ) from None


def _tell_lost(batch: Batch, say: Callable[[str], object]) -> None:
    if batch.lost:
        say(f"{batch.lost} records were pruned before they could be sent: they are lost to this receiver")
