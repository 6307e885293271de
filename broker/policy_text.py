"""Write a changed task policy into the text of its file: only the lines that change are touched, comments stay.

The result is believed only when it loads as exactly what was meant; a file of a shape that is not understood here (a
grant in one line, keys with dots) is an error that says what to write by hand.
"""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from broker import task_policy
from broker.errors import Conflict
from broker.grant import Grant
from broker.task_policy import TaskPolicy
from secretguard.errors import ConfigError

FIELDS = ("ttl", "max_issues", "max_leases", "rate")
"""What of a grant may be rewritten; `deadline` of the task beside it."""

_TABLE = re.compile(r"[ \t]*\[")
_GRANT = re.compile(r'[ \t]*\[grants\."?([a-z0-9_-]{1,64})"?(\.[^\]\n]*)?\][ \t]*(#.*)?')


def rewritten(texts: Mapping[str, str], old: TaskPolicy, new: TaskPolicy) -> str:
    """The text of `old`'s file, changed to say `new`. `texts` has the text of every task policy, by name.

    Raises Conflict where the text cannot be changed safely, or where another policy extends it and would be wider.
    """
    blocks = _blocks(texts[old.name])
    head = blocks[0][1]
    if new.deadline != old.deadline:
        named = next((at for at, line in enumerate(head, 1) if line.lstrip().startswith("name")), 0)
        head = _set(head, "deadline", new.deadline, after=named)
    lines, seen = list(head), set()
    for name, block in blocks[1:]:
        grant, before = new.grant(name), old.grant(name)
        if name and grant is None:
            continue
        if name and grant is not None and before is not None and _GRANT.fullmatch(block[0]).group(2) is None:  # type: ignore[union-attr]
            seen.add(name)
            block = _grant(block, before, grant)
        lines += block
    for grant in new.grants if new.grants != old.grants else ():
        if grant.name not in seen:  # inherited, and kept only where it is named beside the others
            lines += ["", f"[grants.{grant.name}]", *_grant([""], old.grant(grant.name) or grant, grant)[1:]]
    return _checked(texts, new, "\n".join(lines) + "\n", by_hand(old, new))


def by_hand(old: TaskPolicy, new: TaskPolicy) -> str:
    """The changes as a person would write them."""
    told = [f"deadline = {new.deadline}"] if new.deadline != old.deadline else []
    for before in old.grants:
        grant = new.grant(before.name)
        if grant is None:
            told.append(f"without [grants.{before.name}]")
            continue
        changed = [
            f"{name} = {getattr(grant, name)}" for name in FIELDS if getattr(grant, name) != getattr(before, name)
        ]
        told += [f"[grants.{before.name}] {', '.join(changed)}"] if changed else []
    return "; ".join(told)


def _blocks(text: str) -> list[tuple[str, list[str]]]:
    """The lines before the first table, then each table with its grant's name, "" for one that is no grant's."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if _TABLE.match(line):
            found = _GRANT.fullmatch(line)
            blocks.append((found.group(1) if found else "", []))
        blocks[-1][1].append(line)
    return blocks


def _grant(block: list[str], before: Grant, grant: Grant) -> list[str]:
    for name in FIELDS:
        if getattr(grant, name) != getattr(before, name):
            block = _set(block, name, getattr(grant, name), after=1)
    return block


def _set(lines: list[str], name: str, value: int, after: int) -> list[str]:
    """`name = value` in place of the line that says it, else as a line of its own at `after`."""
    key = re.compile(rf"([ \t]*{name}[ \t]*=[ \t]*)[0-9_]{{1,20}}([ \t]*(#.*)?)")
    for at, line in enumerate(lines):
        found = key.fullmatch(line)
        if found:
            return [*lines[:at], f"{found.group(1)}{value}{found.group(2)}", *lines[at + 1 :]]
    return [*lines[:after], f"{name} = {value}", *lines[after:]]


def _checked(texts: Mapping[str, str], new: TaskPolicy, text: str, meant: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        tasks = Path(folder) / "tasks"
        tasks.mkdir()
        for name, one in {**texts, new.name: text}.items():
            (tasks / f"{name}.toml").write_text(one, encoding="utf-8")
        try:
            says = task_policy.load(folder).get(new.name)
        except ConfigError as error:
            why = error.message.replace(f"{folder}/", "")
            raise Conflict(
                f"the narrower policy does not load: {why}", f"narrow by hand: {meant}", rule="narrow"
            ) from None
    if says is None or dataclasses.replace(says, digest=new.digest) != new:
        fix = f"change it by hand: {meant}"
        raise Conflict(f"tasks/{new.name}.toml is written in a way that is not changed here", fix, rule="narrow")
    return text
