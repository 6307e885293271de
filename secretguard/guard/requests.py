"""A request to the model's API as the client is about to send it: the last wall. Hot path.

Every text of the request's JSON is looked at, whatever it is made of: messages, system prompt, tool descriptions, what
token counting sends. A secret is replaced by its placeholder; a request that cannot be read does not go out. Not looked
at are pictures and documents in base64, whose bytes are counted in the record, and what the model itself wrote and
signed (a changed signature would only break the request).
"""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome
from secretguard.agents.shapes import DEEPEST
from secretguard.guard.outcomes import DID_NOT_LEAVE, LEFT, allowed, refused
from secretguard.guard.results import hidden, values
from secretguard.guard.room import Room, found_fields, rules_of
from secretguard.guard.writes import has_pragma
from secretguard.rawjson import JsonError, loads
from secretguard.verdict import DENY, REDACT, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from secretguard.detect.finding import Finding

_WORDS = frozenset({"type", "role", "model", "id", "tool_use_id", "media_type", "stop_reason", "name", "encoding"})
"""Keys whose values are the protocol's own words: a password that happens to be one of them is not looked for there."""
_FREE = frozenset({"input", "input_schema", "metadata"})
"""Keys below which every key and word is somebody else's."""
_SIGNED = frozenset({"thinking", "redacted_thinking"})
_SEEN_AS_PICTURE = ("image/", "application/pdf")
_SHORTEST_ELSEWHERE = 8
"""Bytes from which on a value that was found in one text is looked for in all others."""


class _Unreadable(Exception):
    """The request cannot be looked at; the message says why and quotes nothing."""


class _Request:
    """One walk over the request's JSON, seeing or changing each text; the same shape again."""

    __slots__ = ("change", "unseen")

    def __init__(self, change: Callable[[str, bool], str]) -> None:
        self.change = change
        self.unseen = 0

    def walk(self, value: object, word: bool = False, free: bool = False, level: int = 0) -> object:
        """A copy of `value` with `change(text, word)` applied; `word` marks the protocol's own words."""
        if level > DEEPEST:
            raise _Unreadable("it is nested too deeply")
        if isinstance(value, str):
            return self.change(value, word)
        if isinstance(value, list):
            return [self.walk(item, word, free, level + 1) for item in value]
        if not isinstance(value, dict) or self._opaque(value, free):
            return value
        changed: dict[str, object] = {}
        for key, item in value.items():
            name = self.change(key, key.replace("_", "").isalpha())
            while name in changed:
                name += "'"
            below = free or key in _FREE
            changed[name] = self.walk(item, not below and key in _WORDS, below, level + 1)
        return changed

    def _opaque(self, value: dict[str, object], free: bool) -> bool:
        kind, media, data = value.get("type"), value.get("media_type"), value.get("data")
        if not free and kind in _SIGNED and ("signature" in value or "data" in value):
            return True
        if kind == "base64" and isinstance(media, str) and isinstance(data, str) and media.startswith(_SEEN_AS_PICTURE):
            self.unseen += len(data)
            return True
        return False


def leaving(event: Event, room: Room) -> Outcome:
    """What may go out in place of the request: itself, its redacted form, or nothing."""
    fields: dict[str, object] = {"bytes": len(event.text)}
    try:
        return _looked_at(_body(event.text), room, fields)
    except _Unreadable as error:
        reason = (
            f"The request to the model was not sent: {error}, so secrets in it could not be looked for. Go back in the "
            "conversation (`/rewind`) to before it, or start a new one."
        )
        return refused("guard:request:denied", Verdict(DENY, reason, "unreadable-request"), fields)


def _body(text: str) -> dict[str, object]:
    try:
        body = loads(text.encode("utf-8", "surrogatepass"))
    except JsonError as error:
        raise _Unreadable(f"it is not JSON that can be read ({error})") from None
    if not isinstance(body, dict):
        raise _Unreadable("it is not a JSON object")
    return body


def _looked_at(body: dict[str, object], room: Room, fields: dict[str, object]) -> Outcome:
    by_text: dict[str, list[Finding]] = {}

    def see(text: str, _word: bool) -> str:
        if text and text not in by_text:
            by_text[text] = _found(text, room)
        return text

    request = _Request(see)
    request.walk(body)
    if request.unseen:
        fields["unseen"] = request.unseen
    found = [finding for findings in by_text.values() for finding in findings]
    if not found:
        return allowed("guard:request:allowed", "nothing-found", {**fields, "outcome": LEFT})
    elsewhere = [(value, tag) for value, tag in values(found, room) if len(value) >= _SHORTEST_ELSEWHERE]

    def hide(text: str, word: bool) -> str:
        return hidden(text, by_text.get(text, ()), [] if word else elsewhere, room)

    fields.update(found_fields(found), outcome=DID_NOT_LEAVE)
    verdict = Verdict(REDACT, "", rules_of(found)[0])
    return Outcome(verdict, "guard:request:redacted", fields, response=_Request(hide).walk(body), found=found)


def _found(text: str, room: Room) -> list[Finding]:
    data = text.encode("utf-8", "surrogatepass")
    return [finding for finding in room.scan(data) if not has_pragma("request", data, finding.start)]
