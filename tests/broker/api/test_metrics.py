"""Who may read the numbers, and that they come in Prometheus' form."""

from __future__ import annotations

import os

from prometheus_client.parser import text_string_to_metric_families

from tests.broker.api.running import Running


def test_operators_and_named_readers_alone(running: Running) -> None:
    """A launcher is refused by a rule of its own; whom the configuration names reads, and is no operator by that."""
    with running.raw() as raw:
        no = raw.get("/metrics")
        assert (no.status_code, no.json()["rule"]) == (403, "metrics")
        assert raw.get("/metrics", headers={"Authorization": "Bearer made-up"}).status_code == 401
        operator = f"Bearer {running.token('olga', 'operators').reveal()}"
        assert raw.get("/metrics", headers={"Authorization": operator}).status_code == 200
    object.__setattr__(running.broker, "metrics", (f"unix:{os.geteuid()}",))
    try:
        with running.raw() as raw:
            yes = raw.get("/metrics")
            assert raw.get("/v1/log/entries").status_code == 403
    finally:
        object.__setattr__(running.broker, "metrics", ())
    assert yes.headers["content-type"].startswith("text/plain; version=")
    families = {family.name for family in text_string_to_metric_families(yes.text)}
    assert {"broker_requests", "broker_pipeline_duration_seconds", "broker_leases", "broker_store_up"} <= families
