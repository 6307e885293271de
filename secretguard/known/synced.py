"""Values that a person took from a store into what is known: their digests, by store. Off the hot path.

`state/known/PROJECT/synced` has the form of an index (`index.py`); its "files" are the stores. The values themselves
are in this process for as long as it takes to make digests of them, and nowhere after.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from secretguard.audit.lock import lock
from secretguard.detect.known import record
from secretguard.errors import ConfigError, GuardError
from secretguard.known import index as stored
from secretguard.known.build import KEPT
from secretguard.known.dotenv import settings
from secretguard.known.index import SYNCED, DamagedIndex, Index, index_key
from secretguard.known.pieces import pieces
from secretguard.places import private_dir, state_dir
from secretguard.rawjson import JsonError, loads

if TYPE_CHECKING:
    from secretguard.known.index import Row

LARGEST = 1 << 20
"""Bytes of what a store says."""
SECONDS = 10.0
_FIX = "run `secretguard known forget --all`, then sync again"

Given = tuple[str, bytes]
"""(variable, value)."""
Digested = tuple[bytes, str]
"""(record, variable)."""


def given(data: bytes, where: str) -> list[Given]:
    """The settings in what a program printed: one JSON object, or lines of `NAME=value`. Raises ConfigError."""
    if len(data) > LARGEST:
        raise ConfigError(f"{where}: more than {LARGEST} bytes")
    if data.lstrip()[:1] in (b"{", b"["):
        try:
            document = loads(data)
        except JsonError as error:
            raise ConfigError(f"{where}: {error}", "give one JSON object, or lines of NAME=value") from None
        return list(_texts("value", document))
    found = [(name, value) for name, value, _ in settings(data) if value]
    if not found:
        raise ConfigError(f"{where}: no NAME=value in it", "give one JSON object, or lines of NAME=value")
    return found


def _texts(name: str, document: object, depth: int = 0) -> Iterator[Given]:
    if depth > 8:
        return
    if isinstance(document, dict):
        for key, item in document.items():
            yield from _texts(str(key), item, depth + 1)
    elif isinstance(document, list):
        for item in document:
            yield from _texts(name, item, depth + 1)
    elif isinstance(document, str) and document:
        yield name, document.encode("utf-8", "surrogatepass")


def digested(values: Iterable[Given]) -> tuple[list[Digested], list[str]]:
    """What `values` are known by; and the variables whose values are none to be known by: too short, or no secrets by
    their look. Raises GuardError."""
    key = index_key()
    rows: dict[bytes, Digested] = {}
    left_out = []
    for name, value in values:
        found = list(pieces(name, value, told=True))
        for variable, piece, weak in found:
            one = record(key, piece, weak, 0)
            rows.setdefault(one[:32], (one, variable[:200]))
        if not found:
            left_out.append(name)
    return list(rows.values()), left_out


def put(project: str, store: str, values: Iterable[Digested]) -> None:
    """Make `values` of `store` known in `project`. What was known of it before stays for a day more: nobody makes the
    guard forget by syncing something else. Raises GuardError, OSError."""
    key, now = index_key(), int(time.time())
    with _changing(project, key) as old:
        stores = [list(file) for file in old.files]
        number = next((at for at, file in enumerate(stores) if file[0] == store), len(stores))
        if number == len(stores):
            stores.append([store, "store", []])
        fresh: list[Row] = [(one, [number, 0, variable, now]) for one, variable in values]
        kept = [row for row in old.rows if row[1][0] != number or now - int(str(row[1][3])) < KEPT]
        stored.save(stored.of_rows(project, stores, [*fresh, *kept], [], now), key, SYNCED)


def forget(project: str, names: set[str]) -> None:
    """Forget what came from the stores `names`. Raises GuardError, OSError."""
    key = index_key()
    with _changing(project, key) as old:
        left, kept = _without(old, names)
        stored.save(stored.of_rows(project, left, kept, [], old.built), key, SYNCED)


def forget_all(project: str) -> None:
    """Forget all of them, readable or not. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(stored.place(project, SYNCED))


def stores(project: str) -> list[tuple[str, int]]:
    """(store, how many values) of what was synced into `project`; nothing where that cannot be read."""
    try:
        old = stored.load(project, index_key(), SYNCED)
    except (FileNotFoundError, DamagedIndex):
        return []
    counts = [0] * len(old.files)
    for file, *_ in old.sources:
        counts[int(str(file))] += 1
    return [(str(file[0]), count) for file, count in zip(old.files, counts, strict=True)]


def _without(old: Index, names: set[str]) -> tuple[list[list[object]], list[Row]]:
    """The stores and rows of `old` but for those of `names`."""
    left = [number for number, file in enumerate(old.files) if file[0] not in names]
    moved = {number: place for place, number in enumerate(left)}
    rows = [(one, [moved[int(str(file))], *rest]) for one, (file, *rest) in old.rows if int(str(file)) in moved]
    return [list(old.files[number]) for number in left], rows


@contextlib.contextmanager
def _changing(project: str, key: bytes) -> Iterator[Index]:
    """What is synced into `project`, while no other process changes it."""
    folder = os.path.dirname(stored.place(project, SYNCED))
    for private in (state_dir(), os.path.dirname(folder), folder):
        private_dir(private)
    held = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if not lock(held, SECONDS):
            raise GuardError("another `secretguard known` does not come to its end", "end it, then try again")
        try:
            yield stored.load(project, key, SYNCED)
        except FileNotFoundError:
            yield Index(project, [], b"", b"[]", [], 0)
        except DamagedIndex as error:
            raise GuardError(f"what was synced cannot be used: {error}", _FIX) from None
    finally:
        fcntl.flock(held, fcntl.LOCK_UN)
        os.close(held)
