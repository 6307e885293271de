"""The protobuf types of OTLP logs, in one place: importing them needs the extra `otel` and takes 0.1 s."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

__all__ = [
    "AnyValue",
    "DecodeError",
    "ExportLogsServiceRequest",
    "ExportLogsServiceResponse",
    "InstrumentationScope",
    "KeyValue",
    "LogRecord",
    "Resource",
    "ResourceLogs",
    "ScopeLogs",
]
