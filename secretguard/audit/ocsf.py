"""Records as OCSF events (Open Cybersecurity Schema Framework 1.9.0, https://schema.ocsf.io): the one mapping table.

Classes: 1001 File System Activity, 1007 Process Activity, 2004 Detection Finding, 3003 Authorize Session,
3004 Entity Management, 6003 API Activity. Profiles: `security_control` and `host` on all; `ai_operation` where the
class has it and an agent or a task is named; `record_integrity` where the record's own bytes are given (`Sealed`).
Everything that a record says stands under `unmapped`, whatever else was made of it. The mapping is a function of the
record alone: the same record gives the same bytes. Tests hold every event of it against the schema.
"""

from __future__ import annotations

import dataclasses
import datetime

from secretguard.audit.record import Record, text_of
from secretguard.keyed import sha256_hex
from secretguard.rawjson import dumps

VERSION = "1.9.0"
FILE, PROCESS, FINDING, SESSION, ENTITY, API, BASE = 1001, 1007, 2004, 3003, 3004, 6003, 0
CREATE, READ, UPDATE, DELETE, RENAME, OTHER = 1, 2, 3, 4, 5, 99
LAUNCH, TERMINATE = 1, 2
INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = 1, 2, 3, 4, 5

ALLOWED, DENIED, DELAYED, CHANGED, FAILED, UNKNOWN = (1, 1, 1), (2, 2, 2), (0, 14, 0), (4, 7, 1), (0, 27, 2), (0, 0, 0)
APPROVED, REJECTED, REVOKED, SEEN = (1, 8, 1), (2, 25, 2), (2, 24, 1), (3, 15, 0)
"""(action_id, disposition_id, status_id): Allowed, Blocked, Delayed, Modified by a Custom Action (redacted), Error,
Unknown; Approved and Rejected by a person, Access Revoked, Observed and Detected."""

