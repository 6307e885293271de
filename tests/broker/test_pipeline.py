"""The broker's pipeline: start, activate, credentials, each refusal on record."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker import pipeline
from broker.errors import (
    BrokerError,
    Conflict,
    MaybeIssued,
    NotFound,
    RecordFailed,
    Refused,
    SourceFailed,
    TooMany,
    Unauthenticated,
)
from broker.grant import Grant
from broker.issue.source import MintRequest
from broker.lease import Minted
from broker.narrow import Narrow, NarrowTask
from broker.revoke import end_task, revoke_lease
from broker.service import Broker
from broker.store.database import open_database
from broker.task import TaskState
from broker.testing import (
    Fault,
    FaultyDatabase,
    ManualClock,
    MemoryParents,
    MemorySource,
    memory_broker,
    task_policy,
)
from secretguard.secret import Secret
from tests.broker.scenario import ADA, DB, THUMBPRINT, USER, active_task, assert_nothing_lost, issue, recorded

Made = tuple[Broker, MemorySource, ManualClock]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A broker with one task policy `work`, one grant `db`."""
    clock = ManualClock()
    source = MemorySource(clock=clock)
    return memory_broker(str(tmp_path / "s"), {"work": task_policy(DB)}, {"memory": source}, clock=clock), source, clock


def test_a_task_gets_its_credential(made: Made) -> None:
    """Start, activate, ask: a live credential with the grant's life, and each step on record in this order."""
    broker, source, clock = made
    answer = issue(broker, active_task(broker))
    assert answer.minted.fields["token"].reveal() == source.alive[answer.lease.id]
    assert answer.lease.expires_at == int(clock()) + DB.ttl
    assert [record["event"] for record in recorded(broker)] == [
        "broker:task:created",
        "broker:task:activated",
        "broker:lease:intended",
        "broker:lease:minted",
        "broker:lease:issued",
    ]


def test_no_secret_is_in_the_store(made: Made, tmp_path: Path) -> None:
    """Bootstrap, session token and credential are in no byte of the database's files."""
    broker, _, _ = made
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    task, session = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    credential = issue(broker, task).minted.fields["token"]
    files = b"".join(path.read_bytes() for path in (tmp_path / "s").iterdir())
    assert task.id.encode() in files
    for secret in (started.bootstrap, session, credential):
        assert secret.reveal().encode() not in files


def test_an_unknown_policy_is_refused_and_recorded(made: Made) -> None:
    """The refusal names what there is."""
    broker, _, _ = made
    with pytest.raises(Refused, match="there are: work"):
        pipeline.start_task(broker, USER, "wrok", "a test", None)
    assert recorded(broker, "broker:task:refused")[0]["rule"] == "unknown-policy"


def test_activation_again_by_the_same_key_is_the_same_session(made: Made) -> None:
    """An activation whose answer was lost can be repeated within a minute, and not later."""
    broker, _, clock = made
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    first = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)[1]
    again = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)[1]
    assert first.reveal() == again.reveal()
    clock.advance(60)
    with pytest.raises(Unauthenticated):
        pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)


def test_a_bootstrap_with_another_key_kills_the_task(made: Made) -> None:
    """The right value by another key means that somebody else has it: alarm, task killed, credentials taken back."""
    broker, source, _ = made
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    task, _ = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    issue(broker, task)
    with pytest.raises(Conflict, match="killed"):
        pipeline.activate(broker, task.id, started.bootstrap, "u" * 43)
    assert source.alive == {}
    assert recorded(broker, "broker:bootstrap:stolen")
    with pytest.raises(Conflict):
        issue(broker, task, "key-0002")


def test_a_late_bootstrap_is_refused(made: Made) -> None:
    """The value works for a minute."""
    broker, _, clock = made
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    clock.advance(60)
    with pytest.raises(Unauthenticated):
        pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    assert recorded(broker, "broker:bootstrap:refused")[0]["outcome"] == "late"


def test_wrong_bootstraps_are_counted_and_limited_but_lock_nobody_out(made: Made) -> None:
    """After ten wrong values guesses are answered 429 and recorded no more; the right value still works."""
    broker, _, _ = made
    started = pipeline.start_task(broker, ADA, "work", "a test", None)
    kinds = [kind_of(lambda: pipeline.activate(broker, started.task.id, Secret("x"), THUMBPRINT)) for _ in range(12)]
    assert kinds == [Unauthenticated] * 10 + [TooMany] * 2
    assert len(recorded(broker, "broker:bootstrap:refused")) == 10
    assert pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)


