"""What a session asks for at its activation."""

from __future__ import annotations

import time

import pytest
from joserfc.jwk import ECKey

from broker import reported
from broker.authenticate.dpop import UNIX_BASE_URL, make_proof
from broker.errors import BadRequest, Conflict, TooMany
from broker.reported import CAPPED, EVENT
from broker.store.tables import tasks
from tests.broker.api.running import Running
from tests.broker.scenario import recorded


def test_a_heartbeat_is_asked_for_at_activation(running: Running) -> None:
    """The task shows it and when it was heard of; each call of the session is written down as a sign of life."""
    with running.client() as client:
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap, heartbeat=30)
        shown = session.task()
        assert shown["heartbeat"] == 30
        with running.broker.database.write() as tx:
            tx.execute(tasks.update().where(tasks.c.id == started.task_id).values(heard_at=1))
        assert client.task(started.task_id)["heard_at"] == 1, "the launcher's calls say nothing of the session"
        session.task()
        assert client.task(started.task_id)["heard_at"] >= shown["heard_at"]  # type: ignore[operator]
        session.end()


@pytest.mark.parametrize("heartbeat", [-5, 1, 4, 301, 30.0, "30", True, None])
def test_a_heartbeat_is_none_or_5_to_300_seconds(heartbeat: object, running: Running) -> None:
    """Anything else activates nothing, and the bootstrap still works."""
    with running.client() as client, running.raw() as raw:
        started = client.start_task("work", "a test")
        path, key = f"/v1/tasks/{started.task_id}/activate", ECKey.generate_key("P-256")
        proof = make_proof(key, "ES256", "POST", UNIX_BASE_URL + path, None, time.time(), running.nonce())
        body = {"bootstrap": started.bootstrap.reveal(), "jwk": key.as_dict(private=False), "heartbeat": heartbeat}
        assert raw.post(path, json=body, headers={"DPoP": proof}).status_code == 400
        assert client.activate(started.task_id, started.bootstrap)


def said(seq: int, event: str = "guard:command:allowed") -> dict[str, object]:
    return {"v": 1, "seq": seq, "time": "2026-11-25T01:00:00.000Z", "event": event, "tool": "Bash"}


def test_a_session_hands_over_what_its_guard_recorded(running: Running) -> None:
    """As claimed; twenty at once at most, and nobody else may, the launcher included."""
    with running.client() as client, running.raw() as raw:
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        assert session.report([said(1), said(2)]) == 2
        kept = [one for one in recorded(running.broker, EVENT) if one["task"] == started.task_id]
        assert [one["claimed"] for one in kept] == [said(1), said(2)]
        for wrong in ([said(1, "broker:lease:issued")], [said(number) for number in range(1, 22)], []):
            with pytest.raises(BadRequest):
                session.report(wrong)
        path = f"/v1/tasks/{started.task_id}/events/inside"
        assert raw.post(path, json={"records": [said(1)]}).status_code == 401
        session.end()
        with pytest.raises(Conflict):
            session.report([said(3)])


def test_a_claim_cannot_be_passed_off_as_the_supervisors_word(running: Running) -> None:
    """The call for the supervisor's own events takes none that stands for the sandbox's."""
    with running.client() as client:
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        for event in (EVENT, CAPPED):
            with pytest.raises(BadRequest):
                session.event(event, {})
        session.end()


def test_a_full_report_is_refused_without_asking_again(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever floods the task socket then floods no broker: its session remembers the refusal."""
    monkeypatch.setattr(reported, "MAX_RECORDS", 1)
    with running.client() as client:
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        for _ in range(3):
            with pytest.raises(TooMany):
                session.report([said(1), said(2)])
        monkeypatch.setattr(reported, "MAX_RECORDS", 100)
        with pytest.raises(TooMany):
            session.report([said(3)])
        kept = [one for one in recorded(running.broker, EVENT) if one["task"] == started.task_id]
        assert len(kept) == 1
        session.end()
