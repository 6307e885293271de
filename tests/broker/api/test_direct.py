"""`broker/api/direct.py`, by the one call that has such a route: what it refuses, and that it is described."""

from __future__ import annotations

import threading

import httpx
import pytest

from broker.client import BrokerClient
from broker.store.rows import find_task
from broker.store.tables import tasks
from tests.broker.api.running import Held, Running

GOOD = {"grant": "db", "idempotency_key": "key-00001"}


def ask(raw: httpx.Client, held: Held, headers: dict[str, str] | None = None, **body: object) -> httpx.Response:
    """One call for a credential, with a proof of its own unless headers are given."""
    path = f"/v1/tasks/{held.task_id}/credentials"
    return raw.post(path, json={**GOOD, **body}, headers=headers or held.headers("POST", path))


def leases_of(client: BrokerClient, held: Held) -> list[object]:
    """The task's leases."""
    found = client.task(held.task_id)["leases"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("content", "kind", "where"),
    [
        (b"{", "application/json", "body"),
        (b"", "application/json", "body"),
        (b"[" * 30_000, "application/json", "body"),
        (b"[1]", "application/json", "body"),
        (b'{"grant": "db"}', "application/json", "idempotency_key"),
        (b'{"grant": "db", "idempotency_key": "key-00001", "ttl": 5}', "application/json", "ttl"),
        (b'{"grant": 5, "idempotency_key": "key-00001"}', "application/json; charset=utf-8", "grant"),
        (b'{"grant": "db", "idempotency_key": "key-00001"}', "text/plain", "body"),
        (b'{"grant": "db", "idempotency_key": "key-00001"}', "", "body"),
    ],
)
def test_a_wrong_body_is_refused_by_field(running: Running, content: bytes, kind: str, where: str) -> None:
    """As any other call does: a problem document with the field, without the value, and nothing is issued."""
    with running.client() as client, running.raw() as raw:
        held = Held(raw, client.start_task("work", "a test"))
        path = f"/v1/tasks/{held.task_id}/credentials"
        headers = {**held.headers("POST", path), **({"Content-Type": kind} if kind else {})}
        refused = raw.post(path, content=content, headers=headers)
        assert (refused.status_code, refused.json()["rule"]) == (400, "request-shape")
        assert refused.json()["detail"].startswith(f"{where}: ")
        assert leases_of(client, held) == []


def test_the_call_is_described(running: Running) -> None:
    """/openapi.json has its body, its answer and the one of an approval that waits."""
    with running.raw() as raw:
        call = raw.get("/openapi.json").json()["paths"]["/v1/tasks/{task_id}/credentials"]["post"]
    assert call["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/AskCredential")
    answers = {
        code: call["responses"][code]["content"]["application/json"]["schema"]["$ref"] for code in ("201", "202")
    }
    assert answers["201"].endswith("/Credential")
    assert answers["202"].endswith("/WaitingAnswer")


@pytest.mark.parametrize("grant", ["db", "none"])
def test_a_proof_works_once_whatever_came_of_it(running: Running, grant: str) -> None:
    """After a credential and after a refusal alike: the same proof is refused, for another body too."""
    with running.client() as client, running.raw() as raw:
        held = Held(raw, client.start_task("work", "a test"))
        headers = held.headers("POST", f"/v1/tasks/{held.task_id}/credentials")
        first = ask(raw, held, headers, grant=grant)
        assert first.status_code == (201 if grant == "db" else 403)
        for body in ({"grant": grant}, {"idempotency_key": "key-00002"}):
            again = ask(raw, held, headers, **body)
            assert (again.status_code, again.json()["rule"]) == (401, "signed-token")
        assert len(leases_of(client, held)) == (1 if grant == "db" else 0)


def test_a_repeated_proof_is_no_sign_of_life(running: Running) -> None:
    """A session with a heartbeat is heard by its own calls alone: a proof that was used before changes nothing."""
    with running.client() as client, running.raw() as raw:
        held = Held(raw, client.start_task("work", "a test"))
        path = f"/v1/tasks/{held.task_id}/credentials"
        headers = held.headers("POST", path)
        assert ask(raw, held, headers).status_code == 201
        heard_of = tasks.update().where(tasks.c.id == held.task_id)
        with running.broker.database.write() as tx:
            tx.execute(heard_of.values(heartbeat=60, heard_at=1, silent_at=2))
        assert ask(raw, held, headers, idempotency_key="key-00002").status_code == 401
        assert heard_at(running, held) == 1
        assert ask(raw, held, idempotency_key="key-00002").status_code == 201
        assert heard_at(running, held) > 1


def heard_at(running: Running, held: Held) -> int:
    """When the task was last heard of."""
    with running.broker.database.read() as tx:
        return find_task(tx, held.task_id).heard_at


def test_a_proof_used_many_times_at_once_gives_one_credential(running: Running) -> None:
    """The use is in the transaction of the intent: of eight requests with other keys and one proof one gets through."""
    with running.client() as client, running.raw() as raw:
        held = Held(raw, client.start_task("work", "a test"))
        headers, codes = held.headers("POST", f"/v1/tasks/{held.task_id}/credentials"), []

        def one(number: int) -> None:
            codes.append(ask(raw, held, headers, idempotency_key=f"key-{number:05}").status_code)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [201] + [401] * 7
        assert len(leases_of(client, held)) == 1
