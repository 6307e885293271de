"""The commands that the pages show, against the command line itself."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"(?:    |\t)\s*(?:\$ )?((?:secretguard|broker) \S.*)")
"""A line of a code block that begins with one of the two programs."""


def shown(text: str) -> Iterator[str]:
    """The commands in the code blocks of a page."""
    for line in text.splitlines():
        if found := SHOWN.match(line):
            yield found[1]


def words_of(command: str) -> list[str]:
    """The words of a command as a shell reads them, up to a comment, a pipe, a redirection or the next command."""
    reader = shlex.shlex(command, posix=True, punctuation_chars=True)
    reader.wordchars += ":,@+%^[]{}$"
    words: list[str] = []
    for word in reader:
        if set(word) <= set("();<>|&"):
            break
        words.append(word)
    return words


def refused(words: list[str]) -> str:
    """Why the command line would not take these words, or ""; that a file does not exist here is no reason."""
    target = importlib.import_module(f"{words[0]}.cli").COMMANDS.get(words[1])
    if target is None:
        return f"no command {words[1]}"
    module, attribute = target.split(":")
    group: click.Command = getattr(importlib.import_module(module), attribute)
    context, rest = click.Context(group, info_name=words[1]), words[2:]
    try:
        while isinstance(group, click.Group) and rest and not rest[0].startswith("-"):
            name, found, rest = group.resolve_command(context, rest)
            assert found is not None
            group, context = found, click.Context(found, info_name=name, parent=context)
        group.make_context(words[-1], list(rest))
    except click.exceptions.Exit:  # --help, --version
        return ""
    except click.UsageError as error:
        there = isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter)
        return "" if there and ("does not exist" in str(error) or "No such file" in str(error)) else str(error)
    return ""


@pytest.mark.parametrize("page", ["README.md", *(f"docs/guide/{p.name}" for p in (ROOT / "docs/guide").glob("*.md"))])
def test_each_command_of_a_page_is_one(page: str) -> None:
    """Each command in a page's code blocks exists, with these options and arguments."""
    found = {command: refused(words_of(command)) for command in shown((ROOT / page).read_text())}
    assert {command: why for command, why in found.items() if why} == {}


@pytest.mark.parametrize(
    "command",
    [
        "broker task kill TASK",
        "secretguard audit verify --pins x",
        "secretguard polcy check",
        "broker log ship --follow",
    ],
)
def test_a_command_that_is_none_is_told(command: str) -> None:
    """A missing option, an unknown one and an unknown command are refused by this check."""
    assert refused(words_of(command))
