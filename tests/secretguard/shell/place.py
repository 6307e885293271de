"""Where the commands of these tests run, and which of their paths are labelled secret."""

from __future__ import annotations

from secretguard.shell.analyse import Analysis, analyse
from secretguard.shell.words import Command, Place

HERE = Place("/w/project", "/w/project", "/home/dev")


def is_secret(path: str) -> bool:
    """`.env` files, keys and what lies in `~/.ssh` are secret here."""
    return path.endswith((".env", ".pem", "id_rsa")) or path.startswith("/home/dev/.ssh/")


def seen(command: str) -> Analysis:
    """The analysis of `command`, run in the project."""
    return analyse(command, HERE, is_secret)


def effects(command: str) -> set[str]:
    """The effects of `command`, opaque included."""
    return {observation.effect for observation in seen(command).observations}


def families(command: str, effect: str) -> set[str]:
    """The families in which `command` has `effect`."""
    return {o.family for o in seen(command).observations if o.effect == effect}


def words(*given: str) -> Command:
    """A simple command of these words."""
    return Command(list(given), HERE)