def test_two_activations_at_once_have_one_winner(made: Made) -> None:
    """Of two keys that race with the same bootstrap one gets the session and the other sets off the alarm."""
    broker, _, _ = made
    started = pipeline.start_task(broker, ADA, "work", "a test", None)

    def activate(key: str) -> type[BrokerError] | None:
        return kind_of(lambda: pipeline.activate(broker, started.task.id, started.bootstrap, key * 43))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(str, pool.map(activate, "ab"))) == sorted([str(None), str(Conflict)])
    assert recorded(broker, "broker:task:killed")


def test_one_idempotency_key_issues_once(made: Made) -> None:
    """The same request by the same key gets the same credential, marked as given before."""
    broker, source, _ = made
    task = active_task(broker)
    first, again = issue(broker, task), issue(broker, task)
    assert (first.again, again.again) == (False, True)
    assert first.minted.fields["token"].reveal() == again.minted.fields["token"].reveal()
    assert len(source.minted) == 1


def test_an_idempotency_key_belongs_to_one_request(made: Made) -> None:
    """The same key for a narrower request is a conflict, not a second credential."""
    broker, source, _ = made
    task = active_task(broker)
    issue(broker, task)
    with pytest.raises(Conflict, match="another request"):
        pipeline.credentials(broker, task, "db", Narrow(ttl=5), "key-0001")
    assert len(source.minted) == 1


def test_a_forgotten_answer_is_a_conflict_with_a_way_on(made: Made) -> None:
    """Secrets are not stored: another process answers the same key with what to do instead."""
    broker, _, _ = made
    task = active_task(broker)
    lease = issue(broker, task).lease
    broker.replies.drop(lease.id)
    with pytest.raises(Conflict, match=f"revoke {lease.id}"):
        issue(broker, task)


def test_a_failed_mint_frees_its_key(made: Made) -> None:
    """The source said no for certain, so the same request may be made again."""
    broker, source, _ = made
    task = active_task(broker)
    source.faults = [Fault.REFUSE]
    with pytest.raises(SourceFailed):
        issue(broker, task)
    assert not issue(broker, task).again


def test_a_lost_reply_keeps_its_key(made: Made) -> None:
    """Maybe issued: asking again must not make a second one before the first is found."""
    broker, source, _ = made
    task = active_task(broker)
    source.faults = [Fault.LOSE_REPLY]
    with pytest.raises(MaybeIssued):
        issue(broker, task)
    with pytest.raises(Conflict, match="uncertain"):
        issue(broker, task)
    assert len(source.minted) == 1
    assert broker.wake.is_set()


def test_an_unforeseen_fault_of_a_source_is_maybe_issued(made: Made) -> None:
    """A source's own bug says nothing about what it did, so the lease is uncertain, never failed."""
    broker, source, _ = made
    task = active_task(broker)
    source.faults = [Fault.ERROR_AFTER]
    with pytest.raises(MaybeIssued):
        issue(broker, task)
    assert recorded(broker, "broker:lease:uncertain")[0]["reason"] == "the source failed with ZeroDivisionError"


def test_caps_hold_under_concurrency(tmp_path: Path) -> None:
    """Twelve requests at once for a grant of 3 live leases and 5 issues in all never pass either cap."""
    grant = Grant("db", "memory", {}, ttl=300, max_leases=3, max_issues=5)
    source = MemorySource()
    broker = memory_broker(str(tmp_path / "s"), {"work": task_policy(grant)}, {"memory": source})
    task = active_task(broker)

    def ask(number: int) -> type[BrokerError] | None:
        return kind_of(lambda: issue(broker, task, f"key-{number:04}"))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, range(12)))
    assert answers.count(None) == 3
    assert answers.count(TooMany) == 9

    for lease in list(source.alive):
        revoke_lease(broker, lease)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, range(12, 24)))
    assert answers.count(None) == 2
    assert len(source.minted) == 5


def test_a_task_ended_while_minting_gets_nothing(made: Made) -> None:
    """The end arrives between mint and release: the credential is taken back, not handed over."""
    broker, source, _ = made
    task = active_task(broker)
    source.mint = _then(source.mint, lambda: end_task(broker, task.id, TaskState.KILLED, "test", "now"))  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="taken back"):
        issue(broker, task)
    assert source.alive == {}
    assert not recorded(broker, "broker:lease:issued")


