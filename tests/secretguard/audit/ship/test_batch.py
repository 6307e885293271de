"""Events and batches: what a sink asks of them, and events that fit into what a receiver takes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.ocsf import Sealed, Source
from secretguard.audit.ship.batch import Batch, Event, made
from secretguard.audit.ship.cursor import Cursor
from tests.secretguard.audit.ocsf_schema import faults

RECORD = {"v": 2, "seq": 7, "time": "2026-11-25T01:02:03.456Z", "event": "guard:command:denied", "command": "env"}
TEXTS = st.text(max_size=400)


def test_an_event_answers_for_itself() -> None:
    """Name, identity, number, severity, time, host; and a batch is its lines."""
    event = made(RECORD, Source("j", "build", "0"), None)
    assert (event.name, event.uid, event.number, event.severity) == ("guard:command:denied", "j:7", 7, 3)
    assert (event.time, event.host) == (1795568523456, "build")
    assert Batch((event, event), Cursor()).lines == event.line * 2


def test_an_event_without_what_is_usual_still_answers() -> None:
    """A record of a later version, or an odd one, stops nothing."""
    event = made({}, Source("j"), None)
    assert (event.name, event.number, event.time) == ("", 0, 0)
    odd = Event({"metadata": 7 and {"event_code": 1, "uid": 2}, "severity_id": "x", "time": None}, b"{}\n")
    assert (odd.name, odd.uid, odd.number, odd.severity, odd.time, odd.host) == ("1", "2", 0, 0, 0, "unknown")


def test_a_record_that_is_nested_too_deeply_still_goes_out() -> None:
    """At whatever depth: as its envelope and its text, never as an error that stops all behind it."""
    for depth in (10, 900, 950, 975, 985, 990, 992, 994, 996, 998, 2000, 100_000):
        nested: object = 1
        for _ in range(depth):
            nested = [nested]
        event = made({**RECORD, "nested": nested}, Source("j"), Sealed(7, "text", "a" * 64, "", "m"))
        assert (event.name, event.fields["raw_data"]) == ("guard:command:denied", "text")
        assert event.fields["process"] == {"uid": "j:7", "name": "command", "cmd_line": "env"}


def test_a_short_event_is_left_as_it_is() -> None:
    """Byte for byte, without the newline."""
    event = made(RECORD, Source("j"), None)
    assert event.within(len(event.line) - 1) + b"\n" == event.line


@given(
    st.dictionaries(TEXTS, st.one_of(TEXTS, st.lists(TEXTS, max_size=50), st.integers())),
    st.integers(2048, 9000),
    st.integers(0, 40_000),
)
def test_any_event_fits_and_stays_valid(record: dict[str, object], limit: int, length: int) -> None:
    """Cut to the limit it is still an event that the schema accepts, and says that it was cut."""
    rules = {"rules": ["x" * 100] * 100, "command": "y" * length}
    event = made({**record, **rules, **RECORD}, Source("j"), Sealed(7, "z" * length, "a" * 64, "", "m"))
    data = event.within(limit)
    assert len(data) <= limit
    document = json.loads(data)
    assert faults(document) == []
    assert document["metadata"].get("is_truncated", False) == (len(event.line) - 1 > limit)
    assert document["metadata"]["uid"] == event.uid


def test_a_limit_that_nothing_fits_is_an_error() -> None:
    """Nothing is sent that is not whole JSON."""
    with pytest.raises(ValueError, match="fits"):
        made({**RECORD, "command": "x" * 99}, Source("j"), None).within(30)
