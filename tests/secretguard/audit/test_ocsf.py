"""The OCSF mapping: complete, well-formed for each class, and never in the way of an export."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import ocsf, vocabulary
from secretguard.audit.digest import labelled
from secretguard.audit.ocsf import Sealed, Source, event_of, line_of
from tests.secretguard.audit.ocsf_schema import faults

SOURCE = Source("journal", "host", "1000", "c" * 64)
SEALED = Sealed(7, '{"v":1}', "a" * 64, "b" * 64, "SHA-256(prev, raw_data)")
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
FIELDS = sorted(
    {*FULL, "event", "host", "uid", "lease", "by", "directory", "argv", "grant", "hosts", "how", "digest_after"}
)


def test_every_event_of_the_vocabulary_is_mapped() -> None:
    """A new event needs a row here, and a row needs an event."""
    assert set(ocsf.EVENTS) == set(vocabulary.EVENTS)


@pytest.mark.parametrize("name", sorted(ocsf.EVENTS))
@pytest.mark.parametrize("fields", [{"time": FULL["time"]}, FULL], ids=["bare", "full"])
@pytest.mark.parametrize("sealed", [None, SEALED], ids=["loose", "sealed"])
def test_each_event_is_valid(name: str, fields: dict[str, object], sealed: Sealed | None) -> None:
    """Whether the record is rich or poor, the event is one that the schema of OCSF 1.9.0 accepts."""
    event: dict[str, Any] = event_of({**fields, "event": name}, SOURCE, sealed)
    assert faults(event) == []
    assert event["metadata"]["event_code"] == name
    assert event["time"] == 1795568523456
    assert ("activity_name" in event) == (event["activity_id"] == 99)


def test_the_validator_sees_what_is_wrong() -> None:
    """Each kind of fault is found in an event that has it: a validator that finds nothing proves nothing."""
    good: dict[str, Any] = event_of({**FULL, "event": "guard:command:denied"}, SOURCE, SEALED)
    assert faults(good) == []
    metadata = good["metadata"]
    wrong: dict[str, dict[str, Any]] = {
        "activity_id may not be": {"activity_id": 77, "type_uid": 100777},
        "type_uid is not": {"type_uid": 100799},
        "category_uid does not fit": {"category_uid": 2},
        "colour is unknown": {"colour": "red"},
        "time is no integer": {"time": "now"},
        "is_alert is no boolean": {"is_alert": 1},
        "attestation_list is no list": {"attestation_list": {}},
        "device.type_id is required": {"device": {"hostname": "h"}},
        "process needs at_least_one": {"process": {"name": "Bash"}},
        "status_id is Other": {"status_id": 99},
        "needs one of the profiles ['security_control']": {"metadata": {**metadata, "profiles": ["host"]}},
        "has no profile cloud": {"metadata": {**metadata, "profiles": [*metadata["profiles"], "cloud"]}},
        "version is not": {"metadata": {**metadata, "version": "1.8.0"}},
        "no such class": {"class_uid": 9999},
    }
    for text, change in wrong.items():
        assert any(text in fault for fault in faults({**good, **change})), text
    del good["actor"]
    assert "actor is required" in faults(good)


def test_a_sealed_record_can_be_checked_by_the_receiver() -> None:
    """Its exact text, its digest, the digest before it and how they are made are all in the event."""
    event: dict[str, Any] = event_of({**FULL, "event": "guard:read:denied"}, SOURCE, SEALED)
    assert event["raw_data"] == SEALED.text
    (proof,) = event["attestation_list"]
    assert (proof["chain_uid"], proof["fingerprint"]["value"]) == ("c" * 64, "a" * 64)
    before = {"algorithm_id": 3, "algorithm": "SHA-256", "value": "b" * 64}
    assert proof["prev_event"] == {"uid": "journal:6", "fingerprint": before}
    first: dict[str, Any] = event_of({"event": "guard:read:denied"}, SOURCE, Sealed(1, "{}", "a" * 64, "", "m"))
    assert "prev_event" not in first["attestation_list"][0]


def test_refusals_are_denied_and_only_refusals() -> None:
    """What the vocabulary calls so is an action Denied; nothing else is."""
    denied = {name for name, row in ocsf.EVENTS.items() if row[2] in (ocsf.DENIED, ocsf.REJECTED)}
    words = ("denied", "refused", "withheld", "expired")
    assert denied == {name for name in vocabulary.EVENTS if name.endswith(words)}


def test_a_command_says_who_ran_what_and_what_came_of_it() -> None:
    """Session, agent, the call's id, the command after redaction, and the decision."""
    event: dict[str, Any] = event_of({**FULL, "event": "guard:command:denied"}, SOURCE)
    assert event["process"] == {"uid": "t", "name": "Bash", "cmd_line": "git status"}
    assert (event["action_id"], event["disposition_id"], event["status_id"]) == (2, 2, 2)
    assert event["ai_agent"]["instance_uid"] == event["actor"]["session"]["uid"] == "s"
    assert event["delegation"] == {"uid": "task-1", "issuer_uid": "broker"}
    assert event["metadata"]["correlation_uid"] == "t"
    assert event["device"]["hostname"] == "host"
    assert event["unmapped"]["rules"] == ["github-token"]


@pytest.mark.parametrize(
    ("how", "activity", "result"),
    [("created", 1, True), ("modified", 3, True), ("deleted", 4, False), ("renamed", 5, True), ("later word", 3, True)],
)
def test_a_changed_file_is_told_before_and_after(how: str, activity: int, result: bool) -> None:
    """With keyed digests and sizes, under the activity that fits; who did it are calls, not users."""
    record: dict[str, object] = {
        "event": "guard:file:changed", "how": how, "path": "/srv/app/b.py", "source": "/srv/app/a.py", "by": "toolu_1",
        "digest_before": labelled(b"k" * 32, b"file", b"x"), "bytes_before": 3, "digest_after": "not known",
    }  # fmt: skip
    event: dict[str, Any] = event_of(record, SOURCE)
    assert faults(event) == []
    assert (event["activity_id"], event["type_uid"]) == (activity, 100100 + activity)
    assert event["file"]["path"] == "/srv/app/a.py"
    hashed = event["file"]["hashes"][0]["value"]
    assert (hashed, event["file"]["size"]) == (labelled(b"k" * 32, b"file", b"x"), 3)
    assert ("file_result" in event) == result
    assert not result or event["file_result"] == {"name": "b.py", "path": "/srv/app/b.py", "type_id": 1}
    assert event["actor"]["user"] == {"uid": "1000"}


def test_called_hosts_can_be_searched_for() -> None:
    """Each once, in the attribute that every receiver knows; a bounded number of them."""
    rows = [
        {"host": "docs.example"},
        {"host": "docs.example"},
        {"unknown": "why"},
        7,
        *({"host": f"h{n}"} for n in range(200)),
    ]
    event: dict[str, Any] = event_of({"event": "guard:command:allowed", "hosts": rows}, SOURCE)
    assert faults(event) == []
    assert [one["value"] for one in event["observables"]][:2] == ["docs.example", "h0"]
    assert len(event["observables"]) == ocsf.MAX_HOSTS


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
