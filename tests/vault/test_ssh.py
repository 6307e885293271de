"""Certificates of a real Vault's ssh engine, used by a real ssh at a real sshd."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from broker.errors import MaybeIssued, SourceFailed
from broker.issue.source import MintRequest
from broker.lease import LeaseState, Minted
from broker.receipt import Revocation
from tests.servers.engines import PRINCIPAL, Engines
from tests.servers.loopback import Request, forward, loopback, reply
from tests.servers.sshd import Sshd, running_sshd
from tests.vault.tasks import lease, name, request

pytestmark = pytest.mark.vault


@pytest.fixture(scope="module")
def sshd(part: Callable[[str], Path], ready_engines: Engines) -> Iterator[Sshd]:
    """An sshd that trusts the engine's authority."""
    told = ready_engines.server.do("GET", f"{ready_engines.table.ssh_mount}/config/ca")
    with running_sshd(part("sshd"), told["data"]["public_key"], PRINCIPAL) as server:
        yield server


def mint(ready: Engines, grant: str, ttl: int = 120) -> tuple[MintRequest, Minted]:
    """A certificate for a new task."""
    task = name("task")
    parent, _ = ready.parents.open_parent(task, (ready.grants[grant],), 300)
    order = request(task, ready.grants[grant], parent, ttl)
    return order, ready.ssh().mint(order)


def test_a_certificate_logs_in(ready_engines: Engines, sshd: Sshd) -> None:
    """With key and certificate as they are handed out, and nothing else; the host's log names the serial."""
    _, minted = mint(ready_engines, "ssh")
    done = sshd.log_in(minted, "echo", "hello")
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr
    assert f"({minted.source_lease})" in (sshd.folder / "log").read_text()
    assert set(minted.fields) == {"private_key", "certificate", "principal"}


def test_a_forced_command_is_all_that_runs(ready_engines: Engines, sshd: Sshd) -> None:
    """Whatever is asked for; nor is there a way through to another port or a terminal."""
    _, minted = mint(ready_engines, "ssh_command")
    assert minted.fields["host"].reveal() == "127.0.0.1"
    for asked in ((), ("id",), ("sh", "-c", "'id'"), ("-s", "sftp")):
        done = sshd.log_in(minted, *asked)
        assert done.stdout.strip() == "forced", done.stderr
    assert "PTY allocation request failed" in sshd.log_in(minted, "-tt", "id").stderr
    through_it = sshd.log_in(minted, "-W", f"127.0.0.1:{sshd.port}")
    assert through_it.returncode != 0
    assert "SSH-2.0" not in through_it.stdout


def test_a_certificate_is_good_from_its_networks_alone(ready_engines: Engines, sshd: Sshd) -> None:
    """`sources` becomes source-address: from another address sshd refuses it."""
    assert sshd.log_in(mint(ready_engines, "ssh_here")[1], "true").returncode == 0
    refused = sshd.log_in(mint(ready_engines, "ssh_elsewhere")[1], "true")
    assert "Permission denied" in refused.stderr


def test_a_certificate_of_another_principal_is_not_signed(ready_engines: Engines, sshd: Sshd) -> None:
    """Vault's role bounds the grant; and at a host that expects another principal even a signed one is refused."""
    with pytest.raises(SourceFailed, match="the role does not allow this principal"):
        mint(ready_engines, "ssh_stranger")
    _, minted = mint(ready_engines, "ssh")
    (sshd.folder / "principals").write_text("somebody-else\n")
    refused = sshd.log_in(minted, "true")
    (sshd.folder / "principals").write_text(f"{PRINCIPAL}\n")
    assert "Permission denied" in refused.stderr
    assert sshd.log_in(minted, "true").returncode == 0


def test_a_certificate_dies_at_its_end(ready_engines: Engines, sshd: Sshd) -> None:
    """Two seconds (more on a machine so busy that a login takes longer): in, and then not; only then is its end
    confirmed."""
    for ttl in (2, 6, 18):
        order, minted = mint(ready_engines, "ssh", ttl)
        done = sshd.log_in(minted, "true")
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr
    time.sleep(max(0.0, minted.expires_at + 0.2 - time.time()))
    assert "Permission denied" in sshd.log_in(minted, "true").stderr
    assert "expired" in (sshd.folder / "log").read_text()
    assert ready_engines.ssh().revoke(lease(order, minted)).revocation is Revocation.CONFIRMED


def test_a_receipt_does_not_claim_more_than_it_can(ready_engines: Engines, sshd: Sshd) -> None:
    """It says until when the certificate lives, which is true, and its serial, by which a host can refuse it now."""
    order, minted = mint(ready_engines, "ssh")
    for _ in range(2):
        line = ready_engines.ssh().revoke(lease(order, minted))
        assert (line.revocation, line.expires_at) == (Revocation.EXPIRES, minted.expires_at)
        assert minted.source_lease in line.detail
    assert sshd.log_in(minted, "true").returncode == 0
    sshd.revoke(minted.source_lease.replace("serial ", "serial: ") + "\n")
    assert "Permission denied" in sshd.log_in(minted, "true").stderr
    assert sshd.log_in(mint(ready_engines, "ssh")[1], "true").returncode == 0, "another certificate is not named"


def test_the_token_signs_once(ready_engines: Engines) -> None:
    """Nobody holds it; and if somebody did, it is spent."""
    order, minted = mint(ready_engines, "ssh")
    look_up = ("POST", "auth/token/lookup-accessor", {"accessor": minted.accessor})
    until = time.monotonic() + 20
    while ready_engines.server.call(*look_up)[0] == 200 and time.monotonic() < until:
        time.sleep(0.02)
    assert ready_engines.server.call(*look_up)[0] != 200
    assert ready_engines.ssh().revoke(lease(order, minted)).revocation is Revocation.EXPIRES


def test_a_permission_that_the_grant_does_not_name_is_not_handed_out(ready_engines: Engines) -> None:
    """The role adds port forwarding by default: a forced command could be walked around with it."""
    with pytest.raises(SourceFailed, match="permit-port-forwarding"):
        mint(ready_engines, "ssh_wide")


def test_a_lost_answer_leaves_nothing(ready_engines: Engines) -> None:
    """The certificate was signed and the answer dropped: its key was never anywhere but here, and the token ends."""
    task = name("task")
    parent, _ = ready_engines.parents.open_parent(task, (ready_engines.grants["ssh"],), 300)
    order = request(task, ready_engines.grants["ssh"], parent)

    def swallow(asked: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        return None if "/sign/" in asked.path else reply(status, body)

    with loopback(forward(ready_engines.server.address, swallow)) as proxy, pytest.raises(MaybeIssued):
        ready_engines.ssh(ready_engines.through(proxy.address)).mint(order)
    source = ready_engines.ssh()
    assert source.recover(lease(order)).revocation in (Revocation.CONFIRMED, Revocation.NOTHING)
    assert source.recover(lease(order)).revocation is Revocation.NOTHING


def test_a_certificate_that_was_never_released_is_confirmed_dead(ready_engines: Engines) -> None:
    """The task ended while it was made: its key is gone, which is more than "it expires"."""
    order, minted = mint(ready_engines, "ssh")
    kept = dataclasses.replace(lease(order, minted), state=LeaseState.MINTED)
    assert ready_engines.ssh().revoke(kept).revocation is Revocation.CONFIRMED
