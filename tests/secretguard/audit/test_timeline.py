from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import timeline, vocabulary
from secretguard.audit.record import Record
from secretguard.audit.timeline import ROUTINE, Run, last_session, run_of
from tests.secretguard.audit import runs

VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.text(max_size=3), max_size=2))
RECORDS = st.fixed_dictionaries(
    {"event": st.sampled_from(sorted(vocabulary.EVENTS))},
    optional={
        "session_id": st.sampled_from(["s1", "s2", "", 7]),
        "tool": st.one_of(st.sampled_from(sorted(timeline.KINDS)), VALUES),
        "tool_use_id": st.one_of(st.sampled_from(["c1", "c2"]), VALUES),
        "time": st.one_of(st.sampled_from(["2026-11-25T01:02:03.456Z", "2026-11-25T01:02:03"]), VALUES),
        **dict.fromkeys(("seq", "count", "rules", "rule", "path", "command", "reason", "phase", "outcome"), VALUES),
    },
)


def made(run: runs.Run, session: str = "s1") -> Run:
    found = run_of(run.records, session)
    assert found is not None
    return found


def test_the_two_records_of_a_call_are_one_step() -> None:
    """Decision and result together, in the order in which the calls began."""
    steps = made(runs.example()).steps
    told = [(step.kind, step.answer, step.seen, step.happened) for step in steps]
    assert told == [
        ("prompt", "allowed", "", "yes"),
        ("read", "allowed", "redacted", "yes"),
        ("run", "asked", "left", "yes"),
        ("run", "asked", "", "cannot tell"),
        ("run", "denied", "", "no"),
        ("run", "allowed", "exposed", "yes"),
        ("write", "allowed", "left", "yes"),
        ("call", "allowed", "withheld", "yes"),
        ("record", "", "", "yes"),
        ("fault", "refused", "", "no"),
        ("prompt", "denied", "", "no"),
    ]
    assert [step.subject for step in steps[1:5]] == [".env", "git reset --hard", "git clean -fdx", "env"]
    assert (steps[1].rules, steps[1].count, steps[6].agent) == (("github-token",), 2, "sub")


def test_an_asked_read_or_write_is_a_question_until_a_result_follows() -> None:
    """The decision is told from the result by what it says, with or without a phase."""
    run = runs.Run()
    run.call("c1", "Read", "guard:read:asked", path="a")
    run.add("guard:read:asked", tool="LS", tool_use_id="c2", path="b")
    run.call("c3", "Write", "guard:write:asked", "guard:read:allowed", path="c", outcome="left")
    told = [(step.kind, step.answer, step.seen, step.happened) for step in made(run).steps]
    assert told == [
        ("read", "asked", "", "cannot tell"),
        ("read", "asked", "", "cannot tell"),
        ("write", "asked", "left", "yes"),
    ]


def test_what_a_reviewer_must_see_is_an_alarm() -> None:
    """An exposure, a result that may have left, a gap in the record, an unreadable event of which nobody can tell."""
    assert [step.event for step in made(runs.example()).alarms] == [
        "guard:read:exposed",
        "guard:read:withheld",
        "journal:record:missing",
        "guard:event:unreadable",
    ]
    quiet = runs.Run()
    quiet.call("c1", "Bash", "guard:command:denied", command="env", outcome="did not leave")
    quiet.call("c2", "Bash", "guard:command:allowed", "guard:read:withheld", outcome="did not leave")
    assert made(quiet).alarms == ()


def test_a_journal_that_went_on_in_a_new_file_is_no_alarm() -> None:
    """What a journal does as a matter of routine is told in its place, and calls nobody; an erasure does."""
    run = runs.Run()
    run.add("guard:prompt:allowed")
    for event in (*ROUTINE, "journal:record:erased", "journal:head:mismatch"):
        run.add(event, ids=False)
    run.add("guard:prompt:allowed")
    found = made(run)
    assert [step.event for step in found.steps][1:-1] == [*ROUTINE, "journal:record:erased", "journal:head:mismatch"]
    assert [step.event for step in found.alarms] == ["journal:record:erased", "journal:head:mismatch"]


def test_times_count_from_the_runs_first_record() -> None:
    """Not from the journal's; a clock that goes back gives no negative time."""
    run = runs.Run()
    run.add("guard:prompt:allowed")
    run.add("guard:prompt:allowed")
    run.records.append({**run.records[1], "time": "2020-01-01T00:00:00Z"})
    assert [step.at for step in made(run).steps] == [0.0, 0.1, 0.0]
    assert made(run).seconds == 0.0


