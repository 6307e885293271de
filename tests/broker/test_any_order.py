"""Any order of requests, faults, crashes and time: the promises of the record and of revocation always hold."""

from __future__ import annotations

import contextlib
import tempfile

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from broker import pipeline
from broker.errors import BrokerError
from broker.recover import recover
from broker.revoke import end_task, kill_scope, revoke_lease
from broker.store.database import open_database
from broker.store.log import sequence
from broker.store.verify import TAMPERED, verify
from broker.task import Task, TaskState
from broker.testing import (
    CrashError,
    Fault,
    FaultyDatabase,
    ManualClock,
    MemoryParents,
    MemorySource,
    memory_broker,
    task_policy,
)
from tests.broker.scenario import ADA, DB, THUMBPRINT, assert_nothing_lost, held, recorded, settle


class AnyOrder(RuleBasedStateMachine):
    """One broker that may die at any write; the source and the clock outlive it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock, self.parents = ManualClock(), MemoryParents()
        self.source = MemorySource(needs_parent=True, clock=self.clock)
        self.tasks: list[Task] = []
        self.released: list[str] = []
        self.keys = iter(range(10**6))
        self.start_broker()

    def start_broker(self) -> None:
        self.database = FaultyDatabase(open_database(f"sqlite:///{self.folder.name}/s/broker.db").engine)
        self.broker = memory_broker(
            "",
            {"work": task_policy(DB)},
            {"memory": self.source},
            parents=self.parents,
            clock=self.clock,
            database=self.database,
        )

    @contextlib.contextmanager
    def surviving(self):  # type: ignore[no-untyped-def]  # a context manager for the rules below
        """A refusal is an answer; a crash is followed by a restart."""
        try:
            yield
        except BrokerError:
            pass
        except CrashError:
            self.database.close()
            self.start_broker()

    @rule()
    def start(self) -> None:
        with self.surviving():
            started = pipeline.start_task(self.broker, ADA, "work", "a test", None)
            self.tasks.append(pipeline.activate(self.broker, started.task.id, started.bootstrap, THUMBPRINT)[0])

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), fault=st.none() | st.sampled_from(list(Fault)))
    def ask(self, data: st.DataObject, fault: Fault | None) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        self.source.faults = [fault] if fault else []
        with self.surviving():
            answer = pipeline.credentials(self.broker, task, "db", None, f"key-{next(self.keys):06}")
            assert isinstance(answer, pipeline.Issued)
            self.released.append(answer.lease.id)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), state=st.sampled_from([TaskState.ENDED, TaskState.KILLED]))
    def end(self, data: st.DataObject, state: TaskState) -> None:
        task = data.draw(st.sampled_from(self.tasks))
        with self.surviving():
            receipt = end_task(self.broker, task.id, state, "test", "any order")
            alive_here = {line.lease_id for line in receipt.lines} & set(self.source.alive)
            assert not (receipt.complete and alive_here), "a complete receipt leaves nothing alive"

    @precondition(lambda self: self.released)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.released))
        with self.surviving():
            if revoke_lease(self.broker, lease).complete:
                assert lease not in self.source.alive

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), kind=st.sampled_from(["all", "policy:work", "launcher", "task", "lease"]))
    def kill(self, data: st.DataObject, kind: str) -> None:
        """What a complete receipt names is dead; a kill of more than a lease that is on record leaves no task going."""
        scope = {"task": f"task:{data.draw(st.sampled_from(self.tasks)).id}", "launcher": f"launcher:{ADA.id}"}
        if kind == "lease":
            if not self.released:
                return
            scope["lease"] = f"lease:{data.draw(st.sampled_from(self.released))}"
        with self.surviving():
            receipts = kill_scope(self.broker, scope.get(kind, kind), "test", "any order")
            for receipt in receipts:
                named = {line.lease_id for line in receipt.lines}
                assert not (receipt.complete and named & set(self.source.alive))
            if kind not in ("lease", "task") and all(receipt.complete for receipt in receipts):
                assert not held(self.broker)

    @rule(at=st.integers(0, 6), how=st.sampled_from(["refuse", "crash", "crash_after"]))
    def break_a_write(self, at: int, how: str) -> None:
        self.database.fail_at, self.database.how = self.database.writes + at, how

    @rule(source=st.booleans(), parents=st.booleans(), lost=st.booleans())
    def reach(self, source: bool, parents: bool, lost: bool) -> None:
        self.source.down, self.parents.down, self.parents.lose_reply = source, parents, lost

    @rule(seconds=st.sampled_from([1, 20, 70, 400, 4000]))
    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds)
        with self.surviving():
            recover(self.broker)
        with self.surviving():
            sequence(self.database, self.broker.signer, self.clock)

    @invariant()
    def everything_minted_is_on_record(self) -> None:
        intended = {record["lease"] for record in recorded(self.broker, "broker:lease:intended")}
        issued = {record["lease"] for record in recorded(self.broker, "broker:lease:issued")}
        assert set(self.source.minted) <= intended
        assert set(self.released) <= issued

    def teardown(self) -> None:
        """When everything works again nothing is left that no task holds, and the record was not harmed."""
        self.database.fail_at = -1
        self.source.down = self.parents.down = self.parents.lose_reply = False
        settle(self.broker, self.clock)
        assert_nothing_lost(self.broker, self.source, self.released)
        self.clock.advance(4000)
        settle(self.broker, self.clock, rounds=2)
        assert self.source.alive == self.parents.alive == {}
        sequence(self.database, self.broker.signer, self.clock)
        assert verify(self.database, self.broker.signer.key.public_key(), None).code != TAMPERED
        self.database.close()
        self.folder.cleanup()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
