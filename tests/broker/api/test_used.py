"""What was used, over the API: who may see it."""

from __future__ import annotations

import httpx
import pytest

from broker.errors import NotFound, Refused
from tests.broker.api.running import Running


def test_a_task_is_for_whoever_may_see_it_and_a_policy_for_operators(running: Running) -> None:
    """A stranger does not learn that a task exists; a launcher's own task is theirs; policies are an operator's."""
    with running.client() as mine, running.client(running.token("mallory")) as stranger:
        started = mine.start_task("work", "a test")
        session = mine.activate(started.task_id, started.bootstrap)
        session.credentials("db")
        told = mine.used(started.task_id)
        assert (told["tasks"], told["grants"][0]["issues"], told["unused"]) == (1, 1, [])  # type: ignore[index]
        with pytest.raises(NotFound):
            stranger.used(started.task_id)
        for refused in (mine, stranger):
            with pytest.raises(Refused):
                refused.usage("work", 3600)
            with pytest.raises(Refused):
                refused.narrower("work", 3600)
        session.end()
    with running.client(running.token("olga", "operators")) as operator:
        assert operator.usage("work", 3600)["grants"]
        with pytest.raises(NotFound):
            operator.usage("nothing", 3600)


@pytest.mark.parametrize("seconds", ["0", "-1", "x", str(367 * 86400), "1.5"])
def test_a_time_that_is_none(running: Running, seconds: str) -> None:
    """A problem document, and no query over years."""
    token = running.token("olga", "operators").reveal()
    with running.raw() as raw:
        path = f"/v1/usage/work?seconds={seconds}"
        answer: httpx.Response = raw.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["rule"]) == (400, "request-shape")