Row = tuple[int, int, tuple[int, int, int], int]
EVENTS: dict[str, Row] = {
    "journal:file:started": (ENTITY, CREATE, ALLOWED, INFORMATIONAL),
    "journal:tail:torn": (FINDING, CREATE, SEEN, MEDIUM),
    "journal:head:mismatch": (FINDING, CREATE, SEEN, HIGH),
    "journal:record:missing": (FINDING, CREATE, SEEN, HIGH),
    "journal:segment:started": (ENTITY, CREATE, ALLOWED, INFORMATIONAL),
    "journal:segment:pruned": (ENTITY, DELETE, ALLOWED, MEDIUM),
    "journal:record:erased": (ENTITY, DELETE, ALLOWED, MEDIUM),
    "journal:key:rotated": (ENTITY, UPDATE, ALLOWED, LOW),
    "journal:head:received": (API, CREATE, ALLOWED, INFORMATIONAL),
    "journal:head:conflict": (FINDING, CREATE, SEEN, HIGH),
    "guard:read:allowed": (FILE, READ, ALLOWED, INFORMATIONAL),
    "guard:read:redacted": (FILE, READ, CHANGED, LOW),
    "guard:read:asked": (FILE, READ, DELAYED, LOW),
    "guard:read:denied": (FILE, READ, DENIED, MEDIUM),
    "guard:read:withheld": (FILE, READ, DENIED, MEDIUM),
    "guard:read:exposed": (FINDING, CREATE, SEEN, CRITICAL),
    "guard:write:allowed": (FILE, UPDATE, ALLOWED, INFORMATIONAL),
    "guard:write:asked": (FILE, UPDATE, DELAYED, LOW),
    "guard:write:denied": (FILE, UPDATE, DENIED, MEDIUM),
    "guard:write:restored": (FILE, UPDATE, ALLOWED, LOW),
    "guard:write:unrestored": (FINDING, CREATE, FAILED, HIGH),
    "guard:command:allowed": (PROCESS, LAUNCH, ALLOWED, INFORMATIONAL),
    "guard:command:asked": (PROCESS, LAUNCH, DELAYED, LOW),
    "guard:command:denied": (PROCESS, LAUNCH, DENIED, MEDIUM),
    "guard:prompt:allowed": (API, CREATE, ALLOWED, INFORMATIONAL),
    "guard:prompt:denied": (API, CREATE, DENIED, MEDIUM),
    "guard:request:allowed": (API, CREATE, ALLOWED, INFORMATIONAL),
    "guard:request:redacted": (API, CREATE, CHANGED, MEDIUM),
    "guard:request:denied": (API, CREATE, DENIED, MEDIUM),
    "guard:turn:ended": (API, UPDATE, ALLOWED, INFORMATIONAL),
    "guard:file:changed": (FILE, UPDATE, ALLOWED, INFORMATIONAL),
    "guard:files:compared": (FILE, READ, ALLOWED, INFORMATIONAL),
    "guard:files:unlisted": (FINDING, CREATE, UNKNOWN, LOW),
    "guard:head:moved": (ENTITY, UPDATE, ALLOWED, INFORMATIONAL),
    "guard:settings:denied": (ENTITY, UPDATE, DENIED, HIGH),
    "guard:event:unreadable": (FINDING, CREATE, FAILED, MEDIUM),
    "guard:client:installed": (ENTITY, CREATE, ALLOWED, INFORMATIONAL),
    "guard:client:removed": (ENTITY, DELETE, ALLOWED, MEDIUM),
    "guard:known:indexed": (ENTITY, UPDATE, ALLOWED, INFORMATIONAL),
    "guard:known:damaged": (FINDING, CREATE, SEEN, MEDIUM),
    "guard:known:changed": (ENTITY, UPDATE, ALLOWED, LOW),
    "guard:value:accepted": (ENTITY, CREATE, ALLOWED, MEDIUM),
    "guard:value:withdrawn": (ENTITY, DELETE, ALLOWED, INFORMATIONAL),
    "guard:pause:started": (ENTITY, UPDATE, ALLOWED, HIGH),
    "guard:pause:ended": (ENTITY, UPDATE, ALLOWED, INFORMATIONAL),
    "policy:set:compiled": (ENTITY, UPDATE, ALLOWED, INFORMATIONAL),
    "policy:set:changed": (ENTITY, UPDATE, ALLOWED, MEDIUM),
    "policy:set:broken": (FINDING, CREATE, FAILED, HIGH),
    "gate:push:accepted": (API, UPDATE, ALLOWED, INFORMATIONAL),
    "gate:push:refused": (API, UPDATE, DENIED, MEDIUM),
    "gate:review:recorded": (SESSION, CREATE, APPROVED, INFORMATIONAL),
    "broker:server:started": (ENTITY, OTHER, ALLOWED, INFORMATIONAL),
    "broker:task:created": (API, CREATE, ALLOWED, INFORMATIONAL),
    "broker:task:refused": (API, CREATE, DENIED, MEDIUM),
    "broker:task:activated": (API, UPDATE, ALLOWED, INFORMATIONAL),
    "broker:task:ended": (API, DELETE, ALLOWED, INFORMATIONAL),
    "broker:task:killed": (API, DELETE, REVOKED, MEDIUM),
    "broker:bootstrap:refused": (API, UPDATE, DENIED, HIGH),
    "broker:bootstrap:stolen": (FINDING, CREATE, REVOKED, CRITICAL),
    "broker:lease:intended": (API, CREATE, UNKNOWN, INFORMATIONAL),
    "broker:lease:minted": (API, CREATE, ALLOWED, INFORMATIONAL),
    "broker:lease:issued": (API, READ, ALLOWED, INFORMATIONAL),
    "broker:lease:refused": (API, CREATE, DENIED, MEDIUM),
    "broker:lease:failed": (API, CREATE, FAILED, LOW),
    "broker:lease:uncertain": (API, CREATE, UNKNOWN, HIGH),
    "broker:lease:revoked": (API, DELETE, REVOKED, INFORMATIONAL),
    "broker:lease:queued": (API, DELETE, FAILED, MEDIUM),
    "broker:exposure:reported": (FINDING, CREATE, SEEN, HIGH),
    "broker:exposure:unknown": (FINDING, CREATE, UNKNOWN, LOW),
    "broker:stray:revoked": (FINDING, CREATE, REVOKED, HIGH),
    "broker:store:restored": (FINDING, CREATE, SEEN, HIGH),
    "broker:parent:intended": (API, CREATE, UNKNOWN, INFORMATIONAL),
    "broker:parent:opened": (API, CREATE, ALLOWED, INFORMATIONAL),
    "broker:parent:failed": (API, CREATE, FAILED, LOW),
    "broker:parent:closed": (API, DELETE, REVOKED, INFORMATIONAL),
    "broker:activity:opened": (API, READ, ALLOWED, INFORMATIONAL),
    "broker:kill:ordered": (API, DELETE, REVOKED, HIGH),
    "broker:kill:merged": (API, DELETE, REVOKED, HIGH),
    "broker:approval:requested": (SESSION, CREATE, DELAYED, INFORMATIONAL),
    "broker:approval:granted": (SESSION, CREATE, APPROVED, INFORMATIONAL),
    "broker:approval:denied": (SESSION, CREATE, REJECTED, LOW),
    "broker:approval:consumed": (SESSION, CREATE, ALLOWED, INFORMATIONAL),
    "broker:approval:expired": (SESSION, CREATE, DENIED, LOW),
    "broker:policy:proposed": (ENTITY, UPDATE, DELAYED, INFORMATIONAL),
    "broker:policy:approved": (ENTITY, UPDATE, DELAYED, INFORMATIONAL),
    "broker:policy:denied": (ENTITY, UPDATE, DENIED, LOW),
    "broker:policy:activated": (ENTITY, UPDATE, ALLOWED, MEDIUM),
    "broker:policy:expired": (ENTITY, UPDATE, DENIED, INFORMATIONAL),
    "broker:policy:refused": (ENTITY, UPDATE, DENIED, MEDIUM),
    "broker:policy:ignored": (FINDING, CREATE, UNKNOWN, MEDIUM),
    "broker:policy:recovered": (ENTITY, UPDATE, ALLOWED, CRITICAL),
    "broker:static:set": (ENTITY, CREATE, ALLOWED, MEDIUM),
    "broker:static:rotated": (ENTITY, UPDATE, ALLOWED, LOW),
    "broker:static:removed": (ENTITY, DELETE, ALLOWED, LOW),
    "broker:refusals:counted": (FINDING, CREATE, SEEN, HIGH),
    "broker:log:pruned": (ENTITY, DELETE, ALLOWED, HIGH),
    "broker:log:erased": (ENTITY, UPDATE, ALLOWED, HIGH),
    "broker:log:contradicted": (FINDING, CREATE, SEEN, CRITICAL),
    "sandbox:command:started": (PROCESS, LAUNCH, ALLOWED, INFORMATIONAL),
    "sandbox:command:ended": (PROCESS, TERMINATE, ALLOWED, INFORMATIONAL),
    "sandbox:event:reported": (API, CREATE, UNKNOWN, INFORMATIONAL),
    "sandbox:event:capped": (FINDING, CREATE, UNKNOWN, MEDIUM),
}
"""Event of the vocabulary → (class, activity, what came of it, severity). A test holds the two tables together."""

