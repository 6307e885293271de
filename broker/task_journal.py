"""Every state change of tasks, each in one transaction with the event that records it. See `broker/journal.py`."""

from __future__ import annotations

import dataclasses
import enum
import hmac
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from broker.caps import require_room_below, require_room_beside
from broker.heartbeat import heard
from broker.journal import require_alive
from broker.log.refusals import admitted
from broker.narrow import least
from broker.store.database import Database
from broker.store.family import joins, line
from broker.store.log import append
from broker.store.rows import find_task, task_from, task_of, task_row
from broker.store.statements import OF_SESSION, PROOF_USED
from broker.store.tables import tasks
from broker.task import Task, TaskState, grants_to_json
from broker.task_end import finish

BOOTSTRAP_SECONDS = 60
"""Life of the one-time value, and how long the same key may repeat an activation whose answer was lost."""

MAX_WRONG_BOOTSTRAPS = 10


class Activation(enum.Enum):
    """What a bootstrap value turned out to be. OPENED and SAME give a session; STOLEN has killed the task."""

    OPENED = "opened"
    SAME = "same"
    WRONG = "wrong"
    LATE = "late"
    STOLEN = "stolen"
    LIMITED = "limited"
    OVER = "over"


class TaskJournal:
    """The transitions, over one store and one clock (Unix seconds)."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.database = database
        self.clock = clock

    def server_started(self, fields: dict[str, object]) -> None:
        """The broker is about to serve."""
        with self.database.write() as tx:
            append(tx, "broker:server:started", "", self.clock(), fields)

    def created(
        self, task: Task, bootstrap_digest: str, rule: str, still: Callable[[sa.Connection], None], most: int = 0
    ) -> int:
        """`task` was created under a policy that is `still` in force, else Conflict; when its bootstrap expires (Unix
        seconds). `most` is how many sub-tasks the topmost task may have had with this one or, for one that has none
        above it, how many tasks its launcher may have at once (0: no cap). Raises TooMany, and Conflict where a task
        above it is over."""
        expires = min(int(self.clock()) + BOOTSTRAP_SECONDS, task.expires_at)
        with self.database.write() as tx:
            still(tx)
            above = line(tx, task.parent_task, lock=True) if task.parent_task else ()
            for one in above:
                require_alive(one, int(self.clock()))
            if above:
                require_room_below(tx, above[0].id, most)
            elif most:
                require_room_beside(tx, task.launcher, most)
            tx.execute(tasks.insert().values(**_values(task, bootstrap_digest, expires)))
            if above:
                joins(tx, task.id, above)
            grants = [grant.name for grant in task.grants]
            told = {"launcher": task.launcher, "on_behalf_of": task.on_behalf_of, "purpose": task.purpose}
            policy = {"policy": task.policy, "policy_digest": task.policy_digest, "rule": rule, **_known(task)}
            self._event(tx, "broker:task:created", task.id, grants=grants, expires_at=task.expires_at, **told, **policy)
        return expires

    def refused(self, launcher: str, policy: str, rule: str, reason: str) -> None:
        """A task was refused; too many of a launcher are counted (`broker/log/refusals.py`)."""
        with self.database.write() as tx:
            if admitted(tx, launcher, self.clock()):
                self._event(tx, "broker:task:refused", "", launcher=launcher, policy=policy, rule=rule, reason=reason)

    def activate(
        self, task_id: str, bootstrap_digest: str, thumbprint: str, session_digest: str, heartbeat: int = 0
    ) -> Activation:
        """Use the one-time value, bound to the key with this thumbprint. Raises NotFound; every outcome is recorded.

        `heartbeat` is how many seconds of silence are to end the task, 0 for none; a sub-task may be silent for no
        longer than the task above it.
        """
        with self.database.write() as tx:
            row = task_row(tx, task_id, lock=True)
            result = self._activation(row, bootstrap_digest, thumbprint)
            now = int(self.clock())
            if result is Activation.OPENED:
                above = str(row._mapping["parent_task"])
                heartbeat = least(heartbeat, find_task(tx, above).heartbeat) if above else heartbeat
                opened = {"thumbprint": thumbprint, "session_digest": session_digest, "activated_at": now}
                self._change(tx, task_id, state=TaskState.ACTIVE.value, **opened, **heard(heartbeat, now))
                told = {"heartbeat": heartbeat} if heartbeat else {}
                self._event(tx, "broker:task:activated", task_id, thumbprint=thumbprint, **told)
            elif result is Activation.STOLEN:
                self._event(tx, "broker:bootstrap:stolen", task_id, thumbprint=thumbprint)
                reason = "bootstrap came with another key"
                finish(tx, [task_id], TaskState.KILLED, "broker", reason, self.clock())
            elif result in (Activation.WRONG, Activation.LATE, Activation.OVER):
                self._change(tx, task_id, wrong_bootstraps=tasks.c.wrong_bootstraps + int(result is Activation.WRONG))
                if admitted(tx, task_id, self.clock()):
                    self._event(tx, "broker:bootstrap:refused", task_id, outcome=result.value)
            return result  # LIMITED is counted no further: a flood of guesses is not a flood of records

    def over(self, task_id: str, state: TaskState, by: str, reason: str) -> bool:
        """The task and all below it are over from this commit on: nothing more is issued or released. False when it was
        already. Raises NotFound."""
        with self.database.write() as tx:
            return task_id in finish(tx, [find_task(tx, task_id).id], state, by, reason, self.clock())

    def over_all(self, task_ids: Sequence[str], state: TaskState, by: str, reason: str) -> None:
        """As `over` for many tasks, in one commit."""
        with self.database.write() as tx:
            finish(tx, task_ids, state, by, reason, self.clock())

    def kill_ordered(self, scope: str, by: str, reason: str) -> None:
        """Somebody ordered the end of every task in a scope."""
        with self.database.write() as tx:
            self._event(tx, "broker:kill:ordered", "", scope=scope, by=by, reason=reason)

    def by_session(self, session_digest: str) -> Task | None:
        """The task whose session token has this digest."""
        with self.database.read() as tx:
            found = OF_SESSION.first(tx, session_digest=session_digest)
            return task_from(found) if found else None

    def _activation(self, row: sa.Row[tuple[object, ...]], digest: str, thumbprint: str) -> Activation:
        values, now = row._mapping, int(self.clock())
        if not hmac.compare_digest(values["bootstrap_digest"], digest):
            limited = values["wrong_bootstraps"] >= MAX_WRONG_BOOTSTRAPS  # the right value still works: no lock-out
            return Activation.LIMITED if limited else Activation.WRONG
        task = task_of(row)
        if task.state.over or task.expires_at <= now:
            return Activation.OVER
        if task.state is TaskState.CREATED:
            return Activation.OPENED if now < values["bootstrap_expires_at"] else Activation.LATE
        if not hmac.compare_digest(task.thumbprint, thumbprint):
            return Activation.STOLEN
        return Activation.SAME if now < values["activated_at"] + BOOTSTRAP_SECONDS else Activation.LATE

    def _change(self, tx: sa.Connection, task_id: str, **values: object) -> None:
        tx.execute(tasks.update().where(tasks.c.id == task_id).values(**values))

    def _event(self, tx: sa.Connection, event: str, task_id: str, **fields: object) -> None:
        append(tx, event, task_id, self.clock(), fields)


@dataclasses.dataclass(frozen=True, slots=True)
class StoredReplays:
    """Proofs that were used, shared by all replicas through the store (the `ReplayCache` of `authenticate/dpop.py`)."""

    database: Database

    def first_use(self, jti_digest: str, expires_at: int) -> bool:
        """Record the digest; False when it is known already. Raises RecordFailed."""
        with self.database.write() as tx:
            return self.first_use_within(tx, jti_digest, expires_at)

    def first_use_within(self, tx: sa.Connection, jti_digest: str, expires_at: int) -> bool:
        """The same, as a part of `tx`."""
        return PROOF_USED.run(tx, digest=jti_digest, expires_at=expires_at) == 1


def _known(task: Task) -> dict[str, object]:
    """What else there is to tell of a new task."""
    told = {"parent": task.parent_task, "repository": task.repository, "branch": task.branch}
    told |= {"known": task.repository_known, "ceilings": " ".join(task.ceilings)}
    return {name: value for name, value in told.items() if value}


def _values(task: Task, bootstrap_digest: str, bootstrap_expires_at: int) -> dict[str, object]:
    values = {field.name: getattr(task, field.name) for field in dataclasses.fields(task)}
    return values | {
        "state": task.state.value,
        "grants": grants_to_json(task.grants),
        "ceilings": " ".join(task.ceilings),
        "session_digest": None,
        "bootstrap_digest": bootstrap_digest,
        "bootstrap_expires_at": bootstrap_expires_at,
        "activated_at": 0,
        "wrong_bootstraps": 0,
        "parent_state": "",
        "parent_accessor": "",
        "parent_ciphertext": None,
        "parent_at": 0,
        "silent_at": 0,
    }
