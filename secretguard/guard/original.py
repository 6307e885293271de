"""The file that a write with placeholders goes to, as it is before it: which of them may be written there. Hot path."""

from __future__ import annotations

import os

from secretguard.agents.event import Event
from secretguard.errors import GuardError
from secretguard.guard import restore, snapshots
from secretguard.guard.results import TooLarge, contents
from secretguard.guard.room import Room
from secretguard.guard.values import hosts_beside, narrow, places, shown, values_of

_TRIES = 3


class Refused(Exception):
    """The write cannot be let go: why, and the next step, in whole sentences."""


class Original:
    """The file as it is: its bytes, its text as the client shows it, and its values.

    `doubtful` are the digits that stand for no one text: of two values, or also of a placeholder that is in the file as
    text (`literal`); `secrets` the spans of `text` that must not be shown.
    """

    __slots__ = ("data", "doubtful", "literal", "path", "secrets", "text", "values")

    def __init__(self, path: str, data: bytes, room: Room) -> None:
        self.path = path
        self.data = data
        self.text = shown(narrow(data))
        found = room.engine.scan(self.text)  # of any confidence: what one channel shows another may have hidden
        self.values, self.doubtful = values_of(self.text, found, room.tags)
        self.secrets = [(f.start, f.end) for f in found]
        self.literal = {digits for _, _, digits in places(self.text)}
        if path.lower().endswith(".ipynb"):  # it holds texts as JSON: only what reads the same there is put back
            self.doubtful |= {d for d, value in self.values.items() if set(value.text) & set(b'"\\\n')}
        self.doubtful |= self.literal & set(self.values)


def opened(event: Event, room: Room, path: str, name: str) -> Original:
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
        raise Refused(f"No value could be put back into {name}: it or its folder is not this user's. {_other(name)}")
    return data


def _other(name: str) -> str:
    return f"Change the other lines of {name} with Edit, and leave the placeholder out of old_string and new_string."


def known(text: bytes, file: Original, room: Room) -> None:
    """Raises Refused where a placeholder stands for no value of the file, or for more than one."""
    name = room.shown(file.path)
    for start, end, digits in places(text):
        tag = text[start:end].decode("latin-1")
        if digits in file.doubtful:
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


def in_place(written: bytes, after: bytes, file: Original) -> None:
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
