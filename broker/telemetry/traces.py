"""Spans of requests and of the pipeline's steps, sent to an OpenTelemetry collector over OTLP/HTTP.

Imported only where `[server] traces` is set: it needs the extra `otel`. Attributes are those of `requests.py` and
`observer.py` and no others; of an exception the class is told, since its words may quote what it is about. The broker
begins every trace itself: a `traceparent` header would let a sandbox choose what is sampled and where it shows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

SEND_SECONDS = 5
NAMES = {"method": "http.request.method", "route": "http.route", "status": "http.response.status_code"}
"""Names of the semantic conventions for HTTP; everything else of ours is `broker.NAME`."""


class Traces:
    """Implements `Spans`. Spans that the collector does not take in time are dropped: no request waits for it."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "secretguard-broker"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("broker")

    @contextlib.contextmanager
    def span(self, name: str, attributes: dict[str, str], server: bool = False) -> Iterator[dict[str, str | int]]:
        """See `observer.Spans`."""
        kind = SpanKind.SERVER if server else SpanKind.INTERNAL
        told: dict[str, str | int] = {}
        begin = self._tracer.start_as_current_span
        with begin(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield told
            except BaseException as fault:
                span.set_attribute("error.type", type(fault).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                for key, value in told.items():
                    span.set_attribute(NAMES.get(key, f"broker.{key}"), value)

    def close(self) -> None:
        """Send what there is."""
        self._provider.shutdown()


def otlp(url: str) -> Traces:
    """Spans to the collector at `url`, e.g. `https://otlp.example.org/v1/traces`. Headers for it come from the standard
    variable OTEL_EXPORTER_OTLP_HEADERS."""
    return Traces(OTLPSpanExporter(endpoint=url, timeout=SEND_SECONDS))
