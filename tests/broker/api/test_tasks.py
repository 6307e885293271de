"""What a session asks for at its activation."""

from __future__ import annotations

import time

import pytest
from joserfc.jwk import ECKey

from broker.authenticate.dpop import UNIX_BASE_URL, make_proof
from broker.store.tables import tasks
from tests.broker.api.running import Running


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
        proof = make_proof(key, "ES256", "POST", UNIX_BASE_URL + path, None, time.time())
        body = {"bootstrap": started.bootstrap.reveal(), "jwk": key.as_dict(private=False), "heartbeat": heartbeat}
        assert raw.post(path, json=body, headers={"DPoP": proof}).status_code == 400
        assert client.activate(started.task_id, started.bootstrap)
