"""Approvals: by another person, over exactly one request, used once."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker import pipeline
from broker.approve import tickets
from broker.approve.tickets import LIFETIME, MAX_WAITING, State, Waiting
from broker.authenticate.identity import Identity
from broker.errors import BrokerError, Conflict, NotFound, Refused
from broker.grant import Grant
from broker.narrow import Narrow
from broker.policy.in_force import Fixed
from broker.recover import recover
from broker.service import Broker
from broker.task import Task
from broker.testing import ManualClock, MemorySource, flat_policy, memory_broker, task_policy
from tests.broker.scenario import ADA, GRACE, active_task, recorded

EVE = Identity("jwt", "eve", "corp", groups=("security",))
GATED = Grant("db", "memory", {"role": "r"}, ttl=300, max_leases=30, approvals=1)


class Gate:
    """A broker whose one grant waits for `needed` people, and an active task of Ada's."""

    def __init__(self, folder: Path, needed: int = 1, policy: str = "allow", approvers: tuple[str, ...] = ("jwt:*",)):
        self.clock, self.source = ManualClock(), MemorySource()
        work = dataclasses.replace(task_policy(dataclasses.replace(GATED, approvals=needed)), approvers=approvers)
        self.broker: Broker = memory_broker(
            str(folder / "s"), {"work": work}, {"memory": self.source}, clock=self.clock, policy=flat_policy(policy)
        )
        self.task: Task = active_task(self.broker)

    def ask(self, key: str = "key-0001", narrow: Narrow | None = None) -> pipeline.Issued | Waiting:
        return pipeline.credentials(self.broker, self.task, "db", narrow, key)

    def waiting(self, key: str = "key-0001", narrow: Narrow | None = None) -> Waiting:
        answer = self.ask(key, narrow)
        assert isinstance(answer, Waiting)
        return answer

    def decide(self, approval: str, person: Identity, yes: bool = True) -> State:
        with self.broker.database.write() as tx:
            return tickets.decide(tx, approval, person, yes, "because", int(self.clock()))


def test_a_gated_grant_waits_then_is_issued_once(tmp_path: Path) -> None:
    """202 until another person agrees; then the same request succeeds; the next one waits again."""
    gate = Gate(tmp_path)
    first = gate.waiting()
    assert gate.waiting() == first, "asking again is the same question, not a second one"
    assert gate.source.minted == []
    assert gate.decide(first.id, GRACE) is State.GRANTED
    assert isinstance(gate.ask(), pipeline.Issued)
    assert gate.waiting("key-0002").id != first.id
    assert len(gate.source.minted) == 1
    events = [record["event"] for record in recorded(gate.broker) if "approval" in str(record["event"])]
    assert events == [f"broker:approval:{what}" for what in ("requested", "granted", "consumed", "requested")]


@pytest.mark.parametrize(("outcome", "people"), [("ask", 1), ("two_persons", 2)])
def test_the_policy_set_demands_approvals_too(tmp_path: Path, outcome: str, people: int) -> None:
    """A grant that asks for nobody waits all the same where the policy set says ask or two persons."""
    gate = Gate(tmp_path, needed=0, policy=outcome)
    assert gate.waiting().needed == people


def test_two_persons_are_two_persons(tmp_path: Path) -> None:
    """One person twice is not two."""
    gate = Gate(tmp_path, needed=2)
    approval = gate.waiting().id
    assert gate.decide(approval, GRACE) is State.WAITING
    with pytest.raises(Conflict):
        gate.decide(approval, GRACE)
    assert isinstance(gate.ask(), Waiting)
    assert gate.decide(approval, EVE) is State.GRANTED
    assert isinstance(gate.ask(), pipeline.Issued)


def test_the_requester_never_approves(tmp_path: Path) -> None:
    """By stable id, whatever groups they are in."""
    gate = Gate(tmp_path)
    with pytest.raises(Refused) as refused:
        gate.decide(gate.waiting().id, Identity("jwt", "ada", "corp", groups=("security",)))
    assert refused.value.rule == "approver-is-requester"


def test_a_unix_peer_is_no_person(tmp_path: Path) -> None:
    """Any process of a user has that uid, the agent's own too."""
    gate = Gate(tmp_path, approvers=("jwt:*", "unix:0"))
    with pytest.raises(Refused):
        gate.decide(gate.waiting().id, Identity("unix", "0"))


