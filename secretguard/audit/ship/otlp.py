"""OTLP logs over HTTP, protobuf (OpenTelemetry Protocol 1). The message types come with the extra `otel`.

A batch is one request. It was taken when the answer is 200 and rejects no record (`partial_success`). Honoured, the
`LOGS_` form first: OTEL_EXPORTER_OTLP_(LOGS_)ENDPOINT, HEADERS, TIMEOUT (seconds, as in the Python SDK), COMPRESSION
(gzip), CERTIFICATE, CLIENT_CERTIFICATE, CLIENT_KEY; OTEL_SERVICE_NAME. Headers may hold a token, so they come from the
environment alone. Proxies and redirects are not followed.
"""

from __future__ import annotations

import dataclasses
import email.utils
import gzip
import http.client
import os
import re
import socket
import time
from collections.abc import Mapping
from types import ModuleType
from urllib.parse import unquote

from secretguard.audit.ship.batch import Batch, Event
from secretguard.audit.ship.connection import TOTAL_SECONDS, connected, tls_context
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.sink import NotTaken
from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, loads

PATH = "/v1/logs"
MAX_ANSWER = 64 * 1024
RETRIED = (429, 502, 503, 504)
"""OTLP/HTTP: the statuses after which the same request may be sent again."""
LONGEST_WAIT = 300.0
SEVERITIES = {1: (9, "INFO"), 2: (10, "INFO2"), 3: (13, "WARN"), 4: (17, "ERROR"), 5: (21, "FATAL"), 6: (24, "FATAL4")}
"""OCSF's severity → OpenTelemetry's severity number and text."""
_MAX_NANOSECONDS = 2**64 - 1
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")


class OtlpSink:
    """An OTLP receiver. Raises ConfigError when the extra is missing or a setting cannot be used."""

    def __init__(self, to: Endpoint, environment: Mapping[str, str] | None = None) -> None:
        self._types = _types()
        found = os.environ if environment is None else environment
        self._to = _endpoint(to, found)
        self._context = tls_context(self._to) if self._to.scheme == "otlp+https" else None
        self._headers = _headers(_setting(found, "HEADERS"))
        self._gzip = _setting(found, "COMPRESSION") == "gzip"
        self._seconds = _seconds(_setting(found, "TIMEOUT"))
        self._service = found.get("OTEL_SERVICE_NAME") or "secretguard"

    def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
        """One POST; returns when it was answered and every record accepted."""
        del cursor
        body = self._request(batch)
        headers = {**self._headers, "Content-Type": "application/x-protobuf", "User-Agent": "secretguard"}
        if self._gzip:
            body, headers["Content-Encoding"] = gzip.compress(body, 6), "gzip"
        with connected(self._to, self._context, self._seconds) as connection:
            try:
                status, kind, wait, answer = _exchange(connection, self._to, headers, body)
            except (http.client.HTTPException, ValueError):
                raise NotTaken(f"{self._to.host}:{self._to.port}: the answer is no HTTP") from None
        self._judge(status, kind, wait, answer)
        return 0, 0

    def _judge(self, status: int, kind: str, wait: float, answer: bytes) -> None:
        where = f"{self._to.host}:{self._to.port}"
        if status in RETRIED:
            raise NotTaken(f"{where} answered {status}", wait=wait)
        if status != 200:
            raise NotTaken(f"{where} answered {status}", "see what it wants in its own log", lasting=True)
        if len(answer) > MAX_ANSWER:
            raise NotTaken(f"{where}: the answer is longer than {MAX_ANSWER} bytes")
        rejected, told = self._partial(kind, answer, where)
        if rejected:
            raise NotTaken(f"{where} rejected {rejected} records: {told[:200]}", "mend the receiver", lasting=True)

    def _partial(self, kind: str, answer: bytes, where: str) -> tuple[int, str]:
        """How many records it rejected, and why."""
        try:
            if kind.partition(";")[0].strip().lower() == "application/json":
                document = loads(answer or b"{}")
                partial = document.get("partialSuccess") if isinstance(document, dict) else None
                said = partial if isinstance(partial, dict) else {}
                return int(said.get("rejectedLogRecords") or 0), _plain(str(said.get("errorMessage") or ""))
            found = self._types.ExportLogsServiceResponse.FromString(answer).partial_success
            return int(found.rejected_log_records), _plain(found.error_message)
        except (JsonError, ValueError, self._types.DecodeError):
            raise NotTaken(f"{where}: the answer is none of OTLP") from None

    def _request(self, batch: Batch) -> bytes:
        types = self._types
        resource = {"service.name": self._service, "host.name": batch.events[0].host}
        logs = [self._log(event) for event in batch.events]
        scope = types.ScopeLogs(scope=types.InstrumentationScope(name="secretguard.audit"), log_records=logs)
        whole = types.ResourceLogs(resource=types.Resource(attributes=self._attributes(resource)), scope_logs=[scope])
        encoded: bytes = types.ExportLogsServiceRequest(resource_logs=[whole]).SerializeToString()
        return encoded

    def _log(self, event: Event) -> object:
        number, text = SEVERITIES.get(event.severity, (0, ""))
        attributes = {"ocsf.class_uid": str(event.fields["class_uid"]), "ocsf.uid": event.uid}
        return self._types.LogRecord(
            time_unix_nano=max(0, min(event.time * 1_000_000, _MAX_NANOSECONDS)),
            observed_time_unix_nano=time.time_ns(),
            severity_number=number,
            severity_text=text,
            event_name=_plain(event.name),
            body=self._types.AnyValue(string_value=event.line.rstrip(b"\n").decode("ascii")),
            attributes=self._attributes(attributes),
        )

    def _attributes(self, values: Mapping[str, str]) -> list[object]:
        types = self._types
        return [
            types.KeyValue(key=key, value=types.AnyValue(string_value=_plain(value))) for key, value in values.items()
        ]


