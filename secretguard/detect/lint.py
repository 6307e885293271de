"""What a rule must keep to, checked when the pack is built and in the tests.

Stage 1 has a known false negative for unbounded gaps that cross a line end (Vectorscan issue 382), and stage 2 looks
at a window of the line round a hit; so no pattern may match a line end, and every pattern has a bounded width. Linear
time follows: `re` never sees more than the window, and no group that repeats may itself repeat without bound.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from secretguard.detect.judge import JUDGES
from secretguard.detect.rule import Rule

MAX_WIDTH = 12_000
"""Longest text in bytes that one pattern may match."""

_DOTALL = re.compile(r"\(\?[a-z]*s[a-z-]*[:)]")
_NEWLINE = re.compile(rb"\n")


def problems(rule: Rule) -> list[str]:
    """Everything that is wrong with `rule`, in words; empty when it may go into the pack."""
    found = [f"{rule.id}: {text}" for text in _form(rule)]
    for pattern in rule.patterns:
        confirm, find = _pattern(pattern.confirm), _pattern(pattern.stage1)
        found += [f"{rule.id}: confirm: {problem}" for problem in confirm]
        found += [f"{rule.id}: find: {problem}" for problem in find or _around(pattern.stage1)]
    return found


def _form(rule: Rule) -> list[str]:
    found = []
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id):
        found.append("the id is not kebab-case")
    if len(rule.examples) < 2 or len(rule.near_misses) < 2:
        found.append("needs two examples and two near misses")
    if rule.judge not in JUDGES:
        found.append(f"no judge is called {rule.judge!r}")
    if not rule.url.startswith("https://") or not rule.revoke.endswith("."):
        found.append("needs an https reference and a sentence on how to revoke")
    return found


def _pattern(text: str) -> list[str]:
    try:
        tree = _parser().parse(text.encode())
    except re.error as error:
        return [f"not a regular expression: {error}"]
    found = []
    widest = int(tree.getwidth()[1])
    if widest > MAX_WIDTH:
        found.append(f"may match {widest} bytes; the most is {MAX_WIDTH}")
    if _DOTALL.search(text):
        found.append("`.` would match a line end: no (?s)")
    if any(_takes_newline(op, argument) for op, argument in _nodes(tree)):
        found.append("may match a line end")
    return found


def width(text: str) -> int:
    """The longest text in bytes that the pattern can match."""
    return int(_parser().parse(text.encode()).getwidth()[1])


def _parser() -> Any:
    return importlib.import_module("re._parser")  # private, and the only place in the standard library that knows


def _around(text: str) -> list[str]:
    """What stage 1 refuses, or what its two engines would read differently."""
    refused = ("ASSERT", "ASSERT_NOT", "GROUPREF", "ATOMIC_GROUP", "MIN_REPEAT", "POSSESSIVE_REPEAT")
    found = any(str(op) in refused for op, _ in _nodes(_parser().parse(text.encode())))
    return ["look-around, back-references and lazy quantifiers are for `confirm`"] if found else []


def _nodes(tree: Any) -> list[tuple[Any, Any]]:
    """Every (operator, argument) of a parse tree that can consume text; look-around consumes none."""
    found: list[tuple[Any, Any]] = []
    for op, argument in tree:
        found.append((op, argument))
        if str(op) not in ("ASSERT", "ASSERT_NOT"):
            for child in _children(argument):
                found += _nodes(child)
    return found


def _children(argument: Any) -> list[Any]:
    tree = _parser().SubPattern
    if isinstance(argument, tree):
        return [argument]
    if isinstance(argument, list | tuple):
        return [child for item in argument for child in _children(item)]
    return []


def _takes_newline(op: Any, argument: Any) -> bool:
    name = str(op)
    if name == "LITERAL":
        return bool(argument == 10)
    if name == "NOT_LITERAL":
        return bool(argument != 10)
    if name == "ANY":
        return False  # `.` without DOTALL
    return name == "IN" and bool(_NEWLINE.search(_members(argument)))


def _members(items: Any) -> bytes:
    """The bytes that a character class can match."""
    inside: set[int] = set()
    negated = False
    for op, argument in items:
        name = str(op)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            inside.add(argument)
        elif name == "RANGE":
            inside.update(range(argument[0], argument[1] + 1))
        else:
            inside.update(_category(str(argument)))
    return bytes(set(range(256)) - inside) if negated else bytes(inside)


_CATEGORIES = {"DIGIT": rb"\d", "SPACE": rb"\s", "WORD": rb"\w"}


def _category(name: str) -> set[int]:
    kind = name.rsplit("_", 1)[-1]
    matches = re.compile(_CATEGORIES[kind])
    members = {byte for byte in range(256) if matches.match(bytes([byte]))}
    return set(range(256)) - members if "NOT" in name else members
