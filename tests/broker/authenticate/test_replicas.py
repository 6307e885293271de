"""Two replicas over one store and one key file: what one has seen the other knows, on each kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.client import BrokerClient, Session, StartedTask
from tests.broker.authenticate.test_over_http import send, shown
from tests.broker.serving import serving
from tests.broker.stores import KINDS, fresh_url
from tests.broker.whole_broker import whole_broker


@pytest.fixture(scope="module", params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The sockets of two brokers that know of each other through the store alone."""
    home = tmp_path_factory.mktemp("p")
    store = fresh_url(request.param, home, request)
    one, other = str(home / "one.sock"), str(home / "other.sock")
    with (
        whole_broker(home, store=store) as left,
        whole_broker(home, store=store) as right,
        serving(left.app, one),
        serving(right.app, other),
    ):
        yield one, other


@pytest.fixture
def task(pair: tuple[str, str]) -> Iterator[tuple[StartedTask, Session]]:
    with BrokerClient(f"unix:{pair[0]}") as client:
        started = client.start_task("hello", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        yield started, session
        session.end()


def test_a_session_and_its_nonce_are_good_at_the_other(
    pair: tuple[str, str], task: tuple[StartedTask, Session]
) -> None:
    """Begun here, gone on with there."""
    started, session = task
    target = f"/v1/tasks/{started.task_id}"
    assert send(pair[1], "GET", target, shown(session, "GET", target))[0] == 200


def test_a_proof_that_one_has_seen_is_used_up_at_the_other(
    pair: tuple[str, str], task: tuple[StartedTask, Session]
) -> None:
    """Also when both get it at the same moment: one answers."""
    started, session = task
    target = f"/v1/tasks/{started.task_id}"
    headers = shown(session, "GET", target)
    assert send(pair[0], "GET", target, headers)[0] == 200
    status, answer = send(pair[1], "GET", target, headers)
    assert (status, answer["rule"]) == (401, "signed-token")
    for _ in range(5):
        headers = shown(session, "GET", target)
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(send, path, "GET", target, headers) for path in (*pair, *pair)]
            assert sorted(one.result()[0] for one in asked) == [200, 401, 401, 401]


def test_a_bootstrap_that_was_used_at_one_is_theft_at_the_other(pair: tuple[str, str]) -> None:
    """With another key, wherever it comes; and the session that there was is dead at both."""
    with BrokerClient(f"unix:{pair[0]}") as one, BrokerClient(f"unix:{pair[1]}") as other:
        started = one.start_task("hello", "a test")
        session = one.activate(started.task_id, started.bootstrap)
        with pytest.raises(Exception, match="killed"):
            other.activate(started.task_id, started.bootstrap)
        assert session.task()["state"] == "killed"
