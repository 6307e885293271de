"""A real Vault of its own that is frozen, sealed or cannot write its audit log while leases are asked for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.receipt import Revocation
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import running_vault
from tests.vault.tasks import lease, name, request, sources, through

pytestmark = pytest.mark.vault


@pytest.fixture
def own_vault(part: Callable[[str], Path], tmp_path: Path) -> Iterator[Provisioned]:
    """A server that a test may break."""
    with running_vault(part("vault")) as server:
        ready = provision(server, None, tmp_path)
        yield ready
        ready.vaults.close()


def test_a_frozen_vault_is_given_up_and_what_it_did_is_found_when_it_wakes(own_vault: Provisioned) -> None:
    """Connections are taken by the kernel, so the requests are sent and nothing answers: maybe issued, all of them.
    Whether and when the woken server still carries them out is its own matter: recovery's rounds leave none alive.
    (The broker calls a lease NOTHING only when Vault's own request limit has passed; here that wait is cut short.)"""
    straight, task = sources(own_vault), name("task")
    parent, _ = straight.parents.open_parent(task, (own_vault.token_grant,), 300)
    shaky = sources(own_vault, through(own_vault, own_vault.server.address, seconds=1.5))
    warm = request(task, own_vault.token_grant, parent)
    shaky.tokens.mint(warm)
    orders = [request(task, own_vault.token_grant, parent) for _ in range(3)]
    freeze(own_vault.server.process.pid)
    try:
        for order in orders:
            with pytest.raises(MaybeIssued):
                shaky.tokens.mint(order)
        with pytest.raises(SourceFailed):
            sources(own_vault, through(own_vault, own_vault.server.address, seconds=1.5)).parents.open_parent(
                task, (own_vault.token_grant,), 60
            )
    finally:
        own_vault.server.process.send_signal(signal.SIGCONT)
    until = time.monotonic() + 30
    lost = alive = {order.lease_id for order in orders}
    while lost & alive:
        assert time.monotonic() < until
        for order in orders:
            assert straight.tokens.recover(lease(order)).revocation in (Revocation.CONFIRMED, Revocation.NOTHING)
        time.sleep(0.5)
        alive = {token["meta"].get("intent", "") for token in living(own_vault) if token.get("meta")}
    assert warm.lease_id in alive, "a lease that was not in doubt is left alone"


def test_a_sealed_vault_refuses_and_a_revocation_is_not_claimed(own_vault: Provisioned) -> None:
    """Nothing is issued, and the open lease is told as open: its state cannot be asked."""
    made, task = sources(own_vault), name("task")
    parent, accessor = made.parents.open_parent(task, (own_vault.token_grant,), 300)
    order = request(task, own_vault.token_grant, parent)
    minted = made.tokens.mint(order)
    own_vault.server.do("PUT", "sys/seal")
    for act in (
        lambda: made.tokens.mint(request(task, own_vault.token_grant, parent)),
        lambda: made.parents.open_parent(task, (own_vault.token_grant,), 60),
        lambda: made.tokens.revoke(lease(order, minted)),
        lambda: made.parents.close_parent(accessor),
        lambda: made.parents.recover_parents([task]),
    ):
        with pytest.raises(SourceFailed, match="sealed"):
            act()


def test_a_vault_that_cannot_write_its_audit_log_is_maybe_and_leaves_nothing(
    own_vault: Provisioned, tmp_path: Path
) -> None:
    """It answers 500 to everything, before or after the work; once it can write again, recovery tells which."""
    log = own_vault.server.folder / "audit.log"
    made, task = sources(own_vault), name("task")
    parent, _ = made.parents.open_parent(task, (own_vault.token_grant,), 300)
    own_vault.server.do("POST", "sys/audit/file", {"type": "file", "options": {"file_path": str(log)}})
    order = request(task, own_vault.token_grant, parent)
    log.rename(tmp_path / "kept")
    log.symlink_to("/dev/full")
    own_vault.server.process.send_signal(signal.SIGHUP)
    try:
        wait_for_500(own_vault)
        with pytest.raises(MaybeIssued):
            made.tokens.mint(order)
    finally:
        log.unlink()
        own_vault.server.process.send_signal(signal.SIGHUP)
    wait_for_200(own_vault)
    made.tokens.recover(lease(order))
    assert order.lease_id not in {token["meta"].get("intent") for token in living(own_vault) if token.get("meta")}


def test_vaults_own_record_names_task_and_lease_but_no_token(own_vault: Provisioned) -> None:
    """Both logs can be laid side by side by the ids in the metadata, which Vault hashes; neither has the token."""
    log = own_vault.server.folder / "audit.log"
    own_vault.server.do("POST", "sys/audit/file", {"type": "file", "options": {"file_path": str(log)}})
    made, task = sources(own_vault), name("task")
    parent, _ = made.parents.open_parent(task, (own_vault.token_grant,), 300)
    order = request(task, own_vault.token_grant, parent)
    token = made.tokens.mint(order).fields["token"]
    text = log.read_text()
    for known in (task, order.lease_id):
        assert own_vault.server.do("POST", "sys/audit-hash/file", {"input": known})["data"]["hash"] in text
    assert token.reveal() not in text
    assert parent.reveal() not in text


def freeze(pid: int) -> None:
    """Stop every thread of a process; SIGSTOP alone returns while some of them still run."""
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 10
    while any(
        task.read_text().rpartition(")")[2].split()[0] != "T" for task in Path(f"/proc/{pid}/task").glob("*/stat")
    ):
        assert time.monotonic() < until
        time.sleep(0.01)


def living(ready: Provisioned) -> list[dict[str, dict[str, str]]]:
    """What Vault says of each token that is alive, asked as root."""
    found = []
    for accessor in ready.server.do("LIST", "auth/token/accessors")["data"]["keys"]:
        status, answer = ready.server.call("POST", "auth/token/lookup-accessor", {"accessor": accessor})
        if status == 200:
            found.append(answer["data"])
    return found


def wait_for_500(ready: Provisioned) -> None:
    """SIGHUP is taken at leisure."""
    assert any(ready.server.call("GET", "sys/mounts")[0] == 500 for _ in range(2000))


def wait_for_200(ready: Provisioned) -> None:
    """The same, the other way."""
    assert any(ready.server.call("GET", "sys/mounts")[0] == 200 for _ in range(2000))
