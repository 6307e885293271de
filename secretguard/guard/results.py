"""A tool's result on its way to the model: every secret in it replaced, its shape kept. Hot path.

Two passes. The first scans each text by itself. The second looks in all texts for the values that the first one found:
a private key is whole in an edit's `originalFile` but cut into lines in its `structuredPatch`.
"""

from __future__ import annotations

import os

from secretguard.agents.event import FAILED, Event, Outcome, UnreadableEvent
from secretguard.agents.shapes import TooDeep, pictures, replace, texts
from secretguard.guard.outcomes import CANNOT_TELL, allowed
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.places import snapshots_dir
from secretguard.redact import cut
from secretguard.verdict import ALLOW, REDACT, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from secretguard.detect.finding import Finding

_LINE_OF_A_KEY = 24
"""A line of a longer secret is looked for by itself from this many characters on."""
_LARGEST_FILE = 32 * 1024 * 1024
_PLACEHOLDERS = (
    "Texts of the form [[secret:RULE:DIGITS]] stand for secrets that secretguard keeps from this conversation. "
    "Use the secret by its variable or file. Where you Write the file that one came from, keep it in its place: "
    "the value is put back there. In an Edit leave it out of old_string (name text before or after it), since the "
    "file holds the value. In a command, a URL or another file it is refused."
)
"""What the model is told where it is shown one."""


def after(event: Event, room: Room) -> Outcome:
    """Replace what a result must not show. Raises UnreadableEvent for a result nested too deeply."""
    secret_place = in_secret_place(event, room)
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
        return _clean(event, seen, fields)
    known = values(found, room)

    def hide(text: str) -> str:
        return hidden(text, by_text.get(text, ()), known, room)

    def rename(name: str) -> str:
        """A password may be `file` or `content`: the client's own words are no place to look for it."""
        return hidden(name, by_text.get(name, ()), [] if name.replace("_", "").isalpha() else known, room)

    shown = replace(event.response, hide, rename)
    if shown == event.response:
        return allowed("guard:read:allowed", "nothing-found", fields)
    rules = rules_of(found)
    fields.update(found_fields(found), outcome="did not leave")
    verdict = Verdict(REDACT, "", rules[0])
    return Outcome(verdict, "guard:read:redacted", fields, response=shown, advice=_PLACEHOLDERS, found=found)


def _clean(event: Event, seen: Iterable[str], fields: dict[str, object]) -> Outcome:
    """A result without a secret, which goes on as it is; what the shell wrapper put into a command's is explained."""
    outcome = allowed("guard:read:allowed", "nothing-found", fields)
    if event.tool == "Bash" and any("[[secret:" in text for text in seen):
        outcome.advice = _PLACEHOLDERS
    return outcome


def failed(event: Event, room: Room) -> Outcome:
    """The error text of a failed tool: no hook can change it, so a secret in it is exposed where there is no mod."""
    data = event.text.encode("utf-8", "surrogatepass")
    found = room.scan(data, in_secret_place(event, room))
    fields = _fields(event, room, "left")
    if not found:
        return _clean(event, (event.text,), fields)
    rules = rules_of(found)
    fields.update(found_fields(found))
    if room.walled:  # the mod replaces it, and tells of it
        return allowed("guard:read:allowed", "the-mod-replaces", {**fields, "outcome": CANNOT_TELL})
    advice = "The output above holds a secret. Do not repeat it, write it or send it; go on without it."
    return Outcome(Verdict(ALLOW, "", rules[0]), "guard:read:exposed", fields, advice=advice, found=found)


def hidden(text: str, own: Collection[Finding], known: list[tuple[bytes, bytes]], room: Room) -> str:
    """`text` with its `own` findings replaced and `known` values wherever else they are, but in no placeholder."""
    data = text.encode("utf-8", "surrogatepass")
    if not own and not any(value in data for value, _ in known):
        return text
    pieces = cut(data, own, room.tags)
    plain = b"\0".join(pieces[::2])
    for value, tag in known:
        if value in plain:
            pieces = _replaced(pieces, value, tag)
    return b"".join(pieces).decode("utf-8", "surrogatepass")


def _replaced(pieces: list[bytes], value: bytes, tag: bytes) -> list[bytes]:
    """`pieces` (text, placeholder, text, ..., text) with `value` replaced in the texts, again in that form."""
    found: list[bytes] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            found.append(piece)
            continue
        first, *others = piece.split(value)
        found.append(first)
        for other in others:
            found += (tag, other)
    return found


def values(found: list[Finding], room: Room) -> list[tuple[bytes, bytes]]:
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
    try:
        data = readable(room.path(path))
    except TooLarge:
        return []  # the part was refused before, but where it is small: then only its own findings count
    content = file.get("content")
    if data is None or not isinstance(content, str):
        return []
    shown = content.encode("utf-8", "surrogatepass")
    return [f for f in room.scan(data, secret_place) if b"\n" in f.value and _touches(f.value, shown)]


def _touches(value: bytes, shown: bytes) -> bool:
    lines = (line.strip() for line in value.split(b"\n"))  # the client shows no carriage returns
    return any(len(line) >= _LINE_OF_A_KEY and line in shown for line in lines)


class TooLarge(Exception):
    """A regular file has more than 32 MiB: what is in it cannot be told in time."""


def contents(path: str) -> bytes | None:
    """A regular file's bytes; None where it is something else or not readable. Raises TooLarge."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return None
    try:
        info = os.fstat(fd)
        if (info.st_mode & 0o170000) != 0o100000:
            return None
        if info.st_size > _LARGEST_FILE:
            raise TooLarge
        return _all(fd)
    except OSError:
        return None
    finally:
        os.close(fd)


def readable(path: str) -> bytes | None:
    """As `contents`, in UTF-8 where a mark says UTF-16 (little-endian): the client decodes it, too. Raises TooLarge."""
    data = contents(path)
    if data is None or not data.startswith(b"\xff\xfe"):
        return data
    return data[: len(data) // 2 * 2].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")


def _all(fd: int) -> bytes:
    pieces, size = [], 0
    while piece := os.read(fd, 1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_FILE:
            raise TooLarge
    return b"".join(pieces)


def in_secret_place(event: Event, room: Room) -> bool:
    """Whether what a tool shows comes from a file labelled secret, or from a private copy (`snapshots.py`): by the
    paths that its input names.
    """
    names = [event.input.get(key) for key in ("file_path", "notebook_path", "path")]
    command = event.input.get("command")
    if isinstance(command, str):
        for mark in "'\"`(),;[]{}<>|&=@:":
            command = command.replace(mark, " ")
        names.extend(dict.fromkeys(command[:20_000].split()))
    paths = (room.path(name) for name in names if isinstance(name, str) and "\0" not in name)
    copies = snapshots_dir()
    return any(path.startswith(copies) or room.policy.secret_place(path) for path in paths)


def _fields(event: Event, room: Room, outcome: str) -> dict[str, object]:
    """What every record of a result says; `happened` is whether the tool ran to its end or failed.

    `pictures` is the number of those in it, which nothing looks into.
    """
    fields: dict[str, object] = {"outcome": outcome, "happened": "failed" if event.kind == FAILED else "ran"}
    unseen = pictures(event.response)
    if unseen:
        fields["pictures"] = unseen
    path = event.input.get("file_path") or event.input.get("notebook_path")
    if isinstance(path, str):
        fields["path"] = room.shown(path)
    command = event.input.get("command")
    if isinstance(command, str):
        fields["command"] = room.shown(command)
    return fields
