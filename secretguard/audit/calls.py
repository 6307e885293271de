"""The places that a record says were called: in words for a story, and as an answer to "who called it?". Pure."""

from __future__ import annotations

from secretguard.audit.record import Record

FIELD, LEFT_OUT = "hosts", "hosts_left_out"
"""As `secretguard/guard/calls.py` writes them."""
YES, NO, UNKNOWN = "yes", "no", "cannot tell"


def told(record: Record) -> tuple[str, ...]:
    """Each call of the record in words: `docs.example (observed)`, `api.example:8443 (inferred from curl)`."""
    words = []
    for row in _rows(record):
        host, port, why = row.get("host"), row.get("port"), row.get("unknown")
        place = f"{host}:{port}" if host and type(port) is int else str(host or why or "somewhere")
        how = "observed" if row.get("how") == "observed" else f"inferred from {row.get('via', 'a command')}"
        words.append(f"{place} ({how})")
    left_out = record.get(LEFT_OUT)
    if type(left_out) is int and left_out > 0:
        words.append(f"{left_out} more that are not listed")
    return tuple(words)


def reaches(record: Record, wanted: str) -> str:
    """Whether the record's calls include `wanted` or a name below it: YES, NO, or UNKNOWN where one says no host."""
    name = wanted.lower().strip().removeprefix("*").lstrip(".").removesuffix(".")
    rows = _rows(record)
    hosts = [str(row.get("host")) for row in rows if row.get("host")]
    if any(host == name or host.endswith(f".{name}") or host == f"[{name}]" for host in hosts):
        return YES
    return UNKNOWN if len(hosts) < len(rows) or record.get(LEFT_OUT) else NO


def _rows(record: Record) -> list[dict[str, object]]:
    rows = record.get(FIELD)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
