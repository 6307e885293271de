"""Installation tokens of a GitHub App, against a stub of the documented API."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import MaybeIssued, RecordFailed, SourceFailed
from broker.github_client import GitHub
from broker.github_config import GitHubTable
from broker.grant import Grant
from broker.issue.github_app import HOUR, LATE, GitHubAppSource, order
from broker.issue.source import MintRequest
from broker.lease import Lease, LeaseState, Minted
from broker.receipt import Revocation
from broker.recover import recover
from broker.revoke import end_task
from broker.service import Broker
from broker.store.database import open_database
from broker.store.sealed import Sealer
from broker.store.tables import leases
from broker.task import TaskState
from broker.testing import FaultyDatabase, ManualClock, memory_broker, task_policy
from tests.broker.scenario import active_task, issue
from tests.broker.stores import KINDS, fresh_url
from tests.servers.github import APP, INSTALLATION, GitHubStub, running_github
from tests.servers.loopback import Request, reply

SCOPE = {"installation": INSTALLATION, "repositories": "widgets,gadgets", "permissions": "contents:read,issues:write"}
SEALER = Sealer(b"k" * 32)


@pytest.fixture(scope="module")
def server() -> Iterator[GitHubStub]:
    with running_github() as running:
        yield running


@pytest.fixture
def stub(server: GitHubStub) -> GitHubStub:
    """The stub, as it was when it started."""
    server.alive.clear()
    server.requests.clear()
    server.made = server.revoked = server.sticky = 0
    server.tamper, server.down = None, False
    return server


@pytest.fixture
def source(stub: GitHubStub, tmp_path: Path) -> Iterator[GitHubAppSource]:
    (tmp_path / "app.pem").write_bytes(stub.pem)
    (tmp_path / "app.pem").chmod(0o600)
    github = GitHub(GitHubTable(app=APP, private_key_file=str(tmp_path / "app.pem"), api=stub.address, seconds=5))
    yield GitHubAppSource(github, SEALER)
    github.close()


def asked_for(ttl: int = 600, **scope: str) -> MintRequest:
    """An order for one token."""
    return MintRequest("task-1", "lease-1", Grant("push", "github_app", {**SCOPE, **scope}, ttl), ttl, "ada", None)


def lease(minted: Minted | None = None, created_at: float | None = None) -> Lease:
    """The journal's row: issued when `minted` is known, uncertain otherwise."""
    made = int(time.time() if created_at is None else created_at)
    if minted is None:
        return Lease("lease-1", "task-1", "push", "github_app", LeaseState.UNCERTAIN, created_at=made)
    known = {"created_at": made, "expires_at": minted.expires_at, "sealed": minted.sealed}
    return Lease("lease-1", "task-1", "push", "github_app", LeaseState.ISSUED, **known)  # type: ignore[arg-type]


def test_a_token_lives_and_dies(source: GitHubAppSource, stub: GitHubStub) -> None:
    """Narrowed at GitHub; its lease ends with the grant's time, not with GitHub's hour; dead after revoke."""
    minted = source.mint(asked_for())
    token = minted.fields["token"].reveal()
    assert stub.alive[token]["permissions"] == {"contents": "read", "issues": "write", "metadata": "read"}
    assert {one["name"] for one in stub.alive[token]["repositories"]} == {"widgets", "gadgets"}
    assert time.time() + 590 < minted.expires_at <= time.time() + 600
    for _ in range(2):
        assert source.revoke(lease(minted)).revocation is Revocation.CONFIRMED
    assert (stub.alive, stub.made, stub.revoked) == ({}, 1, 1)


def test_the_token_is_kept_as_ciphertext_of_its_lease(source: GitHubAppSource) -> None:
    """Neither in what is stored nor in what is printed; another lease's row does not open it."""
    minted = source.mint(asked_for())
    token = minted.fields["token"].reveal()
    assert token.encode() not in minted.sealed
    assert token not in repr((minted, lease(minted)))
    assert minted.accessor == minted.source_lease == ""
    assert SEALER.unseal("lease-1", minted.sealed).reveal() == token
    with pytest.raises(SourceFailed):
        SEALER.unseal("lease-2", minted.sealed)


