from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import broker_records
from secretguard.audit.broker_records import claimed, read
from secretguard.errors import ConfigError

ONE = {"v": 1, "event": "broker:task:created", "task": "task-1"}
TWO = {"v": 1, "event": "broker:task:ended", "task": "task-1"}


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n",
        json.dumps([ONE, TWO]),
        json.dumps({"entries": [{"leaf": 0, "record": json.dumps(ONE)}, {"leaf": 1, "record": json.dumps(TWO)}]}),
        json.dumps({"leaf": 0, "record": ONE}) + "\n\n" + json.dumps({"leaf": 1, "record": TWO}),
        json.dumps(ONE) + "\r\n" + json.dumps(TWO),
    ],
    ids=["lines", "list", "entries", "wrapped lines", "lines of another system"],
)
def test_the_forms_in_which_the_broker_gives_records(text: str) -> None:
    """Command and call, one a line or all in one."""
    assert read(text.encode(), "f") == [ONE, TWO]


@pytest.mark.parametrize("line", ["x", "{}", "7", '"x"', '{"event": 7}', '{"record": "x"}', "[[[[[]]]]]{"])
def test_what_is_no_record_is_named_by_its_line(line: str) -> None:
    """A story is not told of half a file."""
    with pytest.raises(ConfigError) as refused:
        read(f"{json.dumps(ONE)}\n{line}\n".encode(), "f.jsonl")
    assert "f.jsonl:2" in str(refused.value)


def test_a_file_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """More is refused before it is parsed."""
    monkeypatch.setattr(broker_records, "MAX_BYTES", 10)
    with pytest.raises(ConfigError):
        read(b" " * 11, "f")


@given(st.binary(max_size=60))
def test_any_bytes_are_records_or_refused(data: bytes) -> None:
    """Never another fault."""
    try:
        assert isinstance(read(data, "f"), list)
    except ConfigError:
        return


def test_what_a_sandbox_claims_belongs_to_the_task_whose_socket_it_came_by() -> None:
    """Whatever the claim says itself; once each; the journal's own records name no task; another task's are not its."""
    lie = {"seq": 2, "time": "2026-11-25T01:00:02Z", "event": "guard:command:allowed", "claimed_task": "task-2"}
    own = {"seq": 1, "time": "2026-11-25T01:00:02Z", "event": "journal:file:started"}
    reported = {"event": "sandbox:event:reported", "task": "task-1", "time": "2026-11-25T01:00:03Z"}
    records: list[dict[str, object]] = [
        ONE,
        {**reported, "claimed": own},
        {**reported, "claimed": lie},
        {**reported, "claimed": lie},
        {**reported, "claimed": "nothing"},
        {**reported, "task": "task-2", "claimed": {**lie, "seq": 3}},
    ]
    assert claimed(records, "task-1") == [own, {**lie, "claimed_task": "task-1"}]


@pytest.mark.parametrize("lie", ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday", "", 7, None])
def test_a_sandbox_does_not_say_when(lie: object) -> None:
    """A time outside of the task, or none, is replaced by when the broker heard of it; one inside stands."""
    said = {"seq": 1, "event": "guard:prompt:allowed", "claimed_task": "task-1"}
    began, inside, heard = (f"2026-11-25T01:00:0{second}.001Z" for second in (1, 2, 3))
    reported = {"event": "sandbox:event:reported", "task": "task-1", "time": heard}
    records = [{**ONE, "time": began}, {**reported, "claimed": {**said, "time": lie}}]
    assert claimed(records, "task-1") == [{**said, "time": heard}]
    records[1]["claimed"] = {**said, "time": inside}
    assert claimed(records, "task-1") == [{**said, "time": inside}]