def test_only_the_sessions_own_records_count() -> None:
    """Another session's are not mixed in; loose records before the run's first and after its last are not its own."""
    run = runs.Run("other")
    run.add("guard:prompt:allowed")
    run.add("journal:tail:torn", ids=False)
    run.session = "s1"
    run.add("guard:prompt:allowed")
    run.session = "other"
    run.add("guard:prompt:denied")
    run.session = "s1"
    run.add("guard:prompt:allowed")
    run.add("journal:tail:torn", ids=False)
    assert [step.event for step in made(run).steps] == ["guard:prompt:allowed"] * 2
    assert last_session(run.records) == "s1"
    assert run_of(run.records, "none") is None
    assert last_session([]) == ""


def test_calls_without_an_id_stay_apart() -> None:
    """Steps of an old client, or prompts that share an id, are never merged into one."""
    run = runs.Run()
    run.add("guard:prompt:allowed", tool_use_id="x")
    run.add("guard:prompt:denied", tool_use_id="x")
    run.add("guard:command:allowed", tool="Bash", command="a")
    run.add("guard:command:allowed", tool="Bash", command="b")
    assert len(made(run).steps) == 4


def test_a_refused_call_that_could_not_be_judged(monkeypatch: object) -> None:
    """The guard failed closed on a tool: refused, and it did not happen."""
    run = runs.Run()
    run.add("guard:event:unreadable", tool="Bash", tool_use_id="c", reason="no decision", outcome="did not leave")
    (step,) = made(run).steps
    assert (step.kind, step.answer, step.happened, step.alarm) == ("run", "refused", "no", False)


def test_a_run_that_is_too_long_is_cut_and_says_so(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Memory stays bounded; the reader is told."""
    monkeypatch.setattr(timeline, "MAX_RECORDS", 3)
    run = runs.Run()
    for _ in range(5):
        run.add("guard:prompt:allowed")
    assert (made(run).cut, len(made(run).steps)) == (True, 3)


def test_counts_are_of_steps_and_secrets() -> None:
    """What the head of the story says."""
    counts = made(runs.example()).counts()
    assert counts["run"] == 4
    assert (counts["asked"], counts["denied"], counts["refused"], counts["kept back"]) == (2, 2, 1, 3)


def test_a_secret_that_was_met_twice_is_one() -> None:
    """Different secrets are counted by their digests; where a record lists none, the number is the least it can be."""
    run = runs.Run()
    run.add("guard:read:redacted", tool="Read", rules=["r"], count=2, secrets=["a", "b"])
    run.add("guard:read:redacted", tool="Read", rules=["r"], count=1, secrets=["a"])
    assert made(run).kept_back() == (2, True)
    run.add("guard:read:redacted", tool="Read", rules=["r"], count=1)
    assert made(run).kept_back() == (2, False)
    assert made(_only_old()).kept_back() == (1, False)


def _only_old() -> runs.Run:
    run = runs.Run()
    run.add("guard:read:redacted", tool="Read", rules=["r"], count=3)
    return run


@given(st.lists(RECORDS, max_size=8))
def test_no_record_breaks_a_timeline(records: list[Record]) -> None:
    """Whatever types fields have, in whatever order: a run is made, and no step is invented."""
    run = run_of(records, "s1")
    own = sum(record.get("session_id") == "s1" for record in records)
    assert (run is None) == (own == 0)
    if run is not None:
        assert 0 < len(run.steps) <= len(records)
        assert run.counts()


def test_calls_and_failures_belong_to_their_step() -> None:
    """Where a tool called, or would have, and that it ran and failed."""
    run = runs.Run()
    hosts = [{"via": "curl", "how": "inferred", "host": "api.example"}]
    run.add("guard:command:allowed", tool="Bash", tool_use_id="c1", command="curl api.example", hosts=hosts)
    run.add("guard:read:allowed", tool="Bash", tool_use_id="c1", happened="failed", outcome="left")
    run.add("guard:command:denied", tool="Bash", tool_use_id="c2", command="x", hosts=hosts)
    first, second = made(run).steps
    assert (first.calls, first.failed, first.happened) == (("api.example (inferred from curl)",), True, "yes")
    assert (second.calls, second.failed, second.happened) == (("api.example (inferred from curl)",), False, "no")


def test_a_task_is_a_run_over_all_its_sessions() -> None:
    """Whatever claims to be of it, and nothing that claims another."""
    run = runs.Run()
    for session, task in (("s1", "task-a"), ("s2", "task-b"), ("s3", "task-a")):
        run.session = session
        run.add("guard:prompt:allowed", claimed_task=task)
    found = run_of(run.records, "", "task-a")
    assert found is not None
    assert (found.session, len(found.steps)) == ("s1", 2)
    assert run_of(run.records, "", "task-c") is None