def test_a_deadline_passed_while_minting_gives_nothing(made: Made) -> None:
    """A slow source does not stretch the task: what it made after the deadline is taken back."""
    broker, source, clock = made
    task = active_task(broker)
    clock.advance(3590)
    source.mint = _then(source.mint, lambda: clock.advance(20))  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="taken back"):
        issue(broker, task)
    assert source.alive == {}


def test_a_release_that_cannot_be_recorded_is_taken_back_at_once(tmp_path: Path) -> None:
    """Minted, but the record of it failed: the caller gets RecordFailed and the credential is dead already."""
    source = MemorySource()
    database = FaultyDatabase(open_database(f"sqlite:///{tmp_path}/s/b.db").engine, fail_at=3)
    broker = memory_broker("", {"work": task_policy(DB)}, {"memory": source}, database=database)
    task = active_task(broker)
    with pytest.raises(RecordFailed):
        issue(broker, task)
    assert source.minted
    assert source.alive == {}
    assert_nothing_lost(broker, source, [])


def test_a_credential_never_outlives_its_task(made: Made) -> None:
    """Near the deadline the life is what is left of the task."""
    broker, _, clock = made
    task = active_task(broker)
    clock.advance(3500)
    assert issue(broker, task).lease.expires_at <= task.expires_at


def test_refusals_are_recorded_with_their_rule(made: Made) -> None:
    """Unknown grant, widening and dead task: each a record before the answer."""
    broker, _, _ = made
    task = active_task(broker)
    assert kind_of(lambda: pipeline.credentials(broker, task, "root", None, "key-0001")) is Refused
    assert kind_of(lambda: pipeline.credentials(broker, task, "db", Narrow(ttl=301), "key-0002")) is Refused
    end_task(broker, task.id, TaskState.ENDED, "test", "done")
    assert kind_of(lambda: issue(broker, task, "key-0003")) is Conflict
    rules = [record["rule"] for record in recorded(broker, "broker:lease:refused")]
    assert rules == ["unknown-grant", "narrow-only", "dead-task"]


def test_a_task_keeps_to_its_narrowing(made: Made) -> None:
    """What the launcher took away at the start cannot be had back by a request."""
    broker, _, _ = made
    narrow = NarrowTask(deadline=100, grants={"db": Narrow(ttl=60)})
    started = pipeline.start_task(broker, ADA, "work", "a test", narrow)
    task, _ = pipeline.activate(broker, started.task.id, started.bootstrap, THUMBPRINT)
    assert task.expires_at == task.created_at + 100
    with pytest.raises(Refused):
        pipeline.credentials(broker, task, "db", Narrow(ttl=61), "key-0001")
    assert issue(broker, task).lease.expires_at == task.created_at + 60


def test_an_unknown_task_cannot_be_activated(made: Made) -> None:
    """No row, no session."""
    with pytest.raises(NotFound):
        pipeline.activate(made[0], "task-nope", Secret("x"), THUMBPRINT)


def kind_of(action: Callable[[], object]) -> type[BrokerError] | None:
    """The class of the refusal, None for success."""
    try:
        action()
    except BrokerError as error:
        return type(error)
    return None


def _then(mint: Callable[[MintRequest], Minted], after: Callable[[], object]) -> Callable[[MintRequest], Minted]:
    def both(request: MintRequest) -> Minted:
        minted = mint(request)
        after()
        return minted

    return both


def test_an_intent_that_has_grown_old_is_not_minted(tmp_path: Path) -> None:
    """Recovery may already be looking for it, and a source reckons from it how long a lost mint can be under way."""
    clock, parents = ManualClock(), MemoryParents()
    source = MemorySource(needs_parent=True, clock=clock)
    broker = memory_broker(
        str(tmp_path / "s"), {"work": task_policy(DB)}, {"memory": source}, parents=parents, clock=clock
    )
    task = active_task(broker)
    real = parents.open_parent

    def slow(task_id: str, grants: tuple[Grant, ...], ttl: int, above: Secret | None = None) -> tuple[Secret, str]:
        clock.advance(pipeline.READY_SECONDS + 1)
        return real(task_id, grants, ttl, above)

    parents.open_parent = slow  # type: ignore[method-assign]
    with pytest.raises(SourceFailed, match="took too long"):
        issue(broker, task)
    assert source.minted == []
    assert len(recorded(broker, "broker:lease:failed")) == 1
    assert issue(broker, task), "the same key, since nothing was issued for it"
