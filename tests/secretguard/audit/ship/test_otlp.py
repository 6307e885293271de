"""OTLP: what is posted, decoded as a receiver does; and every answer after which a batch was not taken."""

from __future__ import annotations

import builtins
import datetime
import gzip
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from email.utils import format_datetime
from pathlib import Path

import pytest

from secretguard.audit.ocsf import Source
from secretguard.audit.ship import otlp
from secretguard.audit.ship.batch import Batch, made
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.otlp import OtlpSink
from secretguard.audit.ship.otlp_types import ExportLogsServiceRequest, ExportLogsServiceResponse
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError
from tests.secretguard.audit.ship.receivers import batch_of, closes_midway, never_reads, receiver
from tests.servers.certificates import Authority
from tests.servers.loopback import Loopback, Play, Request, loopback, reply

PROTOBUF = [("Content-Type", "application/x-protobuf")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs what the servers and clients of this file show."""
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    """Three records."""
    return batch_of(tmp_path, 3)


def sent(batch: Batch, play: Play, environment: Mapping[str, str] | None = None, path: str = "") -> Loopback:
    """`batch` sent to a server that plays `play`."""
    with loopback(play) as server:
        OtlpSink(Endpoint(f"otlp+{server.address}{path}"), environment or {}).send(batch, Cursor())
        return server


def taken(request: Request) -> Iterable[bytes]:
    """The answer of a receiver that took everything."""
    return reply(200, b"", PROTOBUF)


def test_a_receiver_finds_every_record(batch: Batch) -> None:
    """Resource, severity, time, event name, and the OCSF event as the body; in order."""
    request = sent(batch, taken, {"OTEL_SERVICE_NAME": "guard of build 7"}).requests[0]
    assert (request.method, request.path) == ("POST", "/v1/logs")
    assert request.headers["content-type"] == "application/x-protobuf"
    found = ExportLogsServiceRequest.FromString(request.body)
    (whole,) = found.resource_logs
    resource = {one.key: one.value.string_value for one in whole.resource.attributes}
    assert resource == {"service.name": "guard of build 7", "host.name": batch.events[0].host}
    logs = whole.scope_logs[0].log_records
    assert [json.loads(log.body.string_value) for log in logs] == [event.fields for event in batch.events]
    assert [log.event_name for log in logs] == [event.name for event in batch.events]
    assert [(log.severity_number, log.severity_text) for log in logs[1:]] == [(13, "WARN")] * 2
    assert logs[1].time_unix_nano == batch.events[1].time * 1_000_000
    assert {one.key: one.value.string_value for one in logs[1].attributes}["ocsf.uid"] == batch.events[1].uid


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "never"])
def test_an_odd_record_does_not_stop_the_others(time: str) -> None:
    """A time that OTLP cannot hold is cut to its ends; names that are no text are made one."""
    record = {"seq": 7, "time": time, "event": "guard:\ud800:\x00", "reason": "\udfff"}
    odd = Batch((made(record, Source("\ud800"), None),), Cursor())
    body = sent(odd, taken).requests[0].body
    (log,) = ExportLogsServiceRequest.FromString(body).resource_logs[0].scope_logs[0].log_records
    assert log.event_name == "guard: : "


def test_the_usual_variables_are_honoured(batch: Batch) -> None:
    """Headers decoded, compression, the path for logs; the form for logs counts first, the command line before all."""
    with loopback(taken) as server:
        OtlpSink(
            Endpoint("otlp:"),
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"{server.address}/base/",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b,x-other=1",
                "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "x-tenant=c%2Cd",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            },
        ).send(batch, Cursor())
        own = {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"{server.address}/own", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}
        OtlpSink(Endpoint("otlp:"), own).send(batch, Cursor())
    first, second = server.requests
    assert (first.path, second.path) == ("/base/v1/logs", "/own")
    assert (first.headers["x-tenant"], "x-other" in first.headers) == ("c,d", False)
    assert ExportLogsServiceRequest.FromString(gzip.decompress(first.body)).resource_logs
    assert sent(batch, taken, own, path="/given").requests[0].path == "/given"


def test_over_tls_with_certificates_of_both(batch: Batch, authority: Authority) -> None:
    """The receiver's is checked against the authority, ours is asked for; all three files from the environment."""
    pair, own = authority.issue("127.0.0.1"), authority.issue("client")
    files = {"CERTIFICATE": authority.file, "CLIENT_CERTIFICATE": own.certificate, "CLIENT_KEY": own.key}
    environment = {f"OTEL_EXPORTER_OTLP_{name}": str(file) for name, file in files.items()}
    with loopback(taken, pair.server_context(clients=authority.file)) as server:
        OtlpSink(Endpoint(f"otlp+{server.address}"), environment).send(batch, Cursor())
        assert len(server.requests) == 1
        del environment["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"], environment["OTEL_EXPORTER_OTLP_CLIENT_KEY"]
        with pytest.raises(NotTaken):
            OtlpSink(Endpoint(f"otlp+{server.address}"), environment).send(batch, Cursor())


def rejecting(count: int, why: str) -> bytes:
    """The answer that names rejected records."""
    answer = ExportLogsServiceResponse()
    answer.partial_success.rejected_log_records = count
    answer.partial_success.error_message = why
    encoded: bytes = answer.SerializeToString()
    return encoded


@pytest.mark.parametrize(
    ("answer", "lasting", "says"),
    [
        (reply(429), False, "answered 429"),
        (reply(502), False, "answered 502"),
        (reply(503), False, "answered 503"),
        (reply(400), True, "answered 400"),
        (reply(401), True, "answered 401"),
        (reply(301, None, [("Location", "http://192.0.2.1/")]), True, "answered 301"),
        (reply(204), True, "answered 204"),
        (reply(200, rejecting(2, "too \x1b[31m old"), PROTOBUF), True, "rejected 2 records: too  \\[31m old"),
        (reply(200, {"partialSuccess": {"rejectedLogRecords": "3"}}, [("Content-Type", "application/json")]), True,
         "rejected 3 records"),
        (reply(200, b"\xff\xff\xff", PROTOBUF), False, "none of OTLP"),
        (reply(200, b"[1", [("Content-Type", "application/json")]), False, "none of OTLP"),
        (reply(200, b"x" * 10_000_000, PROTOBUF), False, "longer than"),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], False, "no HTTP"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"], False, "no HTTP"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"], False, "no HTTP"),
        (None, False, "no HTTP"),
    ],
)  # fmt: skip
def test_whatever_is_no_full_success_was_not_taken(
    answer: list[bytes] | None, lasting: bool, says: str, batch: Batch
) -> None:
    """And whether trying again alone can help is told apart."""
    with pytest.raises(NotTaken, match=says) as caught:
        sent(batch, lambda request: answer)
    assert caught.value.lasting is lasting


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, rejecting(0, "a warning"), PROTOBUF),
        reply(200, {}, [("Content-Type", "application/json; charset=utf-8")]),
        reply(200),
    ],
)
def test_a_warning_is_a_success(answer: list[bytes], batch: Batch) -> None:
    """`partial_success` without a rejected record, and answers in JSON or without a body."""
    assert sent(batch, lambda request: answer).requests


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("7", 7, 7), ("99999", 300, 300), ("-1", 0, 0), ("soon", 0, 0), ("9" * 5000, 0, 0), ("\u0667", 0, 0)],
)
def test_retry_after_is_kept_within_bounds(text: str, least: float, most: float) -> None:
    """A number of seconds; nonsense is none."""
    assert least <= otlp._wait(text) <= most