def test_a_lease_is_never_longer_than_githubs_hour(source: GitHubAppSource) -> None:
    """A grant may say more; the token would not."""
    assert source.mint(asked_for(2 * HOUR)).expires_at <= time.time() + HOUR


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("installation", "0"),
        ("installation", "4242/access_tokens?x"),
        ("repositories", ""),
        ("repositories", "octo/widgets"),
        ("repositories", "widgets,"),
        ("repositories", "*"),
        ("permissions", ""),
        ("permissions", "contents"),
        ("permissions", "contents:owner"),
        ("permissions", "contents:read,,"),
        ("organisation", "octo"),
    ],
)
def test_what_github_would_not_take_is_no_scope(
    source: GitHubAppSource, stub: GitHubStub, key: str, value: str
) -> None:
    """Found when the policy is loaded, and again before anything is sent."""
    assert GitHubAppSource.scope.problem({**SCOPE, key: value})[0] == key
    with pytest.raises(SourceFailed, match=f"scope.{key}"):
        source.mint(asked_for(**{key: value}))
    assert not stub.requests


@pytest.mark.parametrize("missing", sorted(SCOPE))
def test_a_grant_without_a_limit_is_no_scope(missing: str) -> None:
    """Left out, GitHub would take all repositories or all permissions of the installation."""
    assert GitHubAppSource.scope.problem({name: one for name, one in SCOPE.items() if name != missing})[0] == missing


@pytest.mark.parametrize("scope", [{"repositories": "elsewhere"}, {"permissions": "administration:write"}])
def test_what_the_installation_does_not_have_is_refused(
    source: GitHubAppSource, stub: GitHubStub, scope: dict[str, str]
) -> None:
    """By GitHub itself: nothing is issued, and the fix says where to look."""
    with pytest.raises(SourceFailed, match="status 422"):
        source.mint(asked_for(**scope))
    assert stub.made == 0


def changed(**fields: Any) -> Any:
    """A tamper that changes fields of each document that has a token."""

    def tamper(_: Request, status: int, document: Any) -> Iterable[bytes]:
        return reply(status, {**document, **fields} if status == 201 else document)

    return tamper


@pytest.mark.parametrize(
    "fields",
    [
        {"permissions": {"contents": "write", "issues": "write"}},
        {"permissions": {"contents": "read", "administration": "read"}},
        {"permissions": {"metadata": "write"}},
        {"permissions": {"contents": "root"}},
        {"permissions": None},
        {"repository_selection": "all"},
        {"repository_selection": None},
        {"repositories": [{"name": "widgets"}, {"name": "secrets-of-state"}]},
        {"repositories": [{"id": 7}]},
        {"repositories": ["widgets"]},
        {"repositories": None},
        {"expires_at": None},
        {"expires_at": "soon"},
        {"expires_at": "2026-11-25T00:00:00"},
    ],
    ids=str,
)
def test_a_token_that_can_do_more_is_killed(source: GitHubAppSource, stub: GitHubStub, fields: dict[str, Any]) -> None:
    """It is taken back before anybody has it, and that is certain."""
    stub.tamper = changed(**fields)
    with pytest.raises(SourceFailed, match="not asked for"):
        source.mint(asked_for())
    assert (stub.made, stub.revoked, stub.alive) == (1, 1, {})


def test_a_token_that_can_do_more_and_cannot_be_killed_is_maybe_issued(
    source: GitHubAppSource, stub: GitHubStub
) -> None:
    """The lost answer of the second call leaves it open, and the lease says so."""

    def tamper(request: Request, status: int, document: Any) -> Iterable[bytes] | None:
        return None if request.method == "DELETE" else reply(status, {**document, "repository_selection": "all"})

    stub.tamper = tamper
    with pytest.raises(MaybeIssued):
        source.mint(asked_for())


@pytest.mark.parametrize(
    "fields",
    [
        {"token": None},
        {"token": "short"},
        {"token": "with a space in it, and long enough"},
        {"token": ["x"]},
    ],
    ids=str,
)
def test_an_answer_with_a_hole_is_maybe_issued(
    source: GitHubAppSource, stub: GitHubStub, fields: dict[str, Any]
) -> None:
    """A token was made, most likely; what cannot be used is not handed out."""
    stub.tamper = changed(**fields)
    with pytest.raises(MaybeIssued):
        source.mint(asked_for())


def test_a_lost_answer_is_told_honestly(source: GitHubAppSource, stub: GitHubStub) -> None:
    """GitHub has no list of tokens: one may exist, for an hour from the latest moment that it was made."""
    stub.tamper = lambda *_: None
    with pytest.raises(MaybeIssued):
        source.mint(asked_for())
    assert len(stub.alive) == 1
    lost = lease()
    line = source.recover(lost)
    assert (line.revocation, line.expires_at) == (Revocation.EXPIRES, lost.created_at + LATE + HOUR)
    assert "may exist" in line.detail
    over = source.recover(lease(created_at=time.time() - LATE - HOUR))
    assert over.revocation is Revocation.CONFIRMED


