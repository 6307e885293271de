"""A write whose texts hold placeholders: let go where each value is in that very file and can be put back. Hot path.

Write, and what an Edit or NotebookEdit adds: a private copy of the file is kept, the client writes the placeholder, and
the values are put back on the disk (`restore.py`). What an Edit looks for is cut down to a text without placeholders
(`edits.py`). Everything else is refused with the next step. No value is ever printed.
"""

from __future__ import annotations

from secretguard.agents.event import Event, Outcome
from secretguard.guard import edits, original, snapshots
from secretguard.guard.outcomes import allowed, refused
from secretguard.guard.room import Room
from secretguard.guard.values import Value, narrow, places, put_back, stand_in
from secretguard.verdict import DENY, Verdict

_WHOLE = (
    "Write the whole file with Write instead: a placeholder that stays in it gets its value back, and one that you "
    "leave out is gone with its value."
)
_IDS = ("session_id", "tool_use_id", "agent_id")


def before(event: Event, room: Room, path: str, fields: dict[str, object]) -> Outcome:
    """What is to happen with the write to `path`; some of its texts hold placeholders. Raises GuardError."""
    count = sum(len(places(text)) for text in (*_given(event, "old_string"), *_written(event)))
    fields = {**fields, "count": count}
    try:
        with snapshots.Locked():
            given = _prepared(event, room, original.opened(event, room, path, str(fields["path"])))
    except original.Refused as reason:
        return refused("guard:write:denied", Verdict(DENY, str(reason), "placeholder-in-write"), fields)
    outcome = allowed("guard:write:allowed", "placeholders-given-back", fields)
    outcome.given = given
    return outcome


def _prepared(event: Event, room: Room, file: original.Original) -> dict[str, object] | None:
    """The input to use instead (None: as it is), with a copy kept where a placeholder will be written."""
    if event.tool == "MultiEdit":
        raise original.Refused(f"A placeholder cannot be in a MultiEdit. Make one Edit for each change. {_WHOLE}")
    for text in (*_given(event, "old_string"), *_written(event)):
        original.known(text, file, room)
    said = written = b"\n".join(_written(event))
    given: dict[str, object] | None = None
    after = put_back(said, file.values)
    if event.tool == "Edit":
        given, written, after = _edit(event, file, room.shown(file.path))
    original.in_place(said, after, file)
    if stand_in(written, file.values):
        _keep(event, file)
    return given


def _edit(event: Event, file: original.Original, name: str) -> tuple[dict[str, object] | None, bytes, bytes]:
    """The Edit to make, the text that it writes, and the file as it will be."""
    old, new = b"".join(_given(event, "old_string")), b"".join(_given(event, "new_string"))
    if not stand_in(old, file.values):
        at = file.text.find(old) if old else -1  # not there, or several times: the client says so
        left = file.text[:at] if at >= 0 else b""
        return None, new, left + put_back(new, file.values) + (file.text[at + len(old) :] if at >= 0 else b"")
    edit = edits.trimmed(file.text, old, new, file.values, file.secrets)
    if edit.why:
        raise original.Refused(_why_not(edit, old, new, file, name))
    if any(value.text in edit.old or value.text in edit.new for value in file.values.values()):
        raise original.Refused(f"What stands beside the placeholder cannot be told apart from a secret. {_WHOLE}")
    whole, wanted = put_back(old, file.values), put_back(new, file.values)
    after = file.text[: edit.at] + wanted + file.text[edit.at + len(whole) :]
    done = file.text.replace(edit.old, edit.new, 1)
    if put_back(done, file.values) != after:
        raise original.Refused(f"This change cannot be made without the placeholder. {_WHOLE}")
    texts = {
        "old_string": edit.old.decode("utf-8", "surrogatepass"),
        "new_string": edit.new.decode("utf-8", "surrogatepass"),
    }
    return {**event.input, **texts}, edit.new, after


def _why_not(edit: edits.Trimmed, old: bytes, new: bytes, file: original.Original, name: str) -> str:
    if edit.why == edits.ABSENT:
        return "old_string is not in the file as it is now. Read the file again, and use its lines exactly."
    if edit.why == edits.SEVERAL:
        return "old_string is in the file more than once. Take in a line before or after it that is there only once."
    if edit.why == edits.BESIDE:
        return f"What stands beside the placeholder is not unique in the file: it cannot be found without it. {_WHOLE}"
    if stand_in(new, file.values):
        return (
            "The change is on both sides of a placeholder, which an Edit cannot go over. Make two Edits: one for the "
            "text before it, one for the text after it, each without the placeholder."
        )
    first = file.text.count(b"\n", 0, edit.at) + 1
    last = first + put_back(old, file.values).rstrip(b"\n").count(b"\n")
    return (
        "An Edit cannot replace a value that you were not shown. To take it out: delete its lines in Bash with "
        f"`sed -i '{first},{last}d' {name}`, then insert the new ones with an Edit of the line before. Or w{_WHOLE[1:]}"
    )


def _keep(event: Event, file: original.Original) -> None:
    """A copy with the values as they are on the disk. Raises GuardError."""
    text = narrow(file.data)
    values = {digits: _on_disk(value, text) for digits, value in file.values.items() if digits not in file.doubtful}
    ids = {name: event.ids[name] for name in _IDS if name in event.ids}
    snapshots.keep(file.path, file.data, values, ids)


def _on_disk(value: Value, text: bytes) -> Value:
    own = value.text if value.text in text else value.text.replace(b"\n", b"\r\n")
    return Value(own, value.lines, value.follow, value.times)


def _given(event: Event, name: str) -> list[bytes]:
    several = event.input.get("edits")
    parts = [event.input, *(several if isinstance(several, list) else [])]
    texts = [part.get(name) for part in parts if isinstance(part, dict)]
    return [text.encode("utf-8", "surrogatepass") for text in texts if isinstance(text, str)]


def _written(event: Event) -> list[bytes]:
    return [text for name in ("content", "new_string", "new_source") for text in _given(event, name)]
