"""Patterns over names that others choose: subjects, claims, SPIFFE paths. Pure, and linear in the text.

`*` stands for any letters of one segment, `**` for any letters at all; segments end at `/` and `:`. So
`repo:acme/*:environment:production` says nothing about another organisation, whatever a branch or fork is called.
"""

from __future__ import annotations

import re

MAX_TEXT = 4096
"""A longer text matches nothing."""

_ANY, _SEGMENT = "**", "*"
_ENDS = "/:"


def matches(pattern: str, text: str) -> bool:
    """Does the whole of `text` fit? Without a star that is equality."""
    if "*" not in pattern:
        return pattern == text
    if len(text) > MAX_TEXT:
        return False
    tokens = _tokens(pattern)
    here = _skipped(tokens, {0})
    for letter in text:
        here = _skipped(tokens, {to for at in here if (to := _step(tokens, at, letter)) is not None})
        if not here:
            return False
    return len(tokens) in here


def covers(wide: str, narrow: str) -> bool:
    """Does `wide` fit every text that `narrow` fits? A True is certain; a False may be too careful."""
    tokens = _tokens(wide)
    here = _skipped(tokens, {0})
    for one in _tokens(narrow):
        if one == _ANY:
            here = _skipped(tokens, {at for at in here if at < len(tokens) and tokens[at] == _ANY})
        else:
            here = _skipped(tokens, {to for at in here if (to := _step(tokens, at, one)) is not None})
    return len(tokens) in here


def _tokens(pattern: str) -> list[str]:
    return re.findall(r"(?s)\*\*|.", pattern)


def _step(tokens: list[str], at: int, letter: str) -> int | None:
    """The place in the pattern after `letter`; None where it does not fit. A star stays where it is."""
    token = tokens[at] if at < len(tokens) else None
    if token == _ANY or (token == _SEGMENT and letter not in _ENDS):
        return at
    return at + 1 if token == letter else None


def _skipped(tokens: list[str], places: set[int]) -> set[int]:
    """`places`, and those behind stars, which may stand for nothing."""
    for at in sorted(places):
        while at < len(tokens) and tokens[at] in (_ANY, _SEGMENT):
            at += 1
            places.add(at)
    return places
