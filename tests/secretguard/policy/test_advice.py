from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.policy import advice
from secretguard.policy.advice import LEAST_ASKED, Advice, Asked, Record, advise
from secretguard.policy.compiled import compile_set, packaged
from secretguard.policy.table import Policy

SESSION = {"session_id": "s1"}


@pytest.fixture(scope="module")
def laptop() -> Policy:
    """The packaged default policy."""
    return compile_set(packaged("laptop"))


def record(event: str, use: str = "", rule: str = "destroy-asks", **fields: object) -> Record:
    """A record as the guard writes it."""
    ids = {"tool_use_id": use} if use else {}
    return {"time": "2026-03-01T10:00:00.000Z", "event": event, "rule": rule, **SESSION, **ids, **fields}


def asked(use: str, rule: str = "destroy-asks") -> Record:
    """A question that the client was told to ask."""
    return record("guard:command:asked", use, rule)


def ran(use: str, event: str = "guard:read:allowed") -> Record:
    """The tool's result, as it passes the guard."""
    return record(event, use, "nothing-found")


PROMPT = record("guard:prompt:allowed", rule="nothing-found")


def only(found: Advice) -> tuple[int, int, int]:
    """(approved, refused, unknown) of the one rule that asked."""
    (asked,) = found.asked
    return asked.approved, asked.refused, asked.unknown


@pytest.mark.parametrize(
    "result", ["guard:read:allowed", "guard:read:redacted", "guard:read:exposed", "guard:read:withheld"]
)
def test_a_question_whose_tool_ran_was_approved(laptop: Policy, result: str) -> None:
    """Any record of the result of the same tool use shows it, also one of a failure, and also after a new prompt."""
    assert only(advise([asked("t1"), ran("t1", result)], laptop)) == (1, 0, 0)
    assert only(advise([asked("t1"), PROMPT, ran("t1", result)], laptop)) == (1, 0, 0)


def test_a_question_that_the_session_went_on_without_was_refused(laptop: Policy) -> None:
    """A later prompt of the same session: the dialog is over, and the tool did not run."""
    assert only(advise([asked("t1"), PROMPT], laptop)) == (0, 1, 0)
    assert only(advise([asked("t1"), record("guard:prompt:denied", rule="secret-in-prompt")], laptop)) == (0, 1, 0)


@pytest.mark.parametrize(
    "after",
    [
        [],
        [ran("t2")],
        [{**ran("t1"), "session_id": "s2"}],
        [{**PROMPT, "session_id": "s2"}],
        [record("guard:read:allowed", "t1", phase="before")],
        [record("guard:event:unreadable", "t1")],
    ],
)
def test_otherwise_nobody_knows(laptop: Policy, after: list[Record]) -> None:
    """No record that shows an end: other tools, other sessions, and records from before a tool runs say nothing."""
    assert only(advise([PROMPT, asked("t1"), *after], laptop)) == (0, 0, 1)


def test_a_question_without_an_id_is_unknown(laptop: Policy) -> None:
    """It cannot be joined with a result, so no result is guessed for it."""
    assert only(advise([asked(""), ran(""), PROMPT], laptop)) == (0, 0, 1)


def test_a_hook_that_was_called_twice_asks_once(laptop: Policy) -> None:
    """The same tool use of the same session is one question."""
    assert only(advise([asked("t1"), asked("t1"), ran("t1")], laptop)) == (1, 0, 0)


@pytest.mark.parametrize("action", ["read", "write"])
def test_questions_about_reads_and_writes_are_counted_as_questions(laptop: Policy, action: str) -> None:
    """What the person was asked is one thing, what was refused without a question another."""
    found = advise([record(f"guard:{action}:asked", "t1", "production-asks"), ran("t1")], laptop)
    assert found.asked == (Asked("production-asks", 1, 0, 0),)
    assert found.refused == ()
    found = advise([record(f"guard:{action}:denied", "t1", "customer-data-two-persons"), PROMPT], laptop)
    assert found.asked == ()
    assert [(refused.rule, refused.count) for refused in found.refused] == [("customer-data-two-persons", 1)]


@pytest.mark.parametrize(
    ("approved", "refused", "unknown", "expected"),
    [
        (50, 0, 0, True),
        (49, 0, 0, False),  # too few
        (48, 2, 0, True),
        (48, 0, 2, True),
        (57, 3, 0, False),  # exactly 95 %
        (57, 0, 3, False),  # unknown counts as not approved
        (58, 2, 0, True),
        (0, 60, 0, False),
        (0, 0, 60, False),
    ],
)
def test_rules_that_are_approved_nearly_always_are_named(
    laptop: Policy, approved: int, refused: int, unknown: int, expected: bool
) -> None:
    """More than 95 % of at least 50; the journal is one of sessions that each end as their question did."""
    found = advise(journal(approved, refused, unknown), laptop)
    assert found.asked == (Asked("destroy-asks", approved, refused, unknown),)
    assert found.asked[0].waved_through is expected


def journal(approved: int, refused: int, unknown: int) -> Iterator[Record]:
    """Sessions of one question each."""
    ends = itertools.chain.from_iterable(
        itertools.repeat(end, count) for end, count in ((ran("t1"), approved), (PROMPT, refused), (None, unknown))
    )
    for number, end in enumerate(ends):
        for each in (asked("t1"), end):
            if each is not None:
                yield {**each, "session_id": f"s{number}"}


