"""A real `broker serve` whose Vault falls ill: each request gets a problem document that names the rule, nothing is
issued that is not recorded, and everything is found and taken back when Vault is well again."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from broker.client import BrokerClient, Credential, Session
from broker.errors import BrokerError, MaybeIssued, SourceFailed
from broker.receipt import Revocation
from tests.broker.served import Served
from tests.servers.loopback import Loopback, Request, forward, loopback, reply, unchanged
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import VaultServer, running_vault
from tests.vault.tasks import lease, name, request, sources

pytestmark = pytest.mark.vault

TASK = """
name = "notes"
environment = "development"
deadline = 900
launchers = ["unix:{uid}"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 300
max_leases = 100
max_issues = 1000
"""
MINT = "/v1/auth/token/create"
Play = Callable[[Request], Iterable[bytes] | None]


def ready(path: Path) -> dict[str, object]:
    """What /readyz says on the broker's socket."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(20)
        link.connect(str(path))
        link.sendall(b"GET /readyz HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n")
        told = b"".join(iter(lambda: link.recv(65536), b""))
    return dict(json.loads(told.partition(b"\r\n\r\n")[2]))


@dataclasses.dataclass
class Ward:
    """A broker, the real Vault behind a proxy, and what that proxy does to the request of a mint."""

    served: Served
    ready: Provisioned
    proxy: Loopback
    illness: Play | None = None

    def alive(self, task: str) -> int:
        """How many tokens of a task live at Vault, asked as root."""
        return sum(meta.get("task") == task for meta in metas(self.ready.server))


def metas(server: VaultServer) -> Iterator[dict[str, str]]:
    """The metadata of each token that is alive."""
    for accessor in server.do("LIST", "auth/token/accessors")["data"]["keys"]:
        status, answer = server.call("POST", "auth/token/lookup-accessor", {"accessor": accessor})
        if status == 200:
            yield answer["data"].get("meta") or {}


@pytest.fixture(scope="module")
def ward(part: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """One server and one broker for the whole page; the last test seals it."""
    with running_vault(part("vault")) as server, tempfile.TemporaryDirectory() as folder:
        ready = provision(server, None, tmp_path_factory.mktemp("v"))
        ready.vaults.close()
        straight = forward(server.address, unchanged)

        def play(asked: Request) -> Iterable[bytes] | None:
            ill = asked.path == MINT and made.illness is not None
            return made.illness(asked) if ill and made.illness else straight(asked)

        with loopback(play) as proxy:
            toml = (
                ready.toml()
                .replace(ready.table.address, proxy.address)
                .replace("[vault]\n", "[vault]\nseconds = 2\n", 1)
            )
            task = TASK.format(uid=os.geteuid(), policy=ready.token_grant.scope["policy"])
            made = Ward(Served(Path(folder), f"sqlite:///{folder}/b.db", {"notes": task}, toml), ready, proxy)
            with made.served.running():
                yield made


@pytest.fixture
def client(ward: Ward) -> Iterator[BrokerClient]:
    """Over the broker's socket."""
    with ward.served.client() as made:
        yield made


def started(client: BrokerClient) -> Session:
    """A new task."""
    begun = client.start_task("notes", "while Vault is ill")
    return client.activate(begun.task_id, begun.bootstrap)


def problem(session: Session) -> BrokerError:
    """What a request for a credential is answered with; one that is answered with a credential fails the test."""
    with pytest.raises(BrokerError) as caught:
        session.credentials("notes")
    return caught.value


def redirected(ward: Ward) -> Play:
    """A standby's answer, to somebody who must not see the token."""
    del ward
    return lambda _: reply(307, None, [("Location", "http://127.0.0.1:9/v1/auth/token/create")])


def done_and(answer: Callable[[], list[bytes] | None]) -> Callable[[Ward], Play]:
    """The work is carried out, and the answer is another one."""

    def make(ward: Ward) -> Play:
        return forward(ward.ready.server.address, lambda *_: answer())

    return make


ILL: dict[str, tuple[Callable[[Ward], Play], type[BrokerError], str]] = {
    "sealed": (lambda _: lambda _: reply(503, {"errors": ["Vault is sealed"]}), SourceFailed, "vault-sealed"),
    "not initialised": (lambda _: lambda _: reply(501, {}), SourceFailed, "vault-not-initialised"),
    "over a quota": (
        lambda _: lambda _: reply(429, {"errors": ["request path: rate limit quota exceeded"]}),
        SourceFailed,
        "vault-rate-limit",
    ),
    "a performance standby": (lambda _: lambda _: reply(473, {}), BrokerError, "vault-replica"),
    "a replica": (lambda _: lambda _: reply(472, {}), BrokerError, "vault-replica"),
    "redirecting": (redirected, BrokerError, "vault-redirect"),
    "in maintenance": (lambda _: lambda _: reply(503, b"<html>"), MaybeIssued, "vault-unclear"),
    "500 after the work": (done_and(lambda: reply(500, {"errors": ["internal error"]})), MaybeIssued, "vault-unclear"),
    "a lost answer": (done_and(lambda: None), MaybeIssued, "vault-silent"),
    "nonsense after the work": (done_and(lambda: reply(200, b"\x1f\x8b\x08 gzip")), MaybeIssued, "vault-unclear"),
}
"""Illness → what it does, the error, and the rule in the problem document."""


@pytest.mark.parametrize("illness", ILL)
def test_an_illness_is_named_and_nothing_is_lost(ward: Ward, client: BrokerClient, illness: str) -> None:
    """Whatever was carried out all the same dies with the task, and the next request works."""
    make, kind, rule = ILL[illness]
    session = started(client)
    before = ward.alive(session.task_id)
    ward.illness = make(ward)
    try:
        error = problem(session)
    finally:
        ward.illness = None
    assert isinstance(error, kind)
    assert error.rule == rule
    assert error.fix
    good = session.credentials("notes")
    assert isinstance(good, Credential)
    assert ward.alive(session.task_id) >= before + 1
    client.kill(session.task_id, "the end of the test")
    assert ward.alive(session.task_id) == 0


def test_a_frozen_vault_is_given_up_in_time(ward: Ward, client: BrokerClient) -> None:
    """Its kernel takes the request and nobody answers: maybe issued. Awake again it works, and nothing is left."""
    session, pid = started(client), ward.ready.server.process.pid
    assert isinstance(session.credentials("notes"), Credential)
    os.kill(pid, signal.SIGSTOP)
    try:
        error = problem(session)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert isinstance(error, MaybeIssued)
    assert error.rule == "vault-silent"
    assert isinstance(session.credentials("notes"), Credential)
    client.kill(session.task_id, "the end of the test")
    until = time.monotonic() + 30
    while ward.alive(session.task_id):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("skew", [-600, 600])
def test_clocks_that_differ_by_ten_minutes_change_nothing(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, skew: int
) -> None:
    """Issued, lost, found and revoked as ever: ends are counted on from the request by each side's own clock."""
    made, task, real = sources(ward.ready, settle=120), name("task"), time.time
    monkeypatch.setattr("time.time", lambda: real() + skew)
    parent, accessor = made.parents.open_parent(task, (ward.ready.token_grant,), 300)
    order, lost = (request(task, ward.ready.token_grant, parent, ttl=120) for _ in range(2))
    minted = made.tokens.mint(order)
    assert 118 <= minted.expires_at - time.time() <= 121
    assert made.tokens.revoke(lease(order, minted)).revocation is Revocation.CONFIRMED
    made.tokens.mint(lost)
    assert made.tokens.recover(lease(lost)).revocation is Revocation.CONFIRMED
    with pytest.raises(SourceFailed, match="may still be under way"):
        made.tokens.recover(lease(request(task, ward.ready.token_grant, parent)))
    made.parents.close_parent(accessor)
    assert ward.alive(task) == 0


def test_a_login_that_fails_is_told_and_one_that_cannot_work_stops_the_start(ward: Ward, tmp_path: Path) -> None:
    """The revoker without its secret id is named in readyz; tokens that run out are named before there is a readyz."""
    table, server = ward.ready.table, ward.ready.server
    secret_id = Path(table.revoker.secret_id_file or "")
    kept = secret_id.read_text()
    task = TASK.format(uid=os.geteuid(), policy=ward.ready.token_grant.scope["policy"])
    served = Served(tmp_path, f"sqlite:///{tmp_path}/b.db", {"notes": task}, ward.ready.toml())
    try:
        secret_id.write_text("not-a-secret-id")
        with served.running():
            told = ready(served.socket)
            assert told["status"] == "ready"
            assert told["vault"] == {"revoker": "login: Vault answered 400, the secret id is not valid"}
    finally:
        secret_id.write_text(kept)
    server.do("POST", f"auth/approle/role/{table.issuer_role}", {"token_num_uses": 5})
    try:
        with pytest.raises(RuntimeError, match="ended with status 2"):
            served.start()
        assert "vault.issuer: login: the token is use-limited" in served.log()
    finally:
        server.do("POST", f"auth/approle/role/{table.issuer_role}", {"token_num_uses": 0})


def test_a_sealed_vault_issues_nothing_and_no_revocation_is_claimed(ward: Ward, client: BrokerClient) -> None:
    """The broker itself goes on: the receipt says queued, the store and the record are at hand."""
    session = started(client)
    assert isinstance(session.credentials("notes"), Credential)
    ward.ready.server.do("PUT", "sys/seal")
    for asking in (session, started(client)):  # one with a parent token, one without
        error = problem(asking)
        assert isinstance(error, SourceFailed)
        assert error.rule == "vault-sealed"
    receipt = client.kill(session.task_id, "while it is sealed")
    assert not receipt.complete
    told = {line.revocation for line in receipt.lines}
    assert told == {Revocation.NOTHING, Revocation.QUEUED}, "what was refused, and what lives on"
    assert client.tasks()
