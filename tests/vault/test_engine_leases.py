"""Leases of the ssh, pki and kv engines through the broker's own pipeline and store, on a real Vault."""

from __future__ import annotations

import dataclasses
import secrets
import time
from pathlib import Path

import pytest

from broker import pipeline, vault_audit
from broker.approve.tickets import Waiting
from broker.errors import MaybeIssued, Refused
from broker.issue.source import MintRequest
from broker.issue.vault_accessors import MAKER
from broker.issue.vault_kv import VaultKvSource
from broker.lease import Minted
from broker.receipt import Revocation
from broker.recover import recover
from broker.revoke import end_task
from broker.service import Broker
from broker.task import Task, TaskState
from broker.testing import ManualClock, memory_broker, task_policy
from broker.vault_cross_check import Question, Verdict, compare
from broker.vault_record import known
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

    def issue(self, grant: str, delivery: str = "inject", key: str = "first") -> Minted:
        """One credential."""
        answer = pipeline.credentials(self.broker, self.task, grant, None, f"key-{grant}-{key}", delivery)
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
    hidden = [minted["kv"].fields["value"], minted["ssh"].fields["private_key"], minted["pki"].fields["private_key"]]
    for secret in hidden:
        longest = max(secret.reveal().split(), key=len)
        assert longest.encode() not in disk
    for kept in (minted["ssh"].source_lease, minted["pki"].source_lease, minted["kv"].accessor):
        assert kept.encode() in disk


def test_a_value_read_through_does_not_enter_the_sandbox(ready_engines: Engines, tmp_path: Path) -> None:
    """Asked for over the task's socket it is refused, and nothing is read from Vault."""
    real = Real(ready_engines, tmp_path)
    with pytest.raises(Refused, match="injection alone"):
        real.issue("kv", "socket")
    assert recorded(real.broker, "broker:lease:intended") == []


class Deaf(VaultKvSource):
    """Reads, and never hears the answer."""

    def mint(self, request: MintRequest) -> Minted:
        super().mint(request)
        raise MaybeIssued("no answer")


def test_vaults_own_log_agrees_with_the_record(ready_engines: Engines, tmp_path: Path) -> None:
    """Tokens that were spent by their one use, certificates that live on, an answer that was lost: none of that is told
    as missing in either log."""
    server, device = ready_engines.server, f"engines-{secrets.token_hex(4)}"
    file = server.folder / f"{device}.log"
    server.do("PUT", f"sys/audit/{device}", {"type": "file", "options": {"file_path": str(file)}})
    try:
        real = Real(ready_engines, tmp_path)
        for grant in OUTCOMES:
            real.issue(grant)
        deaf = Deaf(
            *(ready_engines.vaults.issuer, ready_engines.vaults.revoker), ready_engines.table.kv_mount, settle_seconds=0
        )
        real.broker = dataclasses.replace(real.broker, sources={**real.broker.sources, "kv": deaf})
        with pytest.raises(MaybeIssued):
            real.issue("kv", key="lost")
        recover(real.broker)
        end_task(real.broker, real.task.id, TaskState.ENDED, "test", "done")
        server.do("GET", "sys/mounts")
        told, log, admin = known(real.broker.database), vault_audit.read(str(file)), server.root()
        hashed = vault_audit.hashes(admin, device, [MAKER, *(one.accessor for one in told.values())])
        admin.close()
    finally:
        server.do("DELETE", f"sys/audit/{device}")
    table = ready_engines.table
    found = compare(Question(log, told, hashed, table.task_role, table.issuer_role, skew=0.0))
    assert (found.verdict, found.findings) == (Verdict.MATCHES, ())
    assert found.matching == 5, "the parent, three leases and the lost one"
