"""A Read before it happens. Small files are redacted afterwards; a large one must be judged now. Hot path.

The client sends the raw text of a large Read to its token counter before any hook sees the result (measured from
about 25 kB on), so a large part with a secret in it is refused with the numbers of a part that can be redacted.
"""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome, UnreadableEvent
from secretguard.guard.outcomes import allowed, by_policy, refused
from secretguard.guard.results import TooLarge, readable
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.verdict import DENY, Verdict

LARGE = 20_000
"""Bytes of shown text above which a result is too late to redact; the client's own border is about 25 kB."""
_PART = 18_000
_LINES_BY_DEFAULT = 2000
_WHOLE = (".ipynb",)
"""Files that the client shows whole, whatever part is asked for."""
_NO_PART = "Print the piece you need in Bash, whose output is redacted."
_UNREADABLE = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico", ".tif", ".tiff", ".pdf", ".p12", ".pfx", ".jks",
    ".keystore", ".kdbx", ".gpg", ".zip", ".gz", ".xz", ".zst", ".bz2", ".tar", ".tgz", ".7z", ".sqlite", ".db",
)  # fmt: skip
"""Files whose text no scan sees; one that is labelled secret is a policy question of its own."""


def before(event: Event, room: Room) -> Outcome:
    """Whether a Read may go ahead. Raises UnreadableEvent when the input is not that of Read."""
    name = event.input.get("file_path")
    if not isinstance(name, str) or "\0" in name:
        raise UnreadableEvent("Read without a file_path")
    path = room.path(name)
    classes = room.data_classes((path,))
    fields: dict[str, object] = {"path": room.shown(name), "phase": "before"}
    decision = room.decide("read", _effect(path), classes)
    stopped = by_policy("read", decision, f"Reading {fields['path']} is held back.", fields)
    if stopped:
        return stopped
    return _large(event, room, path, "secret" in classes, fields)


def _effect(path: str) -> str:
    if path.startswith("/proc/") and path.endswith(("/environ", "/mem", "/auxv")):
        return "reveal"
    return "opaque" if path.lower().endswith(_UNREADABLE) else "plain"


def _large(event: Event, room: Room, path: str, secret_place: bool, fields: dict[str, object]) -> Outcome:
    try:
        data = readable(path)
    except TooLarge:
        reason = (
            f"{fields['path']} is too large to look for secrets in before it is read. "
            "Print the piece you need in Bash (`sed -n 100,200p FILE`, `grep`), whose output is redacted."
        )
        verdict = Verdict(DENY, reason, "read-too-large")
        return refused("guard:read:denied", verdict, {**fields, "outcome": "did not leave"})
    if data is None or len(data) <= LARGE:
        return allowed("guard:read:allowed", "read-goes-ahead", {**fields, "outcome": "cannot tell"})
    start, end = (0, len(data)) if path.lower().endswith(_WHOLE) else _asked(event, data)
    if end - start <= LARGE:
        return allowed("guard:read:allowed", "read-goes-ahead", {**fields, "outcome": "cannot tell"})
    inside = [f for f in room.scan(data, secret_place) if f.start < end and f.end > start]
    if not inside:
        return allowed("guard:read:allowed", "nothing-found", {**fields, "outcome": "left"})
    reason = (
        f"{fields['path']} holds {len(inside)} secret(s) ({', '.join(rules_of(inside))}) and is too large to redact "
        f"in one piece ({len(data)} bytes). {_NO_PART if path.lower().endswith(_WHOLE) else _part(data, start)}"
    )
    fields.update(found_fields(inside), outcome="did not leave")
    return refused("guard:read:denied", Verdict(DENY, reason, "large-read-with-secret"), fields, inside)


def _asked(event: Event, data: bytes) -> tuple[int, int]:
    """The byte range of the lines that the Read asks for (`offset` from 1, `limit` lines)."""
    first = _number(event.input.get("offset")) or 1
    count = _number(event.input.get("limit")) or _LINES_BY_DEFAULT
    start = _line_start(data, 0, first - 1)
    return start, _line_start(data, start, count)


def _number(given: object) -> int:
    """A positive number, which a model may also write as a text (the client takes it); else 0."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 10:
        return int(given)
    return given if isinstance(given, int) and given > 0 else 0


def _line_start(data: bytes, at: int, lines: int) -> int:
    for _ in range(lines):
        at = data.find(b"\n", at) + 1
        if at == 0:
            return len(data)
    return at


def _part(data: bytes, start: int) -> str:
    """Advice: the next lines that are small enough, counted from where the Read wanted to start."""
    first = data.count(b"\n", 0, start) + 1
    lines = data.count(b"\n", start, start + _PART)
    if not lines:
        return f"Its lines are too long for a part: {_NO_PART[0].lower()}{_NO_PART[1:]}"
    return (
        f"Read it in parts, which are redacted: offset={first}, limit={lines}, and so on; "
        "or search it with grep in Bash, whose output is redacted, too."
    )
