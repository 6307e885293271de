"""What goes out: one record as an OCSF event, and a batch of them with the cursor that stands behind its last one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Protocol

from secretguard.audit import ocsf
from secretguard.audit.record import Record
from secretguard.audit.ship.cursor import Cursor
from secretguard.rawjson import JsonError, dumps, loads

RECORDS = 500
"""Records that are handed over and confirmed together."""

BYTES = 1 << 20
"""A batch ends before it is larger than this, unless it is one record."""

_CLIPS = (1024, 256, 64, 16)


@dataclasses.dataclass(frozen=True)
class Event:
    """One OCSF event: its fields, and the same as one line of ASCII JSON with its newline."""

    fields: Mapping[str, object]
    line: bytes

    @property
    def name(self) -> str:
        """The event of the vocabulary."""
        return str(self._metadata["event_code"])

    @property
    def uid(self) -> str:
        """The same for the same record, however often it is sent."""
        return str(self._metadata["uid"])

    @property
    def number(self) -> int:
        """The record's number in its journal; 0 where it has none."""
        number = self._metadata.get("sequence")
        return number if isinstance(number, int) else 0

    @property
    def severity(self) -> int:
        """OCSF's: 1 informational to 5 critical."""
        severity = self.fields["severity_id"]
        return severity if isinstance(severity, int) else 0

    @property
    def time(self) -> int:
        """Milliseconds since 1970."""
        time = self.fields["time"]
        return time if isinstance(time, int) else 0

    @property
    def host(self) -> str:
        """Where the record was written."""
        device = self.fields.get("device")
        return str(device.get("hostname", "unknown")) if isinstance(device, dict) else "unknown"

    @property
    def _metadata(self) -> Mapping[str, object]:
        metadata = self.fields["metadata"]
        return metadata if isinstance(metadata, dict) else {}

    def within(self, limit: int) -> bytes:
        """The event as JSON (no newline) of at most `limit` bytes, 2,048 or more; cut where it must be.

        What goes first is what is there twice: `raw_data`, then `unmapped`, then the ends of long texts. A cut event
        says so: `metadata.is_truncated`, and `untruncated_size` in bytes.
        """
        whole = self.line.rstrip(b"\n")
        if len(whole) <= limit:
            return whole
        metadata = {**self._metadata, "is_truncated": True, "untruncated_size": len(whole)}
        fields = {**self.fields, "metadata": metadata}
        for name in ("raw_data", "unmapped"):
            fields.pop(name, None)
            if len(cut := dumps(fields).encode("ascii")) <= limit:
                return cut
        for length in _CLIPS:
            if len(cut := dumps(_clipped(fields, length)).encode("ascii")) <= limit:
                return cut
        raise ValueError(f"no event fits into {limit} bytes")


class Source(Protocol):
    """Where records come from, in order."""

    def batches(self, cursor: Cursor, limit: int) -> Iterator[Batch]:
        """What there is after `cursor` now, in batches of at most `limit` records. Raises ConfigError when the cursor
        does not belong to this source."""


@dataclasses.dataclass(frozen=True)
class Batch:
    """Events in order; the cursor after them; how many records before them were gone before they could be sent."""

    events: tuple[Event, ...]
    cursor: Cursor
    lost: int = 0

    @property
    def lines(self) -> bytes:
        """The events as lines of JSON."""
        return b"".join(event.line for event in self.events)


def made(record: Record, source: ocsf.Source, sealed: ocsf.Sealed | None) -> Event:
    """A record as an event to send. One that is nested too deeply for JSON goes out as its envelope and its text."""
    try:
        line = ocsf.line_of(record, source, sealed)
        fields = loads(line)
    except (JsonError, RecursionError):
        envelope: Record = {name: value for name, value in record.items() if isinstance(value, str | int)}
        line = ocsf.line_of(envelope, source, sealed)
        fields = loads(line)
    assert isinstance(fields, dict)  # noqa: S101 - line_of writes an object
    return Event(fields, line)


def _clipped(value: object, length: int) -> object:
    if isinstance(value, str):
        return value[:length]
    if isinstance(value, dict):
        return {name: _clipped(inner, length) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clipped(inner, length) for inner in value[: max(1, length // 16)]]
    return value