def test_rules_that_stopped_nothing_are_listed_and_the_brokers_apart(laptop: Policy) -> None:
    """A restricting rule is met by asking or refusing; what the broker or gate alone decides cannot be seen here."""
    found = advise([asked("t1"), record("guard:command:denied", "t2", "never-reveal-secrets")], laptop)
    assert "destroy-asks" not in found.never_hit
    assert "never-reveal-secrets" not in found.never_hit
    assert "production-asks" in found.never_hit
    assert set(found.elsewhere) == {"push-asks", "staging-task-asks"}
    for rule in ("guarded-work", "brokered-credentials", "default"):
        assert rule not in (*found.never_hit, *found.elsewhere)


def test_refusals_are_counted_most_frequent_first(laptop: Policy) -> None:
    """The guard's own rules count beside those of the policy, with the time of the last."""
    late = {"time": "2026-03-02T00:00:00.000Z"}
    records = [
        record("guard:command:denied", "t1", "never-reveal-secrets"),
        record("guard:write:denied", "t2", "literal-secret"),
        record("guard:settings:denied", "t3", "literal-secret", **late),
        record("gate:push:refused", rule="push-asks"),
        record("guard:prompt:denied", rule="literal-secret"),
    ]
    found = advise(records, laptop)
    assert [(refused.rule, refused.count) for refused in found.refused] == [
        ("literal-secret", 3),
        ("never-reveal-secrets", 1),
        ("push-asks", 1),
    ]
    assert found.refused[0].last == "2026-03-01T10:00:00.000Z"


@pytest.mark.parametrize(
    ("since", "records"), [("", 2), ("2026-03-01", 2), ("2026-03-01T12:00:00", 1), ("2027-01-01", 0)]
)
def test_since_passes_over_what_is_older(laptop: Policy, since: str, records: int) -> None:
    """Only the period counts, and the period is said."""
    early, late = record("journal:file:started"), record("policy:set:compiled", time="2026-03-05T00:00:00.000Z")
    found = advise([early, late], laptop, since)
    assert found.records == records
    assert found.last == ("2026-03-05T00:00:00.000Z" if records else "")


def test_open_questions_are_bounded(laptop: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal of questions without results does not grow the memory; the oldest are settled by what is known."""
    monkeypatch.setattr(advice, "MOST_OPEN", 2)
    found = advise([asked("t1"), PROMPT, asked("t2"), asked("t3"), asked("t4"), ran("t1"), ran("t4")], laptop)
    assert only(found) == (1, 1, 2)


fields = st.dictionaries(
    st.sampled_from(["time", "event", "rule", "session_id", "tool_use_id", "phase"]),
    st.one_of(
        st.none(),
        st.integers(),
        st.lists(st.integers(), max_size=2),
        st.sampled_from(
            [
                "guard:command:asked",
                "guard:read:asked",
                "guard:read:denied",
                "guard:read:allowed",
                "guard:prompt:allowed",
            ]
        ),
        st.sampled_from(["destroy-asks", "production-asks", "s1", "t1", "t2", "before", ""]),
    ),
)


@given(records=st.lists(fields, max_size=20))
def test_any_record_is_counted_once(laptop: Policy, records: list[Record]) -> None:
    """Whatever the fields hold: nothing raises, and there are no more answers than records."""
    found = advise(records, laptop)
    assert found.records == len(records)
    assert sum(asked.asked for asked in found.asked) + sum(refused.count for refused in found.refused) <= len(records)
    assert all(asked.waved_through is False for asked in found.asked if asked.asked < LEAST_ASKED)


def at(minute: int, given: Record) -> Record:
    """`given` with a time of that minute."""
    return {**given, "time": f"2026-03-01T10:{minute:02d}:00.000Z"}


def test_an_answer_took_at_most_until_its_result(laptop: Policy) -> None:
    """The median of the approved ones; a clock that went back counts for nothing."""
    records = [
        at(0, asked("a")),
        at(1, ran("a")),
        at(2, asked("b")),
        at(5, ran("b")),
        at(6, asked("c")),
        at(5, ran("c")),
    ]
    (found,) = advise(records, laptop).asked
    assert found.seconds == 120.0
    assert advise([asked("a")], laptop).asked[0].seconds is None
    assert advise([{**asked("a"), "time": "soon"}, {**ran("a"), "time": "9"}], laptop).asked[0].seconds is None


def test_questions_an_hour_are_told_of_sessions_that_are_long_enough(laptop: Policy) -> None:
    """From each session's first record to its last, all sessions together."""
    records = [at(0, asked("a")), at(30, ran("a")), *({**at(m, PROMPT), "session_id": "s2"} for m in (0, 30))]
    found = advise(records, laptop)
    assert (found.hours, found.asked_per_hour) == (1.0, 1.0)
    assert advise([at(0, asked("a")), at(1, ran("a"))], laptop).asked_per_hour is None


def test_what_a_trial_let_pass_counts_as_met(laptop: Policy) -> None:
    """By rule and by what would have been; such a rule is not one that nothing meets."""
    would = {"would": "deny", "would_rule": "never-reveal-secrets"}
    found = advise([record("guard:command:allowed", "t", "observed", **would)] * 2, laptop)
    assert found.observed == (advice.Observed("never-reveal-secrets", "deny", 2),)
    assert "never-reveal-secrets" not in found.never_hit
