"""Which lines a plugin of detect-secrets can have anything to say about, found out for a whole text at once.

detect-secrets asks every plugin about every line. Here a plugin is asked about a line only if the line holds one of the
texts that its expressions cannot match without; these are read off the expressions themselves, so a plugin of
somebody's own that is a plain list of expressions gains too. What cannot be told is asked about every line.
"""

from __future__ import annotations

import importlib
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

_FOLDS_TO_ASCII = "\u0130\u0131\u017f"
"""Letters that match `i` or `s` where case is ignored, and that `str.lower` does not make into them."""

_MOST = 32
"""Texts that are looked for in the place of one expression, at most."""

_WEAK = 3
"""A shorter text is on too many lines: better to search the whole text with the expression, where that is the same."""


@dataclass(frozen=True, slots=True)
class Needles:
    """A line that an expression matches holds one of `texts`; in lower case, if `folded` says that case is ignored."""

    texts: frozenset[str]
    folded: bool

    @property
    def shortest(self) -> int:
        """Characters of the shortest of them."""
        return min(map(len, self.texts))


class Sieve:
    """The plugins of one set of settings, each with what a line has to hold for it."""

    def __init__(self, plugins: list[Any]) -> None:
        from detect_secrets.plugins import high_entropy_strings as high

        entropy = (high.Base64HighEntropyString, high.HexHighEntropyString)
        self._searches: list[tuple[re.Pattern[str], ...]] = []
        """By plugin: it sees nothing in a line unless one of these matches; empty where that is not known."""
        self._everywhere: list[int] = []
        self._needles: list[tuple[int, Needles]] = []
        self._whole: list[tuple[int, re.Pattern[str]]] = []
        self._entropy: list[tuple[int, re.Pattern[str], float]] = []
        for number, plugin in enumerate(plugins):
            searches = _expressions(plugin)
            self._searches.append(searches)
            if type(plugin) in entropy:
                self._entropy.append((number, plugin.regex, plugin.entropy_limit))
            elif not searches or not all(self._place(number, one) for one in searches):
                self._everywhere.append(number)

    def _place(self, number: int, expression: re.Pattern[str]) -> bool:
        """Take up one of a plugin's expressions; false where every line has to be asked about."""
        needles = required(expression)
        if (needles is None or needles.shortest < _WEAK) and within_lines(expression):
            self._whole.append((number, expression))
        elif needles is not None:
            self._needles.append((number, needles))
        return needles is not None or (number, expression) in self._whole

    def may_see(self, plugin: int, line: str) -> bool:
        """Whether the plugin of this number can see anything in a line, which has no white space at its end."""
        searches = self._searches[plugin]
        return not searches or any(one.search(line) for one in searches)

    def candidates(self, lines: list[str]) -> Iterator[tuple[int, list[int]]]:
        """Line numbers from 1, rising, each with the plugins that are to be asked about it, in their order."""
        lines = [line.rstrip() for line in lines]  # as the plugins see them
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        text = "\n".join(lines)
        everywhere, hits = set(self._everywhere), [set[int]() for _ in lines]
        for number, found in self._found(text):
            if found is None:
                everywhere.add(number)
            else:
                for position in found:
                    hits[bisect_right(starts, position) - 1].add(number)
        for line_number, asked in enumerate(hits, 1):
            if everywhere or asked:
                yield line_number, sorted(everywhere | asked)

    def _found(self, text: str) -> Iterator[tuple[int, Iterable[int] | None]]:
        """Each plugin with the positions in `text` that may interest it; None: all of it may."""
        odd = not text.isascii() and any(letter in text for letter in _FOLDS_TO_ASCII)
        lower = text if odd else text.lower()
        for number, one in self._needles:
            yield number, None if one.folded and odd else _positions(lower if one.folded else text, one.texts)
        for number, expression in self._whole:
            yield number, (match.start() for match in expression.finditer(text))
        for number, quoted, limit in self._entropy:
            found = quoted.finditer(text)
            yield number, (match.start() for match in found if may_exceed(match[2], limit))


def _expressions(plugin: Any) -> tuple[re.Pattern[str], ...]:
    """Expressions one of which matches every line in which the plugin sees anything; none where it is not known."""
    from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
    from detect_secrets.plugins.jwt import JwtTokenDetector
    from detect_secrets.plugins.keyword import DENYLIST, KeywordDetector

    kind = type(plugin)
    if kind is KeywordDetector:
        return (re.compile("|".join(DENYLIST), re.IGNORECASE),)
    plain = (
        isinstance(plugin, RegexBasedDetector)
        and kind.analyze_line is BasePlugin.analyze_line
        and (kind.analyze_string is RegexBasedDetector.analyze_string or kind is JwtTokenDetector)
    )
    listed = tuple(plugin.denylist) if plain else ()
    return listed if all(isinstance(one, re.Pattern) and isinstance(one.pattern, str) for one in listed) else ()