CHANGED_FILE = "guard:file:changed"
_HOWS = {"created": CREATE, "appeared": CREATE, "deleted": DELETE, "renamed": RENAME}
"""How a file changed → the activity, where it is another one than Update."""

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND = datetime.timedelta(milliseconds=1)

MAX_HOSTS = 100
"""Called hosts that become observables; all of them stand under `unmapped`."""

_BY_AGENTS = (FILE, PROCESS, API)
"""The classes to which OCSF lets the profile `ai_operation` apply."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Where records come from: `name` is unique for one journal; host and uid as its first record states them; `chain`
    names the hash chain or tree that holds them, in full."""

    name: str
    host: str = "unknown"
    uid: str = ""
    chain: str = ""


@dataclasses.dataclass(frozen=True)
class Sealed:
    """A record as it stands in its journal: its number, its exact text, the digest under which the journal holds it, of
    the record before it (empty: there is none, or a tree holds them), and how the digest is made of the text."""

    number: int
    text: str
    digest: str
    prev: str
    method: str


def event_of(record: Record, source: Source, sealed: Sealed | None = None) -> dict[str, object]:
    """One record (envelope and fields, as `reader` gives it) as an OCSF event.

    With `sealed` a receiver can check the record itself: `raw_data` is its text, `attestation_list` its place in the
    chain. An event that this version does not know becomes a Base Event: an export loses nothing. Raises nothing for a
    record with missing or odd fields; a time that is none becomes 0. `metadata.uid` is the same for the same record,
    however often it is sent: receivers drop by it what they have.
    """
    name = text_of(record, "event")
    kind, activity, (action, disposition, status), severity = EVENTS.get(name, (BASE, OTHER, UNKNOWN, INFORMATIONAL))
    if name == CHANGED_FILE:
        activity = _HOWS.get(text_of(record, "how"), activity)
    seq = sealed.number if sealed else record.get("seq")
    authority = _authority(record) if kind in _BY_AGENTS else {}
    profiles = ["host", "security_control"]
    if authority:
        profiles.insert(0, "ai_operation")
    if sealed:
        profiles.insert(-1, "record_integrity")
    uid = f"{source.name}:{seq}" if type(seq) is int else sha256_hex(dumps(record).encode("ascii"))
    event: dict[str, object] = {
        "class_uid": kind,
        "category_uid": kind // 1000,
        "activity_id": activity,
        "type_uid": kind * 100 + activity,
        "severity_id": severity,
        "time": _milliseconds(text_of(record, "time")),
        "message": text_of(record, "reason") or name,
        "status_id": 1 if kind == FINDING else status,
        "metadata": _metadata(record, name, source, profiles, uid, seq),
        "actor": _actor(record, source),
        "device": {"hostname": source.host, "type_id": 0},
        "action_id": action,
        "disposition_id": disposition,
        **authority,
    }
    if activity == OTHER:
        event["activity_name"] = name.rpartition(":")[2] or "unknown"
    event.update(_subject(kind, record, name, source, uid))
    if hosts := _hosts(record):
        event["observables"] = hosts
    if sealed:
        event["raw_data"] = sealed.text
        event["attestation_list"] = [_attestation(sealed, source, uid)]
    event["unmapped"] = {key: value for key, value in record.items() if key not in ("time", "event")}
    return event


