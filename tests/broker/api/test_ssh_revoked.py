"""The list of ssh certificates that hosts should refuse; with a real sshd it is tried in `tests/vault`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.api.ssh_revoked import Kept, serials
from broker.authenticate.dpop import UNIX_BASE_URL
from broker.errors import SourceFailed
from broker.issue.source import MintRequest, line
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from broker.revoke import revoke_lease
from broker.service import Broker
from broker.testing import ManualClock, MemorySource, memory_broker, task_policy
from tests.broker.api.running import Running
from tests.broker.scenario import DB, active_task, issue
from tests.broker.serving import serving

SSH = dataclasses.replace(DB, source="ssh", max_leases=5)


class Certificates(MemorySource):
    """Numbers what it mints, and cannot call it back."""

    def mint(self, request: MintRequest) -> Minted:
        minted = super().mint(request)
        return dataclasses.replace(minted, source_lease=f"serial {100 - len(self.minted)}")

    def revoke(self, lease: Lease) -> Line:
        if self.down:
            raise SourceFailed("the source is down")
        return line(lease, Revocation.EXPIRES, "")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def broker(tmp_path: Path, clock: ManualClock) -> Iterator[Broker]:
    """A broker with such a source, under the name that counts and under another."""
    other = dataclasses.replace(DB, name="other")
    sources = {"ssh": Certificates(clock=clock), "memory": Certificates(clock=clock)}
    made = memory_broker(str(tmp_path), {"work": task_policy(SSH, other)}, sources, clock=clock)
    yield made
    made.database.close()


def test_what_was_taken_back_is_listed_until_it_expires(broker: Broker, clock: ManualClock) -> None:
    """In order; neither what is in use, nor another source's, nor what is over by itself."""
    task = active_task(broker)
    first, second, _ = (issue(broker, task, f"key-000{at}").lease for at in range(3))
    revoke_lease(broker, issue(broker, task, "key-other", "other").lease.id)
    assert serials(broker.database, int(clock())) == []
    revoke_lease(broker, first.id)
    revoke_lease(broker, second.id)
    assert serials(broker.database, int(clock())) == [98, 99]
    assert serials(broker.database, first.expires_at) == []


def test_a_source_that_is_down_keeps_nothing_off_the_list(broker: Broker, clock: ManualClock) -> None:
    """The certificate was taken back as far as the broker is concerned; hosts need nobody else for it."""
    lease, source = issue(broker, active_task(broker)).lease, broker.sources["ssh"]
    assert isinstance(source, Certificates)
    source.down = True
    revoke_lease(broker, lease.id)
    assert serials(broker.database, int(clock())) == [99]


def test_one_look_serves_all_who_ask(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """For two seconds; then it is looked anew."""
    lease = issue(broker, active_task(broker)).lease
    kept = Kept(broker)
    assert kept.text() == ""
    revoke_lease(broker, lease.id)
    assert kept.text() == ""
    monkeypatch.setattr("broker.api.ssh_revoked.KEEP_SECONDS", 0.0)
    assert Kept(broker).text() == "serial: 99\n"


def test_anybody_may_read_it(tmp_path: Path) -> None:
    """As text for ssh-keygen; empty when there is nothing to refuse."""
    running = Running(tmp_path)
    with (
        serving(running.app, running.socket) as path,
        httpx.Client(transport=httpx.HTTPTransport(uds=path), base_url=UNIX_BASE_URL, timeout=20) as raw,
    ):
        answer = raw.get("/v1/ssh/revoked")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["content-type"].startswith("text/plain")
