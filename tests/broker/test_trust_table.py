"""Who runs as whom, and what that alone is worth: the rows of ARCHITECTURE.md's table that are about callers.

The other rows have their own places: `task.sock` and the sandbox `tests/broker/sandbox/`, certificates
`authenticate/test_mutual_tls.py`, proofs `authenticate/test_over_http.py`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.client import BrokerClient, Credential, Waiting
from broker.errors import NotFound, Refused, Unauthenticated
from tests.broker.served import Served

ME = f"unix:{os.geteuid()}"
TASK = """
name = "{name}"
environment = "sandbox"
deadline = 600
launchers = ["unix:*", "jwt:corp:ada", "jwt:corp:group:launchers", "jwt:robots:**"]
approvers = ["jwt:*"]
[grants.free]
source = "identity"
scope = {{ audience = "a" }}
ttl = 60
"""
GATED = '[grants.gated]\nsource = "identity"\nscope = { audience = "a" }\nttl = 60\napprovals = 1\n'
FREE, CAREFUL = TASK.format(name="free"), TASK.format(name="careful") + GATED


class Town(Served):
    """A broker with people (`corp`) and machines (`robots`) of the same key."""

    def __init__(self, folder: Path) -> None:
        robots = (
            f'[[issuers]]\nissuer = "robots"\naudience = "broker"\npeople = false\njwks = "{folder}/people.json"\n'
            'acts_for_claim = "sub"\nacts_for_issuer = "corp"\n'
        )
        super().__init__(folder, f"sqlite:///{folder}/broker.db", {"free": FREE, "careful": CAREFUL}, robots)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("t"))
    with made.running():
        yield made


def robot(town: Town, person: str = "bob") -> BrokerClient:
    """A machine that `person` set to work, whose token names every group that a person could have."""
    return BrokerClient(f"unix:{town.socket}", town.token(person, "launchers", "operators", issuer="robots"))


def waiting(town: Town, client: BrokerClient) -> str:
    """The id of an approval that a task of `client` waits for."""
    started = client.start_task("careful", "a test")
    answer = client.activate(started.task_id, started.bootstrap).credentials("gated")
    assert isinstance(answer, Waiting)
    return answer.approval_id


def test_a_peer_alone_starts_only_what_needs_no_approval(town: Town) -> None:
    """Some process of this user, perhaps the agent: the free policy, the free part of another one, nothing else."""
    with town.client() as peer:
        assert peer.task(peer.start_task("free", "a test").task_id)["on_behalf_of"] == ME
        with pytest.raises(Refused) as caught:
            peer.start_task("careful", "a test")
        assert caught.value.rule == "unattended"
        assert "free" in caught.value.fix
        started = peer.start_task("careful", "a test", {"grants": {"free": {}}})
        session = peer.activate(started.task_id, started.bootstrap)
        assert isinstance(session.credentials("free"), Credential)
        with pytest.raises(Refused):
            session.credentials("gated")


def test_a_peer_decides_and_sees_nothing_of_others(town: Town) -> None:
    """It approves nothing, is no operator, and others' tasks are not there for it."""
    with town.client("ada") as ada, town.client() as peer:
        approval = waiting(town, ada)
        with pytest.raises(Refused) as caught:
            peer.decide(approval, "approve", "because")
        assert caught.value.rule == "approver"
        theirs = ada.start_task("free", "a test").task_id
        with pytest.raises(NotFound):
            peer.task(theirs)
        with pytest.raises(NotFound):
            peer.kill(theirs, "because")
        with pytest.raises(Refused):
            peer.kill_scope("all")
        assert theirs not in {one["id"] for one in peer.tasks()}
        assert approval not in {one["approval_id"] for one in peer.approvals()}


