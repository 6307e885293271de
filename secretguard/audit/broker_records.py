"""Records of the broker from a file: what `broker log show --task ID` prints, or `GET /v1/log/entries` answers. Pure.

One JSON document a line, or one for all; a document is a record, or holds records under `entries` or `record`. Whether
they are genuine, `broker log verify` says where the log is.
"""

from __future__ import annotations

from collections.abc import Iterator

from secretguard.audit.record import Record, moment
from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, loads

MAX_BYTES = 64 * 1024 * 1024
REPORTED = "sandbox:event:reported"
_GUARDS = ("guard:", "journal:")
"""What a guard can record; a claim of anything else, or one whose texts were erased, is none."""

SLACK = 1.0
"""Seconds by which the clocks of sandbox and broker may differ: it is one machine's clock, cut to parts of a second."""


def read(data: bytes, name: str) -> list[Record]:
    """The records in `data`, in its order. Raises ConfigError naming the line of `name` that holds none."""
    fix = "give it the output of `broker log show --task ID`"
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name}: more than {MAX_BYTES} bytes", fix)
    try:
        return list(_records(loads(data)))
    except (JsonError, ValueError):
        pass  # one document a line, then
    found: list[Record] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            found += _records(loads(line)) if line.strip() else []
        except (JsonError, ValueError):
            raise ConfigError(f"{name}:{number}: no record of the broker", fix) from None
    return found


def _records(document: object, depth: int = 0) -> Iterator[Record]:
    if isinstance(document, str) and depth:
        document = loads(document.encode())
    if isinstance(document, list) and depth < 3:
        for item in document:
            yield from _records(item, depth + 1)
    elif isinstance(document, dict) and isinstance(document.get("event"), str):
        yield document
    elif isinstance(document, dict) and depth < 3 and ("entries" in document or "record" in document):
        yield from _records(document.get("entries", document.get("record")), depth + 1)
    else:
        raise ValueError("no record")


def claimed(records: list[Record], task: str) -> list[Record]:
    """What the guard in the sandbox of `task` recorded, as that sandbox claims it: once each, in its own order.

    Which task they came from the broker knows by the socket, whatever they claim themselves. The same of the time: one
    before the task began, or after the broker heard of it, is replaced by when it was heard of.
    """
    mine = [record for record in records if record.get("task") == task]
    began = min((moment(record.get("time")) for record in mine if record.get("event") != REPORTED), default=0.0)
    found: dict[tuple[str, ...], Record] = {}
    for record in mine:
        said = record.get("claimed")
        if record.get("event") == REPORTED and isinstance(said, dict) and str(said.get("event")).startswith(_GUARDS):
            likely = began - SLACK <= moment(said.get("time")) <= moment(record.get("time")) + SLACK
            found.setdefault(identity(said), owned(said if likely else {**said, "time": record.get("time")}, task))
    return list(found.values())


def identity(record: Record) -> tuple[str, ...]:
    """What makes two copies of a record one: number, time, event and call."""
    return tuple(str(record.get(name, "")) for name in ("seq", "time", "event", "tool_use_id"))


def owned(record: Record, task: str) -> Record:
    """The record as one of `task`; a record of a journal about itself belongs to no task."""
    return record if str(record.get("event")).startswith("journal:") else {**record, "claimed_task": task}
