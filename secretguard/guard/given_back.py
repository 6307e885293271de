"""A write whose texts hold placeholders: let go where each value is in that very file and can be put back. Hot path.

Write, and what an Edit or NotebookEdit adds: a private copy of the file is kept, the client writes the placeholder, and
the values are put back on the disk (`restore.py`). What an Edit looks for is cut down to a text without placeholders
(`edits.py`). Everything else is refused with the next step. No value is ever printed.
"""

from __future__ import annotations

import os

from secretguard.agents.event import Event, Outcome
from secretguard.errors import GuardError
from secretguard.guard import edits, restore, snapshots
from secretguard.guard.originals import Value, hosts_beside, narrow, places, put_back, shown, stand_in, values_of
from secretguard.guard.outcomes import allowed, refused
from secretguard.guard.results import TooLarge, contents
from secretguard.guard.room import Room
from secretguard.verdict import DENY, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

_WHOLE = (
    "Write the whole file with Write instead: a placeholder that stays in it gets its value back, and one that you "
    "leave out is gone with its value."
)
_TRIES = 3
_IDS = ("session_id", "tool_use_id", "agent_id")


class Refused(Exception):
    """The write cannot be let go: why, and the next step, in whole sentences."""


class Original:
    """The file as it is: its bytes, its text as the client shows it, its values and what must not be shown."""

    __slots__ = ("data", "doubtful", "literal", "path", "secrets", "text", "values")

    def __init__(self, path: str, data: bytes, room: Room) -> None:
        self.path = path
        self.data = data
        self.text = shown(narrow(data))
        found = room.engine.scan(self.text)  # of any confidence: what one channel shows another may have hidden
        self.values, self.doubtful = values_of(self.text, found, room.tags)
        self.secrets = [(f.start, f.end) for f in found]
        self.literal = {digits for _, _, digits in places(self.text)}
        if path.lower().endswith(
            ".ipynb"
        ):  # there a text is written as JSON: only what reads the same in it is put back
            self.doubtful |= {d for d, value in self.values.items() if set(value.text) & set(b'"\\\n')}


def before(event: Event, room: Room, path: str, fields: dict[str, object]) -> Outcome:
    """What is to happen with the write to `path`; some of its texts hold placeholders. Raises GuardError."""
    count = sum(len(places(text)) for text in (*_given(event, "old_string"), *_written(event)))
    fields = {**fields, "count": count}
    try:
        with snapshots.Locked():
            given = _prepared(event, room, _original(event, room, path, str(fields["path"])))
    except Refused as reason:
        return refused("guard:write:denied", Verdict(DENY, str(reason), "placeholder-in-write"), fields)
    outcome = allowed("guard:write:allowed", "placeholders-given-back", fields)
    outcome.given = given
    return outcome


def _original(event: Event, room: Room, path: str, name: str) -> Original:
    """The file as it is once nothing waits for it. Raises Refused and GuardError."""
    for _ in range(_TRIES):
        data = _contents(path, name)
        if not places(narrow(data)):
            break
        try:
            if not restore.settle_file(path, event, room):
                break
        except (OSError, restore.Moved, GuardError):
            raise Refused(f"{name} has a placeholder whose value is not back yet. Try again in a moment.") from None
    else:
        raise Refused(f"{name} keeps changing. Try again in a moment.")
    return Original(path, data, room)


def _contents(path: str, name: str) -> bytes:
    try:
        info = os.lstat(path)
        data = contents(path) if info.st_size <= snapshots.LARGEST else None
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(
            f"{name} is a new file, and a placeholder's value is only put back into the file that it came from. "
            "Let the code read the value from the environment, or ask the person to put it there."
        ) from None
    except (OSError, TooLarge):
        data = None
    if data is None:
        raise Refused(f"{name} cannot be kept aside and put back (no regular file of up to 4 MiB). {_other(name)}")
    if info.st_uid != os.geteuid() or not os.access(os.path.dirname(path), os.W_OK | os.X_OK):
        raise Refused(
            f"The values could not be put back into {name}: its folder or it is not this user's. {_other(name)}"
        )
    return data


def _other(name: str) -> str:
    return f"Change the other lines of {name} with Edit, and leave the placeholder out of old_string and new_string."


def _prepared(event: Event, room: Room, file: Original) -> dict[str, object] | None:
    """The input to use instead (None: as it is), with a copy kept where a placeholder will be written."""
    if event.tool == "MultiEdit":
        raise Refused(f"A placeholder cannot be in a MultiEdit. Make one Edit for each change. {_WHOLE}")
    for text in (*_given(event, "old_string"), *_written(event)):
        _known(text, file, room)
    said = written = b"\n".join(_written(event))
    given: dict[str, object] | None = None
    after = put_back(said, file.values)
    if event.tool == "Edit":
        given, written, after = _edit(event, file, room.shown(file.path))
    _in_place(said, after, file)
    if stand_in(written, file.values):
        _keep(event, file)
    return given


