"""A tool's result on its way to the model: every secret in it replaced, its shape kept. Hot path.

Two passes. The first scans each text by itself. The second looks in all texts for the values that the first one found:
a private key is whole in an edit's `originalFile` but cut into lines in its `structuredPatch`.
"""

from __future__ import annotations

import os

from secretguard.agents.event import Event, Outcome, UnreadableEvent
from secretguard.agents.shapes import TooDeep, replace, texts
from secretguard.guard.outcomes import allowed
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.redact import redact
from secretguard.verdict import ALLOW, REDACT, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.detect.finding import Finding

_LINE_OF_A_KEY = 24
"""A line of a longer secret is looked for by itself from this many characters on."""
_LARGEST_FILE = 32 * 1024 * 1024


def after(event: Event, room: Room) -> Outcome:
    """Replace what a result must not show. Raises UnreadableEvent for a result nested too deeply."""
    secret_place = _in_secret_place(event, room)
    try:
        seen = texts(event.response)
    except TooDeep:
        raise UnreadableEvent("the tool's result is nested too deeply") from None
    found = _around(event, room, secret_place)
    by_text: dict[str, list[Finding]] = {}
    for text in seen:
        if text and text not in by_text:
            by_text[text] = room.scan(text.encode("utf-8", "surrogatepass"), secret_place)
            found.extend(by_text[text])
    fields = _fields(event, room, "left")
    if not found:
        return allowed("guard:read:allowed", "nothing-found", fields)
    known = _values(found, room)

    def hide(text: str) -> str:
        data = redact(text.encode("utf-8", "surrogatepass"), by_text.get(text, ()), room.tags)
        for value, tag in known:
            data = data.replace(value, tag)
        return data.decode("utf-8", "surrogatepass")

    shown = replace(event.response, hide)
    if shown == event.response:
        return allowed("guard:read:allowed", "nothing-found", fields)
    rules = rules_of(found)
    fields.update(found_fields(found), outcome="did not leave")
    notice = f"secretguard: {len(found)} secret(s) replaced before the model saw them ({', '.join(rules)})"
    advice = (
        "Texts of the form [[secret:RULE:DIGITS]] stand for secrets that secretguard keeps from this conversation. "
        "Use the secret by its variable or file; do not write the placeholder into a file or command."
    )
    verdict = Verdict(REDACT, "", rules[0])
    return Outcome(verdict, "guard:read:redacted", fields, response=shown, notice=notice, advice=advice)


def failed(event: Event, room: Room) -> Outcome:
    """The error text of a failed tool: the client has no way to change it, so a secret in it is an exposure."""
    data = event.text.encode("utf-8", "surrogatepass")
    found = room.scan(data, _in_secret_place(event, room))
    fields = _fields(event, room, "left")
    if not found:
        return allowed("guard:read:allowed", "nothing-found", fields)
    rules = rules_of(found)
    fields.update(found_fields(found))
    notice = (
        f"secretguard: a failing {event.tool} showed a secret to the model ({', '.join(rules)}): this client lets no "
        "hook change the text of a failure. Treat the secret as leaked and replace it."
    )
    advice = "The output above holds a secret. Do not repeat it, write it or send it; go on without it."
    return Outcome(Verdict(ALLOW, "", rules[0]), "guard:read:exposed", fields, notice=notice, advice=advice)


def _values(found: list[Finding], room: Room) -> list[tuple[bytes, bytes]]:
    """What to look for in every text: each found value and, of one with several lines, its longer lines."""
    known: dict[bytes, bytes] = {}
    for finding in found:
        tag = room.tags.tag(finding.rule_id, finding.value).encode()
        if b"\n" not in finding.value:
            known[finding.value] = tag
        for line in finding.value.split(b"\n") if b"\n" in finding.value else ():
            line = line.strip()
            if len(line) >= _LINE_OF_A_KEY and not line.startswith(b"-----"):
                known[line] = tag
    return sorted(known.items(), key=lambda pair: -len(pair[0]))


def _around(event: Event, room: Room, secret_place: bool) -> list[Finding]:
    """Findings of the whole file where a Read shows a part: a key cut at the part's border has no form of its own."""
    file = event.response.get("file") if isinstance(event.response, dict) else None
    if event.tool != "Read" or not isinstance(file, dict) or file.get("numLines") == file.get("totalLines"):
        return []
    path = file.get("filePath")
    if not isinstance(path, str):
        return []
    data = contents(room.path(path))
    content = file.get("content")
    if data is None or not isinstance(content, str):
        return []
    shown = content.encode("utf-8", "surrogatepass")
    return [f for f in room.scan(data, secret_place) if b"\n" in f.value and _touches(f.value, shown)]


def _touches(value: bytes, shown: bytes) -> bool:
    return any(len(line) >= _LINE_OF_A_KEY and line in shown for line in value.split(b"\n"))


def contents(path: str) -> bytes | None:
    """A regular file's bytes; None where it is something else, too large (32 MiB) or not readable."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    try:
        info = os.fstat(fd)
        if (info.st_mode & 0o170000) != 0o100000 or info.st_size > _LARGEST_FILE:
            return None
        return _all(fd)
    except OSError:
        return None
    finally:
        os.close(fd)


def _all(fd: int) -> bytes | None:
    pieces, size = [], 0
    while piece := os.read(fd, 1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_FILE:
            return None
    return b"".join(pieces)


def _in_secret_place(event: Event, room: Room) -> bool:
    """Whether what a tool shows comes from a file labelled secret, by the paths that its input names."""
    names = [event.input.get(key) for key in ("file_path", "notebook_path", "path")]
    command = event.input.get("command")
    if isinstance(command, str):
        for mark in "'\"`(),;[]{}<>|&=@:":
            command = command.replace(mark, " ")
        names.extend(dict.fromkeys(command[:20_000].split()))
    paths = (room.path(name) for name in names if isinstance(name, str) and "\0" not in name)
    return any(room.policy.data_class(path) == "secret" for path in paths)


def _fields(event: Event, room: Room, outcome: str) -> dict[str, object]:
    fields: dict[str, object] = {"outcome": outcome}
    path = event.input.get("file_path") or event.input.get("notebook_path")
    if isinstance(path, str):
        fields["path"] = room.shown(path)
    command = event.input.get("command")
    if isinstance(command, str):
        fields["command"] = room.shown(command[:2000])
    return fields
