from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.joined import BROKER, CLAIMED, GUARD, Joined, join
from secretguard.audit.record import Record
from secretguard.audit.vocabulary import EVENTS

TASK = "task-0123456789ab"
IDS = {"client": "claude-code", "client_version": "2.1.330", "session_id": "s1", "claimed_task": TASK}


def at(second: float) -> str:
    return f"2026-11-25T01:00:{second:06.3f}Z"


def broker(second: float, event: str, **fields: object) -> Record:
    return {"v": 1, "time": at(second + 0.001), "event": event, "task": TASK, **fields}


def guard(seq: int, second: float, event: str, **fields: object) -> Record:
    return {"v": 1, "seq": seq, "time": at(second), "event": event, **IDS, **fields}


def reported(record: Record) -> Record:
    return broker(59, "sandbox:event:reported", claimed_event=record["event"], claimed=record)


def example() -> list[Record]:
    """One of everything that a reviewer asks for, from the broker's log alone."""
    hosts = [{"via": "curl", "how": "inferred", "host": "api.example"}]
    run = {"tool": "Bash", "tool_use_id": "c1", "command": "curl https://api.example"}
    refused = {"tool": "Bash", "tool_use_id": "c2", "command": "env", "rule": "never-reveal-secrets"}
    write = {"tool": "Write", "tool_use_id": "c3", "path": "a.py"}
    inside = [
        guard(1, 2, "guard:prompt:allowed", outcome="left"),
        guard(2, 3, "guard:command:allowed", hosts=hosts, **run),
        guard(3, 5, "guard:read:allowed", happened="failed", **run),
        guard(4, 6, "guard:command:denied", **refused),
        guard(5, 7, "guard:write:allowed", **write),
        guard(6, 7.5, "guard:read:allowed", happened="ran", **write),
    ]
    lease = {"lease": "lease-1", "grant": "db"}
    return [
        broker(0, "broker:task:created", launcher="unix:1000", policy="hello", rule="r", purpose="mend it"),
        broker(1, "sandbox:command:started"),
        broker(3.5, "broker:approval:requested", approval="apr-1", needed=1, rule="r"),
        broker(4, "broker:approval:granted", approval="apr-1", approver="jwt:grace", reason="fine"),
        broker(4.2, "broker:lease:intended", source="database", ttl=300, rule="r", **lease),
        broker(4.5, "broker:lease:issued", lease="lease-1"),
        *map(reported, inside),
        broker(9, "broker:lease:revoked", lease="lease-1", revocation="confirmed", by="broker", because="end"),
        broker(9.5, "broker:task:ended", by=f"session of {TASK}", reason="asked for"),
        {**broker(5, "broker:task:killed", by="somebody"), "task": "task-other"},
    ]


def joined(records: list[Record], journal: list[Record] | None = None) -> Joined:
    found = join(TASK, records, journal or [])
    assert found is not None
    return found


def test_the_head_answers_the_reviewers_questions() -> None:
    """Who asked, how it ended, which credentials, who approved, what was run, changed and called."""
    found = joined(example())
    assert found.asked.startswith("unix:1000 asked for a run of hello (rule r): mend it")
    assert found.ended.startswith("ended by session of")
    assert found.credentials == ("db (lease-1): revoked, confirmed",)
    assert any("jwt:grace approved apr-1" in line for line in found.approvals)
    assert found.did() == {
        "read": (),
        "ran": ("curl https://api.example",),
        "changed": ("a.py",),
        "called": (),
        "sent to": ("api.example (inferred from curl), and failed",),
    }
    assert (found.of_broker, found.of_sandbox, found.of_journal) == (8, 6, 0)
    assert (found.started, found.seconds) == (at(0.001), 9.5)


def test_both_sides_stand_in_the_order_of_time() -> None:
    """The guard's steps between the broker's records, marked as what they are."""
    lines = joined(example()).lines
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert [line.side for line in lines].count(CLAIMED) == 4
    words = [line.text for line in lines]
    assert words.index(next(w for w in words if "sent a prompt" in w)) == 2
    called = next(w for w in words if "curl" in w)
    assert "it failed" in called
    assert "called out: api.example (inferred from curl)" in called
    assert "denied" in next(w for w in words if "run env" in w)


def test_whole_seconds_stand_behind_what_they_followed() -> None:
    """The log's order, not the cut-off time, says when an approval was: after the step of the same second before it."""
    asked = {**broker(2, "broker:approval:requested", approval="apr-1"), "time": at(2)}
    agreed = {**broker(2, "broker:approval:granted", approval="apr-1"), "time": at(2)}
    ended = broker(2.9, "broker:task:ended", by="x")
    step = reported(guard(1, 2.5, "guard:prompt:allowed"))
    words = [line.text for line in joined([broker(1, "broker:task:created"), step, asked, agreed, ended]).lines]
    assert [word.split()[0] for word in words] == ["-", "sent", "apr-1", "-", "ended"]


def test_a_journal_that_is_at_hand_is_no_mere_claim() -> None:
    """The same record from both ways is one, and then the sandbox's word; one of the journal alone is the guard's."""
    own = guard(9, 8, "guard:prompt:allowed")
    twice = guard(1, 2, "guard:prompt:allowed", outcome="left")
    other = {**guard(10, 8, "guard:prompt:allowed"), "claimed_task": "task-other"}
    found = joined(example(), [twice, own, other])
    assert (found.of_sandbox, found.of_journal) == (6, 1)
    assert [line.side for line in found.lines].count(GUARD) == 1
    assert [line.side for line in found.lines].count(CLAIMED) == 4


def test_one_side_alone_is_told_too() -> None:
    """No guard in the sandbox, or no records of the broker; nothing at all is no task."""
    alone = joined([one for one in example() if one["event"] != "sandbox:event:reported"])
    assert alone.run is None
    assert {line.side for line in alone.lines} == {BROKER}
    only = joined([], [guard(1, 1, "guard:prompt:allowed")])
    assert (only.asked, only.credentials, [line.side for line in only.lines]) == ("", (), [GUARD])
    assert join("task-none", example(), []) is None


def test_a_claim_does_not_speak_for_the_broker() -> None:
    """A record inside a claim that names an event of the broker's adds no line, no approval and no credential."""
    lie = {**guard(7, 5, "guard:command:allowed"), "event": "broker:approval:granted", "approver": "nobody"}
    found = joined([*example(), reported(lie)])
    assert not any("nobody" in line for line in found.approvals)
    assert not [line for line in found.lines if line.side == BROKER and "nobody" in line.text]


VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=2))
FIELDS = st.fixed_dictionaries(
    {"event": st.sampled_from([*sorted(EVENTS), "x"])},
    optional={
        "task": st.one_of(st.just(TASK), VALUES),
        "claimed_task": st.one_of(st.just(TASK), VALUES),
        "time": st.one_of(st.just(at(1)), VALUES),
        "claimed": st.one_of(
            st.fixed_dictionaries({"event": st.sampled_from(sorted(EVENTS)), "hosts": VALUES}), VALUES
        ),
        **dict.fromkeys(("seq", "lease", "grant", "hosts", "tool", "tool_use_id", "command", "happened"), VALUES),
    },
)


@given(st.lists(FIELDS, max_size=6), st.lists(FIELDS, max_size=4))
def test_no_records_break_it(records: list[Record], journal: list[Record]) -> None:
    """Whatever types their fields have: a joined run, or none."""
    found = join(TASK, records, journal)
    if found is not None:
        assert len(found.lines) <= 2 * len(records) + len(journal)
        assert found.did()