def _positions(text: str, needles: Iterable[str]) -> Iterator[int]:
    """Where a needle stands, once a line and needle at most."""
    for needle in needles:
        at = text.find(needle)
        while at >= 0:
            yield at
            line_end = text.find("\n", at)
            at = text.find(needle, line_end) if line_end >= 0 else -1


def may_exceed(value: str, limit: float) -> bool:
    """Whether the plugins can find the entropy of `value` (bits a character) above `limit`; rounding never decides."""
    size = len(value)
    if size < 2 ** (limit - 0.01):  # even if all its characters differ
        return False
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) > limit - 1e-6


def required(expression: re.Pattern[str]) -> Needles | None:
    """Texts one of which is in whatever `expression` matches; None where there is no such set, or no small one."""
    parser = importlib.import_module("re._parser")  # private, and the only place in the standard library that knows
    try:
        tree = parser.parse(expression.pattern, expression.flags)
    except (re.error, RecursionError, OverflowError):
        return None
    folded = bool(expression.flags & re.IGNORECASE) or _sets(tree, re.IGNORECASE)
    texts = _required(tree, folded)
    return Needles(texts, folded) if texts else None


def _required(tree: Any, folded: bool) -> frozenset[str]:
    """The best set of a sequence: whose shortest text is longest. Empty where there is none."""
    found: list[frozenset[str]] = []
    run = [""]
    for op, argument in tree:
        letters = _letters(str(op), argument, folded)
        if letters and len(run) * len(letters) <= _MOST:
            run = [begun + letter for begun in run for letter in letters]
            continue
        found.append(frozenset(run))
        run = list(letters) if letters and len(letters) <= _MOST else [""]
        found.append(_inner(str(op), argument, folded))
    found.append(frozenset(run))
    usable = [texts for texts in found if texts and "" not in texts and len(texts) <= _MOST]
    return max(usable, key=lambda texts: (min(map(len, texts)), -len(texts)), default=frozenset())


def _letters(op: str, argument: Any, folded: bool) -> list[str]:
    """The characters that an item of one character can match, if they are few and certain."""
    members = [("LITERAL", argument)] if op == "LITERAL" else argument if op == "IN" else []
    if any(str(kind) != "LITERAL" for kind, _ in members):
        return []
    letters = sorted({chr(code).lower() if folded else chr(code) for _, code in members})
    return [] if folded and not all(letter.isascii() for letter in letters) else letters


def _inner(op: str, argument: Any, folded: bool) -> frozenset[str]:
    if op == "BRANCH":
        branches = [_required(branch, folded) for branch in argument[1]]
        return frozenset().union(*branches) if all(branches) else frozenset()
    if op == "SUBPATTERN":
        return _required(argument[3], folded)
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and argument[0] >= 1:
        return _required(argument[2], folded)
    return frozenset()


def _sets(tree: Any, flag: re.RegexFlag) -> bool:
    """Whether a part of the expression sets `flag` for itself, as in `(?i:...)`."""
    return any(str(op) == "SUBPATTERN" and argument[1] & flag for op, argument in _items(tree))


def within_lines(expression: re.Pattern[str]) -> bool:
    """Whether a search of a whole text matches in exactly the lines in which a search of each line would.

    So it is where no part can match a line end and no part can tell a line end from the end of the text.
    """
    parser = importlib.import_module("re._parser")
    try:
        tree = parser.parse(expression.pattern, expression.flags)
    except (re.error, RecursionError, OverflowError):
        return False
    dots = bool(expression.flags & re.DOTALL) or _sets(tree, re.DOTALL)
    return not dots and all(_stays(str(op), argument) for op, argument in _items(tree))


_NEUTRAL = ("SUBPATTERN", "BRANCH", "MAX_REPEAT", "MIN_REPEAT", "ASSERT", "ASSERT_NOT", "GROUPREF")
_BOUNDARIES = ("AT_BOUNDARY", "AT_NON_BOUNDARY")
_NEWLINE = 10


def _stays(op: str, argument: Any) -> bool:
    if op == "AT":
        return str(argument) in _BOUNDARIES
    if op == "IN":
        return not _has_newline(argument)
    if op == "LITERAL":
        return bool(argument != _NEWLINE)
    if op == "NOT_LITERAL":
        return bool(argument == _NEWLINE)
    return op == "ANY" or op in _NEUTRAL


def _has_newline(members: Any) -> bool:
    inside = negated = False
    for kind, argument in members:
        name = str(kind)
        if name == "NEGATE":
            negated = True
        elif name == "CATEGORY":
            inside |= str(argument) in ("CATEGORY_SPACE", "CATEGORY_NOT_DIGIT", "CATEGORY_NOT_WORD")
        elif name == "RANGE":
            inside |= argument[0] <= _NEWLINE <= argument[1]
        else:
            inside |= name != "LITERAL" or argument == _NEWLINE
    return inside != negated


def _items(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every (operator, argument) of a parse tree, those of look-around too."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, type(tree)):
            yield from node
            pending += [argument for _, argument in node]
        elif isinstance(node, tuple | list):
            pending += node
