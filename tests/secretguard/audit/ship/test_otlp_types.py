"""The types of OTLP: the ones that the protocol has, under names that the sink uses."""

from __future__ import annotations

from secretguard.audit.ship import otlp_types


def test_a_request_survives_its_encoding() -> None:
    """What is encoded is decoded to the same, and what is no message is refused with the error named here."""
    log = otlp_types.LogRecord(event_name="guard:read:denied", body=otlp_types.AnyValue(string_value="{}"))
    whole = otlp_types.ResourceLogs(scope_logs=[otlp_types.ScopeLogs(log_records=[log])])
    request = otlp_types.ExportLogsServiceRequest(resource_logs=[whole])
    assert otlp_types.ExportLogsServiceRequest.FromString(request.SerializeToString()) == request
    try:
        otlp_types.ExportLogsServiceResponse.FromString(b"\xff\xff")
    except otlp_types.DecodeError:
        return
    raise AssertionError("nonsense was decoded")