def test_a_revocation_that_did_nothing_is_noticed(source: GitHubAppSource, stub: GitHubStub) -> None:
    """204 is GitHub's word; the token is shown again until it is refused."""
    minted = source.mint(asked_for())
    stub.sticky = 1
    assert source.revoke(lease(minted)).revocation is Revocation.CONFIRMED
    assert stub.revoked == 2
    again = source.mint(asked_for())
    stub.sticky = 99
    with pytest.raises(SourceFailed, match="still takes"):
        source.revoke(lease(again))


def test_after_its_hour_a_token_needs_no_revocation(source: GitHubAppSource, stub: GitHubStub) -> None:
    """Also where its ciphertext does not open any more: nothing is tried for ever."""
    minted = source.mint(asked_for())
    stub.requests.clear()
    old = lease(Minted({}, "", "", minted.expires_at, sealed=b"noise"), created_at=time.time() - LATE - HOUR)
    assert source.revoke(old).revocation is Revocation.CONFIRMED
    assert not stub.requests


def working(source: GitHubAppSource, url: str, clock: ManualClock, fail_at: int = -1) -> Broker:
    """A broker over this source whose store refuses one write."""
    database = FaultyDatabase(open_database(url).engine, fail_at=fail_at)
    policies, sources = {"work": task_policy(asked_for().grant)}, {"github_app": source}
    return memory_broker("", policies, sources, clock=clock, database=database)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_dies_with_its_lease(
    source: GitHubAppSource, stub: GitHubStub, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The broker's round takes it back when the grant's time is over, long before GitHub's hour; its ciphertext, which
    that needs, goes with it."""
    clock = ManualClock(time.time())
    broker = working(dataclasses.replace(source, clock=clock), fresh_url(kind, tmp_path, request), clock)
    issue(broker, active_task(broker), grant="push")
    clock.advance(599)
    recover(broker)
    assert len(stub.alive) == 1
    clock.advance(2)
    recover(broker)
    assert stub.alive == {}
    with broker.database.read() as tx:
        assert tx.execute(sa.select(leases.c.state, leases.c.sealed)).all() == [("revoked", None)]


def test_while_github_is_down_a_token_is_queued_and_then_taken_back(
    source: GitHubAppSource, stub: GitHubStub, tmp_path: Path
) -> None:
    """The receipt says so, and that the token may outlive its lease until its hour; the next round finishes it."""
    clock = ManualClock(time.time())
    broker = working(dataclasses.replace(source, clock=clock), f"sqlite:///{tmp_path}/b.db", clock)
    task = active_task(broker)
    issue(broker, task, grant="push")
    stub.down = True
    (queued,) = end_task(broker, task.id, TaskState.ENDED, "a test", "over").lines
    assert queued.revocation is Revocation.QUEUED
    assert "ends by itself, by 20" in queued.detail
    assert len(stub.alive) == 1
    stub.down = False
    clock.advance(60)
    recover(broker)
    assert stub.alive == {}
    (line,) = end_task(broker, task.id, TaskState.ENDED, "a test", "over").lines
    assert line.revocation is Revocation.CONFIRMED


def test_a_release_that_cannot_be_recorded_is_taken_back(
    source: GitHubAppSource, stub: GitHubStub, tmp_path: Path
) -> None:
    """The token is known to this process alone at that moment, and dead when it answers."""
    broker = working(source, f"sqlite:///{tmp_path}/b.db", ManualClock(time.time()), fail_at=3)
    task = active_task(broker)
    with pytest.raises(RecordFailed):
        issue(broker, task, grant="push")
    assert (stub.made, stub.alive) == (1, {})


names = st.from_regex(re.compile(r"[A-Za-z0-9_.-]{1,20}"), fullmatch=True)
levels = st.sampled_from(["read", "write", "admin"])


@given(
    st.lists(names, min_size=1, max_size=16),
    st.dictionaries(st.from_regex(re.compile(r"[a-z][a-z_]{0,15}"), fullmatch=True), levels, min_size=1, max_size=16),
)
def test_the_order_is_exactly_the_scope(repositories: list[str], permissions: dict[str, str]) -> None:
    """No repository and no permission is added, dropped or changed on the way."""
    listed = ",".join(f"{name}:{level}" for name, level in permissions.items())
    scope = {"installation": "1", "repositories": ",".join(repositories), "permissions": listed}
    assert GitHubAppSource.scope.problem(scope) == ("", "")
    assert order(scope) == {"repositories": repositories, "permissions": permissions}