def _known(text: bytes, file: Original, room: Room) -> None:
    """Raises Refused where a placeholder stands for no value of the file, or for more than one."""
    name = room.shown(file.path)
    for start, end, digits in places(text):
        tag = text[start:end].decode("latin-1")
        if digits in file.doubtful or (digits in file.values and digits in file.literal):
            raise Refused(
                f"{tag} stands for more than one text in {name}, or for one that cannot be written back as it is: it "
                f"cannot be put back safely. {_other(name)}"
            )
        if digits not in file.values and digits not in file.literal:
            raise Refused(
                f"{tag} is a placeholder, and {name} does not hold its value: it is another file's, or the value has "
                "changed since you saw it. It would destroy what it stands for. Read the file again and use the "
                "placeholder that it shows; for a value of another file let the code read it from the environment."
            )


def _edit(event: Event, file: Original, name: str) -> tuple[dict[str, object] | None, bytes, bytes]:
    """The Edit to make, the text that it writes, and the file as it will be."""
    old, new = b"".join(_given(event, "old_string")), b"".join(_given(event, "new_string"))
    if not stand_in(old, file.values):
        at = file.text.find(old) if old else -1  # not there, or several times: the client says so
        left = file.text[:at] if at >= 0 else b""
        return None, new, left + put_back(new, file.values) + (file.text[at + len(old) :] if at >= 0 else b"")
    edit = edits.trimmed(file.text, old, new, file.values, file.secrets)
    if edit.why:
        raise Refused(_why_not(edit, old, new, file, name))
    if any(value.text in edit.old or value.text in edit.new for value in file.values.values()):
        raise Refused(f"What stands beside the placeholder cannot be told apart from a secret. {_WHOLE}")
    whole, wanted = put_back(old, file.values), put_back(new, file.values)
    after = file.text[: edit.at] + wanted + file.text[edit.at + len(whole) :]
    done = file.text.replace(edit.old, edit.new, 1)
    if put_back(done, file.values) != after:
        raise Refused(f"This change cannot be made without the placeholder. {_WHOLE}")
    texts = {
        "old_string": edit.old.decode("utf-8", "surrogatepass"),
        "new_string": edit.new.decode("utf-8", "surrogatepass"),
    }
    return {**event.input, **texts}, edit.new, after


def _why_not(edit: edits.Trimmed, old: bytes, new: bytes, file: Original, name: str) -> str:
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


def _in_place(written: bytes, after: bytes, file: Original) -> None:
    """Raises Refused where a value would come to stand beside a host that it was not beside, or a key be doubled."""
    digits = [found for _, _, found in places(written)]
    for one in dict.fromkeys(digits):
        value = file.values.get(one)
        if value is None:
            continue
        fresh = sorted(hosts_beside(after, value.text) - hosts_beside(file.text, value.text))
        if fresh:
            raise Refused(
                f"It would stand beside another host ({fresh[0][:100]}) than in the file: its value is not "
                "given to another host. Leave the host as it is, or ask the person to put the value in for the new one."
            )
        if value.lines and digits.count(one) > value.times:
            raise Refused(
                "The placeholder stands for a text of several lines, and you saw it once for each of them: keep "
                "it once. Read the whole file to see how it stands there."
            )


def _keep(event: Event, file: Original) -> None:
    """A copy with the values as they are on the disk. Raises GuardError."""
    text = narrow(file.data)
    values = {digits: _on_disk(value, text) for digits, value in file.values.items() if digits not in file.doubtful}
    ids = {name: event.ids[name] for name in _IDS if name in event.ids}
    snapshots.keep(file.path, file.data, values, ids)


def _on_disk(value: Value, text: bytes) -> Value:
    own = value.text if value.text in text else value.text.replace(b"\n", b"\r\n")
    return Value(own, value.lines, value.follow, value.times)


def _given(event: Event, name: str) -> list[bytes]:
    edits_of = event.input.get("edits")
    parts = (
        [event.input, *(e for e in edits_of if isinstance(e, dict))] if isinstance(edits_of, list) else [event.input]
    )
    return [t.encode("utf-8", "surrogatepass") for part in parts if isinstance(t := part.get(name), str)]


def _written(event: Event) -> list[bytes]:
    return [text for name in ("content", "new_string", "new_source") for text in _given(event, name)]
