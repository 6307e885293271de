"""One number, one line and one id a request; nothing that a caller wrote in any of them."""

from __future__ import annotations

import logging
import secrets

import pytest
from prometheus_client import generate_latest

from broker.telemetry.requests import UNMATCHED
from tests.broker.api.running import Held, Running


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """The fields of each request's line."""
    names = ("route", "method", "status", "rule", "request")
    return [
        {name: getattr(one, name) for name in names} | {"words": one.getMessage()}
        for one in caplog.records
        if one.name == "broker.request"
    ]


def test_a_line_a_request(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """The template of the path, the status, the rule of a refusal, and the id that the answer carries."""
    with caplog.at_level(logging.INFO, logger="broker.request"), running.raw() as raw:
        refused = raw.post("/v1/tasks", json={"policy": "nothing", "purpose": "p"})
        shown = raw.get("/v1/tasks/task-0123456789abcdef01234567")
        large = raw.post("/v1/tasks", content=b"x" * 70_000)
        wrong = raw.post("/v1/explain", json={})
    seen = lines(caplog)
    assert [(one["route"], one["status"], one["rule"]) for one in seen] == [
        ("/v1/tasks", 403, "unknown-policy"),
        ("/v1/tasks/{task_id}", 404, "unknown-task"),
        (UNMATCHED, 413, "body-cap"),
        ("/v1/explain", 400, "request-shape"),
    ]
    ids = [answer.headers["x-request-id"] for answer in (refused, shown, large, wrong)]
    assert [one["request"] for one in seen] == ids
    assert len(set(ids)) == 4


def test_nothing_that_a_caller_sends_is_told(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a line and not in a number: paths, queries, headers, bodies, tokens, an id of their own."""
    mark = f"made-up-{secrets.token_hex(8)}"
    with caplog.at_level(logging.DEBUG, logger="broker"), running.client() as client, running.raw() as raw:
        started = client.start_task("work", mark)
        held = Held(raw, started)
        path = f"/v1/tasks/{started.task_id}/credentials"
        body = {"grant": "db", "idempotency_key": mark}
        issued = raw.post(path, json=body, headers=held.headers("POST", path)).json()
        raw.get(f"/{mark}?{mark}={mark}", headers={"X-Request-Id": mark, "traceparent": mark, "User-Agent": mark})
        raw.post("/v1/exposures", json={"value": issued["credential"]["token"], "where": mark})
        raw.request(mark.upper(), "/v1/tasks")
    told = " ".join(f"{one.__dict__}" for one in caplog.records if one.name.startswith("broker"))
    told += generate_latest(running.broker.observer.metrics.registry).decode()
    secret = (mark, mark.upper(), issued["credential"]["token"], held.token.reveal(), started.bootstrap.reveal())
    assert "unmatched" in told
    assert [value for value in (*secret, started.task_id, issued["lease_id"]) if value in told] == [mark.upper()]


def test_a_broken_request_is_counted(running: Running) -> None:
    """What the broker fails at in an unforeseen way is a 500 in the numbers, with its rule."""
    count = {"rule": "internal"}
    value = running.broker.observer.metrics.registry.get_sample_value
    before = value("broker_refusals_total", count) or 0
    before_policies = running.broker.policies
    object.__setattr__(running.broker, "policies", None)
    try:
        with running.raw() as raw:
            assert raw.post("/v1/explain", json={"policy": "work"}).status_code == 500
    finally:
        object.__setattr__(running.broker, "policies", before_policies)
    assert value("broker_refusals_total", count) == before + 1