def test_retry_after_may_be_a_date(batch: Batch) -> None:
    """Also in the answer of a receiver."""
    then = format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=60), usegmt=True)
    with pytest.raises(NotTaken) as caught:
        sent(batch, lambda request: reply(503, None, [("Retry-After", then)]))
    assert 30 < caught.value.wait <= 60


def drips(request: Request) -> Iterator[bytes]:
    """One byte at a time, for longer than anybody should wait."""
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    for _ in range(400):
        time.sleep(0.05)
        yield b"x"


def test_a_dripping_answer_ends_at_the_deadline(batch: Batch) -> None:
    """However steadily it drips: the deadline is over all of the exchange."""
    with pytest.raises(NotTaken, match="not done after"):
        sent(batch, drips, {"OTEL_EXPORTER_OTLP_TIMEOUT": "0.6"})


@pytest.mark.parametrize("behave", [never_reads, closes_midway])
def test_a_receiver_that_does_not_answer_took_nothing(behave: object, batch: Batch) -> None:
    """It never reads, or goes away in the middle."""
    with receiver(behave) as port, pytest.raises(NotTaken):  # type: ignore[arg-type]
        OtlpSink(Endpoint(f"otlp+http://127.0.0.1:{port}"), {"OTEL_EXPORTER_OTLP_TIMEOUT": "0.6"}).send(batch, Cursor())


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"OTEL_EXPORTER_OTLP_HEADERS": "no-equals"}, "pair 1"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "a=b,c%0d%0ad=e"}, "pair 2"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "a=hidden%0d%0aX: y"}, "pair 1"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "ten"}, "seconds"),
        ({"OTEL_EXPORTER_OTLP_TIMEOUT": "0"}, "seconds"),
    ],
)
def test_settings_that_cannot_be_used_are_named(environment: dict[str, str], says: str) -> None:
    """Never with the value of a header: it may be a token."""
    with pytest.raises(ConfigError, match=says) as caught:
        OtlpSink(Endpoint("otlp+http://127.0.0.1:1"), environment)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "ftp://x", "127.0.0.1:4318"])
def test_an_endpoint_of_the_environment_is_checked(url: str) -> None:
    """It must be there, and http or https."""
    with pytest.raises(ConfigError, match=r"https://HOST:PORT|OTEL_EXPORTER_OTLP_ENDPOINT"):
        OtlpSink(Endpoint("otlp:"), {"OTEL_EXPORTER_OTLP_ENDPOINT": url})


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names it."""
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name.startswith("secretguard.audit.ship") and "otlp_types" in str(rest):
            raise ModuleNotFoundError("no", name="opentelemetry")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"secretguard\[otel\]"):
        OtlpSink(Endpoint("otlp+http://127.0.0.1:1"), {})
