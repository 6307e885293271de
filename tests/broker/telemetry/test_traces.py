"""Spans to a collector on loopback: which there are, what is in them, and that they need their extra."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from fastapi import FastAPI
from opentelemetry import _logs, trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from broker.revoke import revoke_lease
from broker.telemetry.observer import Observer
from broker.telemetry.traces import otlp
from broker.testing import Fault, MemorySource, memory_broker, task_policy
from tests.broker.api.running import Running
from tests.broker.scenario import DB, active_task, attempt, issue
from tests.broker.serving import serving


class Collector(HTTPServer):
    """Takes what an OTLP exporter sends."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.taken: list[bytes] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1/traces"

    def spans(self) -> list[tuple[str, dict[str, object]]]:
        """Name and attributes of each span."""
        found = []
        for body in self.taken:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        told = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
                        found.append((span.name, told))
        return found


class Taking(BaseHTTPRequestHandler):
    """One export; gzip is not asked for."""

    server: Collector

    def do_POST(self) -> None:
        """Keep the body."""
        self.server.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A running one."""
    with Collector() as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join(20)


def test_a_requests_spans_reach_the_collector_and_hold_no_secret(tmp_path: Path, collector: Collector) -> None:
    """The request by its template; below it the steps. No token, key, purpose or id of a task anywhere in the bytes."""
    running, traces = Running(tmp_path), otlp(collector.url)
    object.__setattr__(running.broker.observer, "spans", traces)
    with serving(running.app, running.socket), running.client() as client:
        started = client.start_task("work", "made-up-purpose")
        session = client.activate(started.task_id, started.bootstrap)
        issued = session.credentials("db")
        session.end()
    traces.close()
    running.broker.database.close()
    spans = collector.spans()
    steps = {"request", "authenticate", "authorise", "intend", "issue", "release", "revoke"}
    assert {name for name, _ in spans} == steps
    asked = [told for name, told in spans if name == "request" and "credentials" in str(told["http.route"])]
    assert [(told["http.route"], told["http.response.status_code"]) for told in asked] == [
        ("/v1/tasks/{task_id}/credentials", 201)
    ]
    for body in collector.taken:
        for secret in ("made-up-purpose", started.task_id, started.bootstrap.reveal()):
            assert secret.encode() not in body
        for value in issued.fields.values():  # type: ignore[union-attr]
            assert value.reveal().encode() not in body


def test_a_failure_is_told_by_its_class(tmp_path: Path, collector: Collector) -> None:
    """The words of an exception may quote what it is about."""
    source = MemorySource()
    traces = otlp(collector.url)
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": source})
    object.__setattr__(broker, "observer", Observer(spans=traces))
    source.faults = [Fault.REFUSE]
    task = active_task(broker)
    assert attempt(lambda: issue(broker, task)) is not None
    revoke_lease(broker, issue(broker, task, "key-0002").lease.id)
    traces.close()
    failed = [told for name, told in collector.spans() if name == "issue" and "error.type" in told]
    assert failed == [{"broker.source": "memory", "error.type": "SourceFailed"}]
    assert b"the source says no" not in b"".join(collector.taken)


def test_a_collector_that_is_gone_holds_nothing_up(tmp_path: Path) -> None:
    """Nothing listens there: credentials are issued all the same, and closing ends."""
    broker = memory_broker(str(tmp_path), {"work": task_policy(DB)}, {"memory": MemorySource()})
    traces = otlp("http://127.0.0.1:9/v1/traces")
    object.__setattr__(broker, "observer", Observer(spans=traces))
    assert issue(broker, active_task(broker)).lease.id
    traces.close()


def test_nothing_of_it_is_imported_without_being_configured() -> None:
    """The extra may be missing: everything is imported without it, and `[server] traces` says why it cannot be had.

    FastAPI brings OpenTelemetry's interface along, which sends nothing; what sends is the extra."""
    text = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto")):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import types, broker.assemble, broker.server, broker.commands.serve
from secretguard.errors import ConfigError
try:
    broker.assemble.observer(types.SimpleNamespace(server=types.SimpleNamespace(traces="http://127.0.0.1:9")))
except ConfigError as error:
    print(error.message)
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
    assert done.stdout == "[server] traces needs OpenTelemetry\n", done.stderr


def test_the_environment_sends_no_telemetry_anywhere(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastAPI's own telemetry would send bodies that do not validate and tracebacks to wherever a variable says."""
    for name, value in (
        ("FASTAPI_OTEL_AUTO_CONFIGURE", "true"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.removesuffix("/v1/traces")),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ):
        monkeypatch.setenv(name, value)
    running = Running(tmp_path)
    asyncio.run(started(running.app))  # FastAPI looks at the environment when the application starts
    with serving(running.app, running.socket), running.raw() as raw:
        assert raw.post("/v1/explain", json={"made-up": "made-up-secret"}).status_code == 400
    running.broker.database.close()
    for provider in (_logs.get_logger_provider(), trace.get_tracer_provider()):
        flush = getattr(provider, "force_flush", None)
        assert flush is None or flush(5000)
    assert collector.taken == []


async def started(app: FastAPI) -> None:
    """What a server that runs an application's lifespan sends it."""
    said = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> dict[str, str]:
        return said.pop(0)

    async def send(_: object) -> None:
        return

    await app({"type": "lifespan"}, receive, send)