def line_of(record: Record, source: Source, sealed: Sealed | None = None) -> bytes:
    """The event as one line of ASCII JSON with its newline; the same bytes for the same record.

    A number that JSON cannot hold (1e999 is read as infinity) is written as a text: nobody stops an export with one.
    """
    try:
        return dumps(event_of(record, source, sealed)).encode("ascii") + b"\n"
    except ValueError:
        plain = {name: value if _is_json(value) else repr(value) for name, value in record.items()}
        return dumps(event_of(plain, source, sealed)).encode("ascii") + b"\n"


def _is_json(value: object) -> bool:
    try:
        dumps(value)
    except ValueError:
        return False
    return True


def _attestation(sealed: Sealed, source: Source, uid: str) -> dict[str, object]:
    """The digest is of `raw_data` as the journal makes it, not of this event: `serialization` says how."""
    digest = {"algorithm_id": 3, "algorithm": "SHA-256"}
    own = {**digest, "value": sealed.digest, "serialization_id": 99, "serialization": sealed.method}
    said: dict[str, object] = {"uid": uid, "chain_uid": source.chain, "fingerprint": own}
    if sealed.prev:
        before = {"uid": f"{source.name}:{sealed.number - 1}", "fingerprint": {**digest, "value": sealed.prev}}
        said["prev_event"] = before
    return said


def _metadata(
    record: Record, name: str, source: Source, profiles: list[str], uid: str, seq: object
) -> dict[str, object]:
    metadata: dict[str, object] = {
        "version": VERSION,
        "product": {"name": "secretguard", "vendor_name": "secretguard"},
        "event_code": name,
        "log_name": source.name,
        "original_time": text_of(record, "time"),
        "profiles": profiles,
        "uid": uid,
    }
    if type(seq) is int:
        metadata["sequence"] = seq
    call = text_of(record, "tool_use_id") or text_of(record, "lease") or text_of(record, "approval")
    if call:
        metadata["correlation_uid"] = call
    return metadata