def _types() -> ModuleType:
    try:
        from secretguard.audit.ship import otlp_types
    except ImportError as error:
        raise ConfigError(f"OTLP needs the package {error.name}", "install `secretguard[otel]`") from None
    return otlp_types


def _exchange(
    connection: socket.socket, to: Endpoint, headers: Mapping[str, str], body: bytes
) -> tuple[int, str, float, bytes]:
    """(status, content type, seconds to wait, at most MAX_ANSWER + 1 bytes of the answer) of one POST."""
    request = http.client.HTTPConnection(to.host, to.port)
    request.sock = connection
    request.request("POST", to.url_path, body, {**headers, "Connection": "close"})
    with request.getresponse() as response:
        wait = _wait(response.getheader("Retry-After"))
        answer = response.read(MAX_ANSWER + 1)
        if response.length and len(answer) <= MAX_ANSWER:
            raise http.client.IncompleteRead(answer, response.length)
        return response.status, response.getheader("Content-Type") or "", wait, answer


def _endpoint(to: Endpoint, environment: Mapping[str, str]) -> Endpoint:
    """The destination with what the environment says of it; the command line counts first."""
    url = to.to
    if to.scheme == "otlp":
        own, shared = (environment.get(f"OTEL_EXPORTER_OTLP_{name}ENDPOINT", "") for name in ("LOGS_", ""))
        if not own and not shared:
            raise ConfigError("`otlp:` needs OTEL_EXPORTER_OTLP_ENDPOINT", "set it, or write otlp+https://HOST:PORT")
        url = "otlp+" + (own or shared.rstrip("/") + PATH)
    found = dataclasses.replace(
        to,
        to=url,
        ca=to.ca or _setting(environment, "CERTIFICATE"),
        certificate=to.certificate or _setting(environment, "CLIENT_CERTIFICATE"),
        key=to.key or _setting(environment, "CLIENT_KEY"),
    )
    if found.scheme not in ("otlp+https", "otlp+http"):
        raise ConfigError("OTEL_EXPORTER_OTLP_ENDPOINT is no address of OTLP over HTTP", "write https://HOST:PORT")
    return found if found.url_path else dataclasses.replace(found, to=found.to.rstrip("/") + PATH)


def _setting(environment: Mapping[str, str], name: str) -> str:
    for form in (f"OTEL_EXPORTER_OTLP_LOGS_{name}", f"OTEL_EXPORTER_OTLP_{name}"):
        if value := environment.get(form, "").strip():
            return value
    return ""


def _headers(text: str) -> dict[str, str]:
    """`name=value,name=value`, percent-encoded (W3C Baggage). Raises ConfigError; a value is never repeated."""
    found = {}
    for number, pair in enumerate(filter(None, text.split(",")), 1):
        name, equals, value = pair.partition("=")
        name, value = unquote(name.strip()), unquote(value.strip())
        if not equals or not _HEADER.match(name) or not value.isprintable() or not value.isascii():
            raise ConfigError(f"OTEL_EXPORTER_OTLP_HEADERS: pair {number} is no name=value", "percent-encode it")
        found[name] = value
    return found


def _seconds(text: str) -> float:
    try:
        seconds = float(text or 10)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= TOTAL_SECONDS * 10:
        raise ConfigError("OTEL_EXPORTER_OTLP_TIMEOUT is no number of seconds", "give 1 to 300")
    return seconds


def _wait(text: str | None) -> float:
    """Seconds of a Retry-After (RFC 9110): a number or a date; 0 where it is neither."""
    if not text:
        return 0.0
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(LONGEST_WAIT, float(text))
    try:
        until = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return min(LONGEST_WAIT, max(0.0, until - time.time()))


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
