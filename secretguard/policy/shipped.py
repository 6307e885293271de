"""The policy packs that are shipped with the program: what each is for, and a copy to edit. Not on the hot path."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from types import MappingProxyType

from secretguard.errors import ConfigError
from secretguard.policy.compiled import EXAMPLES, FACTS, RULES, packaged

BROKER, GATE = "broker", "gate"
"""What a pack may count on beside the guard: `broker serve` or `broker dev`, `secretguard gate` on the git server."""

SCHEMA, OWNERS = "facts.schema.json", "CODEOWNERS"
_SCHEMA_LINK = re.compile(r"\A#:schema [^\n]*\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Pack:
    """One pack: a sentence on who it is for, and what a machine with it has (BROKER, GATE)."""

    sentence: str
    has: frozenset[str]


PACKS: Mapping[str, Pack] = MappingProxyType(
    {
        "laptop": Pack(
            "One developer's own machine, the default: ordinary work goes on, what cannot be undone is asked.",
            frozenset(),
        ),
        "team": Pack(
            "A team with a broker and a git gate: production and customer data are reached by approved tasks.",
            frozenset({BROKER, GATE}),
        ),
        "regulated": Pack(
            "Under regulation: a project without a label is production, and two persons decide on its credentials.",
            frozenset({BROKER, GATE}),
        ),
    }
)


def owners_template() -> str:
    """The path of the CODEOWNERS template for a policy repository."""
    return packaged(OWNERS)


def copy(name: str, directory: str, owners: bool = False) -> list[str]:
    """Copy pack `name` into `directory`, to be edited there; the paths written, the facts' schema among them.

    `owners` adds the CODEOWNERS template. Raises ConfigError for an unknown pack, where any of the files is there
    already (then nothing is written), and where the folder cannot be written.
    """
    texts = {os.path.join(directory, file): text for file, text in _texts(name, owners).items()}
    standing = [path for path in texts if os.path.lexists(path)]
    if standing:
        raise ConfigError(f"{standing[0]} is there already", "name another folder, or move it away to start again")
    written: list[str] = []
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        for path, text in texts.items():
            _write(path, text)
            written.append(path)
    except OSError as error:
        for path in written:  # half a policy would deny everything
            os.unlink(path)
        raise ConfigError(f"{error.filename or directory}: {error.strerror}") from None
    return written


def _texts(name: str, owners: bool) -> dict[str, str]:
    if name not in PACKS:
        raise ConfigError(f"{name}: no pack of that name", f"packs: {', '.join(PACKS)}")
    texts = {file: _read(os.path.join(packaged(name), file)) for file in (RULES, FACTS, EXAMPLES)}
    texts[FACTS] = _SCHEMA_LINK.sub(f"#:schema ./{SCHEMA}\n", texts[FACTS])
    texts[SCHEMA] = _read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema", SCHEMA))
    if owners:
        texts[OWNERS] = _read(owners_template())
    return texts


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    """A new file, never over one that is there, whatever came between; writable by this user alone, as policy must."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        os.unlink(path)
        raise
