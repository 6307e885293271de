"""A project with a file of secrets, and what is known in it."""

from __future__ import annotations

from pathlib import Path

from secretguard.known.index import Index, index_key
from secretguard.known.standing import current

PASSWORD = "Tr0ub4dor" + "&3-horse"  # pragma: allowlist secret
OTHER = "zQ9x2LmV" + "8pW4"


def write(path: Path, text: str) -> None:
    """Write a file, its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def index_of(project: Path) -> Index:
    """The index as a hook would have it now."""
    return current(str(project), index_key())


def knows(project: Path, value: str) -> bool:
    """Whether `value` is known in the project."""
    return value.encode() in index_of(project).known(index_key())


def names(project: Path) -> list[tuple[str, str]]:
    """(file, variable) of each value."""
    index = index_of(project)
    return sorted(
        (str(index.files[int(str(file))][0]).rsplit("/", 1)[-1], str(name)) for file, _, name, _ in index.sources
    )