def test_a_machine_starts_and_decides_nothing(town: Town) -> None:
    """An issuer of machines proves no person, whatever groups its token has and however wide the approvers are."""
    with town.client("ada") as ada, robot(town) as machine:
        approval = waiting(town, ada)
        with pytest.raises(Refused) as caught:
            machine.decide(approval, "approve", "because")
        assert caught.value.rule == "approver"
        assert machine.whoami()["approver_of"] == []
        own = waiting(town, machine)
        assert ada.decide(own, "approve", "looked at it")["state"] == "granted"


def test_a_person_does_not_decide_on_what_their_machine_asks(town: Town) -> None:
    """A job that Ada started runs on her behalf, by the word of its issuer: somebody else must agree."""
    with robot(town, "ada") as machine, town.client("ada") as ada, town.client("grace") as grace:
        started = machine.start_task("free", "a test")
        shown = machine.task(started.task_id)
        assert (shown["launcher"], shown["on_behalf_of"]) == ("jwt:robots:ada", "jwt:corp:ada")
        approval = waiting(town, machine)
        with pytest.raises(Refused) as caught:
            ada.decide(approval, "approve", "because")
        assert caught.value.rule == "approver-is-requester"
        assert grace.decide(approval, "approve", "looked at it")["state"] == "granted"


def test_a_person_decides_on_others_requests_alone(town: Town) -> None:
    """Approver is not requester, by stable identity: another token with other groups is the same person."""
    with town.client("ada") as ada, town.client("grace") as grace, town.client("ada", "approvers") as again:
        approval = waiting(town, ada)
        for herself in (ada, again):
            with pytest.raises(Refused) as caught:
                herself.decide(approval, "approve", "because")
            assert caught.value.rule == "approver-is-requester"
        assert grace.decide(approval, "approve", "looked at it")["state"] == "granted"


def test_a_group_is_a_role(town: Town) -> None:
    """Operators and launchers by the groups of the token, of that very issuer."""
    with town.client("eve") as nobody, town.client("eve", "launchers") as launcher:
        with pytest.raises(Refused):
            nobody.start_task("free", "a test")
        assert launcher.start_task("free", "a test")
    with town.client("olga") as operator, robot(town) as machine:
        assert operator.whoami()["operator"] is True
        assert machine.whoami()["operator"] is False


def test_who_asks_is_in_no_body_and_no_header(town: Town) -> None:
    """A field that names somebody is an error, and a header says nothing."""
    headers = {"X-Forwarded-User": "olga", "X-Remote-User": "olga", "Forwarded": "for=olga", "Cookie": "user=olga"}
    transport = httpx.HTTPTransport(uds=str(town.socket))
    with httpx.Client(transport=transport, base_url="http://broker", headers=headers, timeout=20) as raw:
        assert raw.get("/v1/whoami").json()["id"] == ME
        for field in ("on_behalf_of", "launcher", "subject", "identity"):
            answer = raw.post("/v1/tasks", json={"policy": "free", "purpose": "a test", field: "jwt:corp:olga"})
            assert (answer.status_code, answer.json()["rule"]) == (400, "request-shape")
        begun = raw.post("/v1/tasks", json={"policy": "free", "purpose": "a test"}).json()
        assert raw.get(f"/v1/tasks/{begun['task_id']}").json()["on_behalf_of"] == ME


def test_a_tasks_own_token_is_no_caller(town: Town) -> None:
    """The broker trusts no token that sandboxes hold; the configuration cannot say so either."""
    with town.client("ada") as ada:
        started = ada.start_task("free", "a test")
        issued = ada.activate(started.task_id, started.bootstrap).credentials("free")
        assert isinstance(issued, Credential)
    with BrokerClient(f"unix:{town.socket}", issued.fields["token"]) as task, pytest.raises(Unauthenticated):
        task.whoami()


def test_the_launch_socket_is_its_users_alone(town: Town) -> None:
    """Mode 0600 in a folder of mode 0700."""
    assert stat.S_IMODE(os.stat(town.socket).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(town.socket.parent).st_mode) == 0o700
