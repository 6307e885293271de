"""Looks at files in a run: joined with the turns that asked for them, told in words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import looks
from secretguard.audit.record import Record
from secretguard.audit.story import story
from secretguard.audit.timeline import Run, run_of
from tests.secretguard.audit import runs


def example() -> runs.Run:
    """A turn with a command and a write, its look, and a second turn whose look never came."""
    run = runs.Run()
    run.add(
        "guard:files:compared", looks=["l0"], seen_at="turn start", changed=0, since="the first look of this session"
    )
    run.call("c1", "Bash", "guard:command:allowed", "guard:read:allowed", command="make all", outcome="left")
    run.call("c2", "Write", "guard:write:allowed", "guard:read:allowed", path="a.py", outcome="left")
    run.add("guard:turn:ended", look="l1")
    run.add("guard:file:changed", looks=["l1"], how="created", path="/p/a.o", by=ANYBODY, during=["c1"])
    run.add("guard:file:changed", looks=["l1"], how="modified", path="/p/a.py", by=["c2"])
    run.add("guard:file:changed", looks=["l1"], how="renamed", path="/p/y", source="/p/x", by=ANYBODY)
    run.add("guard:head:moved", looks=["l1"], path="/p", old="1" * 40, new="2" * 40, commits=2)
    run.add("guard:files:unlisted", looks=["l1"], reason="too many to list", count=7)
    run.add("guard:files:compared", looks=["l1"], seen_at="turn end", changed=10, since="2026-11-25T01:00:00.000Z")
    run.add("guard:turn:ended", look="l2")
    return run


ANYBODY = "a command of this turn, or somebody else"


def made(run: runs.Run) -> Run:
    found = run_of(run.records, "s1")
    assert found is not None
    return found


def test_the_story_of_a_turn() -> None:
    """One line a change with who was seen to make it; the turn says how many; a turn without a look stands out."""
    told = [(step.kind, step.subject, step.note) for step in made(example()).steps if step.kind in looks.KINDS.values()]
    assert told == [
        ("look", "files looked at for the first time", ""),
        ("turn", "turn ended, 10 files changed since the look before", ""),
        ("change", "created /p/a.o", "while this ran: make all"),
        ("change", "modified /p/a.py", "what the agent wrote: a.py"),
        ("change", "renamed /p/y, was /p/x", ANYBODY),
        ("change", "HEAD of /p moved to 222222222222, 2 commits ahead", ""),
        ("unseen", "not all changes of files are listed: too many to list", ""),
        ("unseen", "turn ended, its files were not compared", ""),
    ]


def test_gaps_are_alarms_and_changes_are_counted() -> None:
    """A reviewer sees first what nobody saw; no step has an answer that it does not deserve."""
    run = made(example())
    assert [step.subject for step in run.alarms] == [
        "not all changes of files are listed: too many to list",
        "turn ended, its files were not compared",
    ]
    assert run.counts()["change"] == 4
    assert {step.answer for step in run.steps if step.kind in looks.KINDS.values()} == {""}
    text = story(run, "intact", "here")
    assert "1 command, 1 write, 4 file changes" in text
    assert "  UNSEEN     turn ended, its files were not compared" in text
    assert "  changed    created /p/a.o [while this ran: make all]" in text


def test_a_look_that_failed_is_one_gap() -> None:
    """The turn that asked for it is told with it, not as a second gap."""
    run = runs.Run()
    run.add("guard:turn:ended", look="l1")
    run.add("guard:files:unlisted", looks=["l1"], reason="the look took more than 60 s")
    assert [(step.kind, step.subject) for step in made(run).steps] == [
        ("turn", "turn ended, its files were not compared"),
        ("unseen", "not all changes of files are listed: the look took more than 60 s"),
    ]


def test_a_long_command_is_cut() -> None:
    """And no more than three are named."""
    calls = {str(number): f"{number} " + "x" * 200 for number in range(5)}
    record: Record = {"event": "guard:file:changed", "by": ANYBODY, "during": list(calls)}
    note = looks.note(record, calls)
    assert [part[0] for part in note.removeprefix("while this ran: ").split(", ")] == ["2", "3", "4"]
    assert len(note) < 400


ANY = st.none() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=2) | st.integers(), max_size=2)
FIELDS = st.dictionaries(
    st.sampled_from(["look", "looks", "how", "path", "by", "during", "changed", "since", "new"]), ANY
)


@given(st.lists(st.tuples(st.sampled_from([*looks.KINDS, "guard:prompt:allowed"]), FIELDS), max_size=6))
def test_no_record_breaks_it(given: list[tuple[str, Record]]) -> None:
    """Whatever types fields have, in whatever order; nothing is invented."""
    records: list[Record] = [{**fields, "event": event, "session_id": "s1"} for event, fields in given]
    settled = looks.settled(records)
    assert len(settled) <= len(records)
    for record in settled:
        if looks.kind(record):
            assert looks.subject(record)
        looks.note(record, {})
    assert (run_of(records, "s1") is None) == (not records)