def test_only_approvers_of_the_policy_decide(tmp_path: Path) -> None:
    """Where the task policy names a group, a person outside of it is refused, for a no as well."""
    gate = Gate(tmp_path, approvers=("jwt:corp:group:security",))
    approval = gate.waiting().id
    for yes in (True, False):
        with pytest.raises(Refused):
            gate.decide(approval, GRACE, yes)
    assert gate.decide(approval, EVE) is State.GRANTED


def test_one_no_decides(tmp_path: Path) -> None:
    """After a no the request is refused with the person's reason, and no later yes changes it."""
    gate = Gate(tmp_path, needed=2)
    approval = gate.waiting().id
    gate.decide(approval, GRACE)
    assert gate.decide(approval, EVE, yes=False) is State.DENIED
    with pytest.raises(Refused, match="because"):
        gate.ask()
    with pytest.raises(Conflict):
        gate.decide(approval, Identity("jwt", "mallory", "corp"))
    assert gate.source.minted == []


def test_a_yes_fits_no_other_request(tmp_path: Path) -> None:
    """Approved for 60 seconds is not approved for 300, and not for another task."""
    gate = Gate(tmp_path)
    gate.decide(gate.waiting(narrow=Narrow(ttl=60)).id, GRACE)
    assert isinstance(gate.ask("key-0002"), Waiting)
    gate.task = active_task(gate.broker)
    assert isinstance(gate.ask("key-0003", Narrow(ttl=60)), Waiting)


def test_a_yes_fits_no_other_policy(tmp_path: Path) -> None:
    """Given under one policy, it is void under the next."""
    gate = Gate(tmp_path)
    gate.decide(gate.waiting().id, GRACE)
    held = gate.broker.policies.current()
    changed = dataclasses.replace(held, tasks={"work": dataclasses.replace(held.tasks["work"], digest="another")})
    gate.broker = dataclasses.replace(gate.broker, policies=Fixed(changed))
    assert isinstance(gate.ask(), Waiting)


def test_time_runs_out(tmp_path: Path) -> None:
    """Nobody decided, or nobody used the yes, in time: expired, recorded, and asked anew."""
    gate = Gate(tmp_path)
    unseen, unused = gate.waiting(narrow=Narrow(ttl=60)).id, gate.waiting().id
    gate.decide(unused, GRACE)
    gate.clock.advance(LIFETIME)
    with pytest.raises(Conflict, match="expired"):
        gate.decide(unseen, GRACE)
    assert gate.waiting().id != unused
    recover(gate.broker)
    assert {record["approval"] for record in recorded(gate.broker, "broker:approval:expired")} == {unseen, unused}


def test_an_approval_is_used_once_under_concurrency(tmp_path: Path) -> None:
    """Eight requests race for one yes: one credential."""
    gate = Gate(tmp_path)
    gate.decide(gate.waiting().id, GRACE)

    def ask(number: int) -> bool:
        try:
            return isinstance(gate.ask(f"race-{number:04}"), pipeline.Issued)
        except BrokerError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1
    assert len(gate.source.minted) == 1
    assert len(recorded(gate.broker, "broker:approval:consumed")) == 1


def test_an_agent_cannot_flood_its_approvers(tmp_path: Path) -> None:
    """At most MAX_WAITING different questions of one task wait at once."""
    gate = Gate(tmp_path)
    for ttl in range(1, MAX_WAITING + 1):
        gate.waiting(f"key-{ttl:04}", Narrow(ttl=ttl))
    with pytest.raises(Conflict):
        gate.ask("key-9999", Narrow(ttl=250))


def test_the_person_sees_the_whole_request(tmp_path: Path) -> None:
    """What is shown is what the digest covers: who, what for, which grant, source, scope and limits."""
    gate = Gate(tmp_path)
    with gate.broker.database.read() as tx:
        row = tickets.find(tx, gate.waiting().id)
    shown = json.loads(row.request)
    assert shown["launcher"] == ADA.id
    assert (shown["grant"], shown["source"], shown["scope"], shown["ttl"]) == ("db", "memory", {"role": "r"}, 300)
    assert shown["purpose"] == "a test"


def test_an_unknown_approval_is_not_found(tmp_path: Path) -> None:
    """No row, no decision."""
    with pytest.raises(NotFound):
        Gate(tmp_path).decide("appr-nope", GRACE)
