"""Who may have changed a file: what was seen, and no more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.record import Record
from secretguard.worktree.authors import calls, nanoseconds
from secretguard.worktree.compare import Change
from secretguard.worktree.snapshot import Row

SECOND = 1_000_000_000
BASE = nanoseconds("2026-11-25T01:00:00Z")


def record(second: float, event: str, tool: str, call: str, session: str = "s", **fields: object) -> Record:
    time = f"2026-11-25T01:00:{second:06.3f}Z"
    return {"time": time, "event": event, "tool": tool, "tool_use_id": call, "session_id": session, **fields}


def change(digest: str = "d", second: float = 0.0) -> Change:
    return Change("modified", "a.txt", None, Row(0o100644, 1, 0, BASE + int(second * SECOND), 1, digest))


RECORDS = [
    record(1, "guard:write:allowed", "Write", "w1", path="a.txt", digest_before="none"),
    record(2, "guard:read:allowed", "Write", "w1", path="a.txt", digest_after="d"),
    record(3, "guard:command:allowed", "Bash", "b1", command="make"),
    record(5, "guard:read:allowed", "Bash", "b1", command="make"),
    record(6, "guard:command:denied", "Bash", "b2", command="env"),
    record(7, "guard:command:asked", "Bash", "b3", command="git clean -f"),
    record(8, "guard:command:allowed", "Bash", "b4", command="make watch &"),
]


def test_what_a_tool_wrote_is_its_own() -> None:
    """Same content, same file: that call. Another content or another file: nobody's."""
    found = calls(RECORDS, "s", BASE, BASE + 9 * SECOND)
    assert found.by(change(), "/p/a.txt") == ["w1"]
    assert found.by(change("other"), "/p/a.txt") == []
    assert found.by(change(), "/p/ba.txt") == []
    assert found.by(Change("deleted", "a.txt", change().after, None), "/p/a.txt") == []


def test_words_in_place_of_a_digest_prove_nothing() -> None:
    """Two files too large to read are not the same."""
    large = "not read: larger than 256 KiB"
    found = calls([record(1, "guard:read:allowed", "Write", "w1", path="a.txt", digest_after=large)], "s", 0, 0)
    assert found.by(change(large), "/p/a.txt") == []


def test_a_write_from_before_the_last_look_is_not_the_cause() -> None:
    """A command that puts an old content back is not the old call."""
    assert calls(RECORDS, "s", BASE + 4 * SECOND, BASE + 9 * SECOND).by(change(), "/p/a.txt") == []


def test_the_time_of_a_command() -> None:
    """From its decision to its result; what still runs, until now; what was denied or never answered, never."""
    found = calls(RECORDS, "s", BASE, BASE + 9 * SECOND)
    assert [found.during(change("", second)) for second in (2.5, 4, 5.5, 6.5, 7.5, 8.5)] == [
        [],
        ["b1"],
        [],
        [],
        [],
        ["b4"],
    ]
    assert found.during(Change("deleted", "a.txt", change().after, None)) == []


def test_another_session_is_another() -> None:
    """Its calls are not this one's."""
    found = calls(RECORDS, "other", BASE, BASE + 9 * SECOND)
    assert (found.wrote, found.ran) == ([], {})


ANY = st.none() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=1)


@given(st.lists(st.dictionaries(st.sampled_from([*RECORDS[1], "digest_after"]), ANY, max_size=8), max_size=4))
def test_no_record_breaks_it(records: list[Record]) -> None:
    """Whatever types the fields have."""
    found = calls([{"session_id": "s", "tool_use_id": "c", **one} for one in records], "s", 0, 1)
    found.by(change(), "/p/a.txt")
    found.during(change())