def _actor(record: Record, source: Source) -> dict[str, object]:
    told = ("approver", "reviewer", "by", "launcher", "user")
    who = "" if text_of(record, "event") == CHANGED_FILE else _first(record, *told)  # there `by` names calls
    actor: dict[str, object] = {"user": {"name": who} if who else {"uid": source.uid or "unknown"}}
    session = text_of(record, "session_id")
    if session:
        actor["session"] = {"uid": session}
    return actor


def _authority(record: Record) -> dict[str, object]:
    """On whose behalf: the agent that acted, the broker's task under which it did."""
    said: dict[str, object] = {}
    client, task = text_of(record, "client"), text_of(record, "task")
    if client:
        agent = {"uid": client, "name": client, "type_id": 0}
        session, version = text_of(record, "session_id"), text_of(record, "client_version")
        said["ai_agent"] = {
            **agent,
            **({"instance_uid": session} if session else {}),
            **({"version": version} if version else {}),
        }
    if task:
        said["delegation"] = {"uid": task, "issuer_uid": "broker"}
    return said


def _subject(kind: int, record: Record, name: str, source: Source, uid: str) -> dict[str, object]:
    """What the class requires beside the base: the thing that was acted on."""
    tool, path = text_of(record, "tool"), text_of(record, "path")
    if kind == FILE:
        if path:
            return _files(record, path)
        return {"file": {"name": f"result of {tool or 'a tool'}", "type_id": 99, "type": "tool result"}}
    if kind == PROCESS:
        command = _first(record, "command", "argv")
        process = {"uid": text_of(record, "tool_use_id") or uid, "name": tool or "command"}
        return {"process": {**process, **({"cmd_line": command} if command else {})}}
    if kind == FINDING:
        return {"finding_info": {"uid": uid, "title": name, "types": _rules(record)}, "is_alert": True}
    if kind == SESSION:
        who = _first(record, "approver", "reviewer", "by", "task") or "unknown"
        return {"user": {"name": who}, "privileges": [_first(record, "grant", "commit", "request") or name]}
    if kind == ENTITY:
        entity = {"name": path or text_of(record, "directory") or source.name, "type": name.rpartition(":")[0]}
        version = text_of(record, "digest")
        return {"entity": {**entity, **({"version": version} if version else {})}}
    if kind == API:
        return {"api": {"operation": name}, "src_endpoint": {"name": source.host}}
    return {}


def _files(record: Record, path: str) -> dict[str, object]:
    """The file that was acted on; of one that changed, as it was and, unless it is gone, as it is now."""
    source = text_of(record, "source")
    found: dict[str, object] = {"file": _file(record, source or path, "before")}
    if "digest_after" in record and text_of(record, "how") != "deleted":
        found["file_result"] = _file(record, path, "after")
    return found


def _file(record: Record, path: str, when: str) -> dict[str, object]:
    said: dict[str, object] = {"name": path.rpartition("/")[2] or path, "path": path, "type_id": 1}
    digest, size = text_of(record, f"digest_{when}"), record.get(f"bytes_{when}")
    if digest and not digest.replace(":", "", 1).strip("0123456789abcdef"):  # else it says in words why there is none
        said["hashes"] = [{"algorithm_id": 99, "algorithm": "HMAC-SHA-256, keyed", "value": digest}]
    if type(size) is int:
        said["size"] = size
    return said


def _hosts(record: Record) -> list[dict[str, object]]:
    """The hosts that a tool or command called, so that a receiver finds them without knowing this record."""
    rows = record.get("hosts")
    named = [row.get("host") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    distinct = list(dict.fromkeys(host for host in named if isinstance(host, str) and host))[:MAX_HOSTS]
    return [{"name": "unmapped.hosts", "type_id": 1, "type": "Hostname", "value": host} for host in distinct]


def _rules(record: Record) -> list[str]:
    rules = record.get("rules")
    return [rule for rule in rules if isinstance(rule, str)] if isinstance(rules, list) else []


def _first(record: Record, *names: str) -> str:
    return next((text for name in names if (text := text_of(record, name))), "")


def _milliseconds(moment: str) -> int:
    """RFC 3339 → milliseconds since 1970, rounded down; 0 for what is no moment, or none of the years 1 to 9999 UTC."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return (parsed.astimezone(datetime.UTC) - _EPOCH) // _MILLISECOND if parsed.tzinfo else 0
    except (ValueError, OverflowError):
        return 0
