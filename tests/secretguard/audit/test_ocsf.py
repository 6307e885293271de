"""The OCSF mapping: complete, well-formed for each class, and never in the way of an export."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import ocsf, vocabulary
from secretguard.audit.ocsf import Source, event_of, line_of

SOURCE = Source("journal", "host", "1000")
BASE = {
    "class_uid", "category_uid", "activity_id", "type_uid", "severity_id", "time", "metadata", "status_id", "unmapped",
}  # fmt: skip
REQUIRED = {
    ocsf.FILE: {"actor", "device", "file", "action_id", "disposition_id"},
    ocsf.PROCESS: {"actor", "device", "process", "action_id", "disposition_id"},
    ocsf.FINDING: {"finding_info"},
    ocsf.SESSION: {"user", "privileges"},
    ocsf.ENTITY: {"entity"},
    ocsf.API: {"actor", "api", "src_endpoint"},
}
"""Class → attributes that the schema requires of it, beside those of every event; of Authorize Session one of three."""
FULL = {
    "v": 1, "seq": 7, "time": "2026-11-25T01:02:03.456Z", "client": "claude-code", "client_version": "2.1.330",
    "session_id": "s", "tool_use_id": "t", "tool": "Bash", "command": "git status", "path": "/srv/app/.env",
    "rules": ["github-token"], "reason": "why", "task": "task-1", "lease": "lease-1", "approver": "ann", "digest": "d1",
}  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
FIELDS = sorted({*FULL, "event", "host", "uid", "lease", "by", "directory", "argv", "grant"})


def test_every_event_of_the_vocabulary_is_mapped() -> None:
    """A new event needs a row here, and a row needs an event."""
    assert set(ocsf.EVENTS) == set(vocabulary.EVENTS)


@pytest.mark.parametrize("name", sorted(ocsf.EVENTS))
@pytest.mark.parametrize("fields", [{"time": FULL["time"]}, FULL], ids=["bare", "full"])
def test_each_event_has_what_its_class_requires(name: str, fields: dict[str, object]) -> None:
    """Required attributes are there and are not empty, whether the record is rich or poor; ids are consistent."""
    event: dict[str, Any] = event_of({**fields, "event": name}, SOURCE)
    kind = event["class_uid"]
    assert set(event) >= BASE | REQUIRED[kind]
    assert all(event[attribute] for attribute in REQUIRED[kind] - {"action_id", "disposition_id"})
    assert event["type_uid"] == kind * 100 + event["activity_id"]
    assert event["category_uid"] == kind // 1000
    assert event["metadata"]["version"] == "1.9.0"
    assert event["metadata"]["event_code"] == name
    assert event["time"] == 1795568523456
    assert ("action_id" in event) == ("security_control" in event["metadata"]["profiles"])
    assert ("activity_name" in event) == (event["activity_id"] == 99)


def test_refusals_are_denied_and_only_refusals() -> None:
    """What the vocabulary calls so is an action Denied; nothing else is."""
    denied = {name for name, row in ocsf.EVENTS.items() if row[2] == ocsf.DENIED}
    words = ("denied", "refused", "withheld", "expired", "stolen")
    assert denied == {name for name in vocabulary.EVENTS if name.endswith(words)}


def test_a_command_says_who_ran_what_and_what_came_of_it() -> None:
    """Session, agent, the call's id, the command after redaction, and the decision."""
    event: dict[str, Any] = event_of({**FULL, "event": "guard:command:denied"}, SOURCE)
    assert event["process"] == {"name": "Bash", "cmd_line": "git status"}
    assert (event["action_id"], event["disposition_id"], event["status_id"]) == (2, 2, 2)
    assert event["ai_agent"]["instance_uid"] == event["actor"]["session"]["uid"] == "s"
    assert event["delegation"] == {"uid": "task-1", "issuer_uid": "broker"}
    assert event["metadata"]["correlation_uid"] == "t"
    assert event["device"]["hostname"] == "host"
    assert event["unmapped"]["rules"] == ["github-token"]


def test_an_event_of_a_later_version_is_not_lost() -> None:
    """It becomes a Base Event with everything that it said."""
    event = event_of({"event": "guard:future:seen", "time": "x", "field": 1}, SOURCE)
    assert (event["class_uid"], event["activity_name"], event["time"]) == (0, "seen", 0)
    assert event["unmapped"] == {"field": 1}


def test_records_without_a_number_are_told_apart_by_what_they_say() -> None:
    """A record of the broker has no `seq`; the same record has the same id, another one another."""
    one, again, other = (
        event_of({"event": "broker:lease:issued", "lease": lease}, SOURCE)["metadata"] for lease in ("a", "a", "b")
    )
    assert one == again
    assert one["uid"] != other["uid"]  # type: ignore[index]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(sorted(ocsf.EVENTS)))
def test_no_record_stops_an_export(fields: dict[str, object], name: str) -> None:
    """Whatever types the fields have, the record becomes one line of JSON, and the same one twice."""
    record = {"event": name, **fields}
    line = line_of(record, SOURCE)
    assert line == line_of(record, SOURCE)
    assert line.count(b"\n") == 1
    assert json.loads(line)["metadata"]["log_name"] == "journal"
