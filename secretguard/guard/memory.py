"""Files that Claude Code sends by itself: `CLAUDE.md` and what it includes, rules, commands, skills. Hot path.

No hook can change them on their way, so they are looked at beforehand: at a session's start and with each prompt all
that go with every request, before a tool those of the folders between the project and the file that it names.
Where they are and when they are loaded was tried on 2.1.330 with a value in each.
"""

from __future__ import annotations

import os

from secretguard.guard.folders import FILES, TREES, below
from secretguard.guard.mentions import includes
from secretguard.guard.results import TooLarge, readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secretguard.detect.finding import Finding
    from secretguard.guard.room import Room

_OWN_TREES = ("rules", "commands", "agents", "skills", "output-styles")
"""In the project's and the user's configuration: of commands and skills each request tells at least the first lines."""
_INCLUDES_DEEP = 5
"""The client follows includes five levels deep."""
_TREE_DEEP = 8
_MANAGED = "/etc/claude-code"


class Standing:
    """One such file with a secret in it: `path`, its bytes, and the findings."""

    __slots__ = ("data", "found", "path")

    def __init__(self, path: str, data: bytes, found: list[Finding]) -> None:
        self.path = path
        self.data = data
        self.found = found


def with_secrets(room: Room, transcript: str = "") -> Iterator[Standing]:
    """Each file with a secret that goes to the provider with every request of a session in this project.

    `transcript` is the session's own file; beside it the client keeps what it remembers of a project. Raises
    GuardError.
    """
    return _looked_at(room, [*_of_folders(_upwards(room.project)), *_own(room, transcript)])


def nested(room: Room, paths: Iterable[str]) -> Iterator[Standing]:
    """As `with_secrets`, for the folders below the project down to each of `paths`: a tool that opens the file makes
    the client send their memory files. Raises GuardError.
    """
    return _looked_at(room, _of_folders(below(room.project, paths)))


def _upwards(folder: str) -> Iterator[str]:
    """`folder` and all above it."""
    while True:
        yield folder
        if folder == os.path.dirname(folder):
            return
        folder = os.path.dirname(folder)


def _of_folders(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        for name in FILES:
            yield os.path.join(folder, name)
        for name in TREES:
            yield from _tree(os.path.join(folder, name))


def _own(room: Room, transcript: str) -> Iterator[str]:
    """The project's commands and skills, the user's and the organisation's memory, and what the client remembers."""
    user = os.environ.get("CLAUDE_CONFIG_DIR") or os.path.join(room.home, ".claude")
    yield os.path.join(user, "CLAUDE.md")
    yield os.path.join(_MANAGED, "CLAUDE.md")
    yield from _tree(os.path.join(_MANAGED, ".claude", "rules"))
    for name in _OWN_TREES:
        yield from _tree(os.path.join(user, name))
        yield from _tree(os.path.join(room.project, ".claude", name))
    if transcript:
        yield os.path.join(os.path.dirname(transcript), "memory", "MEMORY.md")


def _tree(folder: str, level: int = 0) -> Iterator[str]:
    """The Markdown files below `folder`; of a skill's folder, which may hold anything, the one that is loaded."""
    try:
        with os.scandir(folder) as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except OSError:
        return
    skill = any(name == "SKILL.md" for name, _ in found)
    for name, is_folder in found:
        if is_folder and level < _TREE_DEEP and not skill:
            yield from _tree(os.path.join(folder, name), level + 1)
        elif name.endswith(".md") and (not skill or name == "SKILL.md"):
            yield os.path.join(folder, name)


def _looked_at(room: Room, paths: Iterable[str]) -> Iterator[Standing]:
    """Those of `paths`, and of the files that they include, that hold a secret; each file once."""
    seen: set[str] = set()
    waiting = [(path, 0) for path in paths]
    waiting.reverse()
    while waiting:
        path, level = waiting.pop()
        real = os.path.realpath(path) if level else path
        if real in seen:
            continue
        seen.add(real)
        try:
            data = readable(path)
        except TooLarge:
            continue  # the client passes over a memory file of more than 4 MiB
        if data is None:
            continue
        found = unmarked(path, data, room.scan(data, room.policy.secret_place(path), path))
        if found:
            yield Standing(path, data, found)
        if level < _INCLUDES_DEEP and b"@" in data:
            waiting += [(name, level + 1) for name in _included(room, path, data.decode("utf-8", "replace"))]


def _included(room: Room, path: str, text: str) -> list[str]:
    """What `text` names with an `@`: from its own folder on, as memory does, or the working one, as commands do."""
    bases = dict.fromkeys((os.path.dirname(path), room.cwd))
    names = [os.path.expanduser(name) for name in includes(text)]
    return [found for name in names for base in bases if os.path.isfile(found := os.path.join(base, name))]


def unmarked(path: str, data: bytes, found: list[Finding]) -> list[Finding]:
    """`found` without what a person marked as no secret on its line."""
    if not found:
        return found
    from secretguard.pragma import has_pragma

    return [finding for finding in found if not has_pragma(path, data, finding.start)]
