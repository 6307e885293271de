"""Leases of the ssh, pki and kv engines through the broker's own pipeline and store, on a real Vault."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from broker import pipeline
from broker.approve.tickets import Waiting
from broker.errors import Refused
from broker.lease import Minted
from broker.receipt import Revocation
from broker.revoke import end_task
from broker.service import Broker
from broker.task import Task, TaskState
from broker.testing import ManualClock, memory_broker, task_policy
from tests.broker.scenario import active_task, recorded
from tests.servers.engines import Engines

pytestmark = pytest.mark.vault

OUTCOMES = {"ssh": Revocation.EXPIRES, "pki": Revocation.CONFIRMED, "kv": Revocation.STANDING}


class Real:
    """A broker with a store in `folder`, on the real engines."""

    def __init__(self, ready: Engines, folder: Path) -> None:
        self.folder = folder
        grants = [dataclasses.replace(ready.grants[name], delivery="inject") for name in OUTCOMES]
        sources = {"ssh": ready.ssh(), "pki": ready.pki(), "kv": ready.kv()}
        policies = {"work": task_policy(*grants)}
        self.broker: Broker = memory_broker(
            str(folder), policies, sources, parents=ready.parents, clock=ManualClock(time.time())
        )
        self.task: Task = active_task(self.broker)

    def issue(self, grant: str, delivery: str = "inject") -> Minted:
        """One credential."""
        answer = pipeline.credentials(self.broker, self.task, grant, None, f"key-{grant}-{delivery}", delivery)
        assert not isinstance(answer, Waiting)
        return answer.minted

    def stored(self) -> bytes:
        """Every byte that the broker has put on disk."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


def test_a_task_gets_all_three_and_its_receipt_tells_them_apart(ready_engines: Engines, tmp_path: Path) -> None:
    """Each with what could really be done about it; all tokens are dead, the parent with them."""
    real = Real(ready_engines, tmp_path)
    minted = {grant: real.issue(grant) for grant in OUTCOMES}
    receipt = end_task(real.broker, real.task.id, TaskState.ENDED, "test", "done")
    assert {line.grant: line.revocation for line in receipt.lines} == OUTCOMES
    assert not receipt.complete, "a certificate that lives on is not called dead"
    opened = recorded(real.broker, "broker:parent:opened")[0]
    for accessor in [opened["accessor"], *(one.accessor for one in minted.values())]:
        status, _ = ready_engines.server.call("POST", "auth/token/lookup-accessor", {"accessor": accessor})
        assert status != 200
    told = {str(line["lease"]): line["revocation"] for line in recorded(real.broker, "broker:lease:revoked")}
    assert told == {line.lease_id: line.revocation.value for line in receipt.lines}


def test_nothing_of_a_credential_is_put_on_disk(ready_engines: Engines, tmp_path: Path) -> None:
    """Neither a value that was read through, nor a private key; what finds it again is: lease id and serial."""
    real = Real(ready_engines, tmp_path)
    minted = {grant: real.issue(grant) for grant in OUTCOMES}
    before = real.stored()
    end_task(real.broker, real.task.id, TaskState.ENDED, "test", "done")
    disk = before + real.stored()
    secrets = [minted["kv"].fields["value"], minted["ssh"].fields["private_key"], minted["pki"].fields["private_key"]]
    for secret in secrets:
        longest = max(secret.reveal().split(), key=len)
        assert longest.encode() not in disk
    for known in (minted["ssh"].source_lease, minted["pki"].source_lease, minted["kv"].accessor):
        assert known.encode() in disk


def test_a_value_read_through_does_not_enter_the_sandbox(ready_engines: Engines, tmp_path: Path) -> None:
    """Asked for over the task's socket it is refused, and nothing is read from Vault."""
    real = Real(ready_engines, tmp_path)
    with pytest.raises(Refused, match="injection alone"):
        real.issue("kv", "socket")
    assert recorded(real.broker, "broker:lease:intended") == []
