"""What a gitleaks configuration says: `.gitleaks.toml`, and the fingerprints of `.gitleaksignore`.

Written from gitleaks 8.30's documentation of both files; betterleaks reads the same ones. Expressions are Go's (RE2):
where google-re2 is not installed they are read by `re`, if it can read them and cannot be made to take for ever.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from secretguard.errors import ConfigError

LARGEST = 4 * 1024 * 1024
"""Bytes of a configuration that are read."""

Span = tuple[int, int]
Search = Callable[[str], list[Span]]
"""Where an expression matches in a text, from the left."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression of the configuration, as it was written and ready to be used."""

    text: str
    search: Search


@dataclass(frozen=True, slots=True)
class Allowlist:
    """What is allowed, for the rules named or, where none is, for all. `where` is how the file calls it.

    `target` says what `regexes` are held against: secret, match or line. With `every` all kinds must apply, else any.
    """

    where: str
    rules: tuple[str, ...] = ()
    paths: tuple[Expression, ...] = ()
    regexes: tuple[Expression, ...] = ()
    stopwords: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    target: str = "secret"
    every: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration: allowlists, the project's own rules (`rules`: id → expression, None where it is none of ours to
    read), and what was not understood or is not carried over, in sentences."""

    allowlists: tuple[Allowlist, ...]
    rules: dict[str, Expression | None]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A line of `.gitleaksignore`: a finding of `rule` in line `line` (from 1) of `path`, in one commit or in all."""

    number: int
    path: str
    rule: str
    line: int
    commit: str = ""


def fingerprints(name: str, text: str) -> tuple[list[Fingerprint], list[str]]:
    """The lines of `.gitleaksignore`, and a sentence about each that is none. Comments begin with `#`."""
    found, notes = [], []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        match = re.fullmatch(r"(?:([0-9a-f]{7,64}):)?(.+):([^:]+):([0-9]{1,9})", entry)
        if match is None:
            notes.append(f"{name}:{number}: not a fingerprint of file:rule:line")
        else:
            found.append(Fingerprint(number, match[2], match[3], int(match[4]), match[1] or ""))
    return found, notes


def config(name: str, text: str) -> Config:
    """The configuration in `text`. Raises ConfigError for what is no TOML; what is strange in it is noted."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{name}: not TOML: {error}") from None
    notes: list[str] = []
    lists = _lists(name, document, (), notes)
    rules: dict[str, Expression | None] = {}
    for number, rule in enumerate(_tables(name, document.get("rules"), "rules", notes)):
        id_ = rule.get("id")
        if not isinstance(id_, str):
            notes.append(f"{name}: rules[{number}]: has no id")
            continue
        regex = rule.get("regex")
        rules[id_] = _expression(f"{name}: rule {id_}", regex, notes) if isinstance(regex, str) else None
        lists += _lists(f"{name}: rule {id_}", rule, (id_,), notes)
    notes += _extended(name, document.get("extend"))
    return Config(tuple(lists), rules, tuple(notes))


def _extended(name: str, extend: Any) -> list[str]:
    """What `[extend]` takes from elsewhere."""
    if not isinstance(extend, dict):
        return []
    notes = [
        f"{name}: extend.{what} = {extend[what]!r}: not followed; migrate that file with --config, too"
        for what in ("path", "url")
        if extend.get(what)
    ]
    if isinstance(disabled := extend.get("disabledRules"), list):
        notes += [
            f"{name}: extend.disabledRules: {one}: our rules stay on; what they find can be accepted"
            for one in disabled
        ]
    return notes


def _lists(name: str, table: dict[str, Any], rules: tuple[str, ...], notes: list[str]) -> list[Allowlist]:
    """The allowlists of a document or a rule, in the spelling of today and the one before."""
    found = []
    for key in ("allowlist", "allowlists"):
        value = table.get(key)
        tables = [value] if isinstance(value, dict) else value
        for number, entry in enumerate(_tables(name, tables, key, notes)):
            where = f"{name}: {key}" + (f"[{number}]" if key == "allowlists" else "")
            targets = _texts(where, entry, "targetRules", notes)
            found.append(_allowlist(where, entry, rules or tuple(targets), notes))
    return found


def _tables(name: str, value: Any, key: str, notes: list[str]) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        notes.append(f"{name}: {key}: not a list of tables")
        return []
    return value


def _allowlist(where: str, entry: dict[str, Any], rules: tuple[str, ...], notes: list[str]) -> Allowlist:
    paths, regexes = (
        tuple(
            one
            for number, text in enumerate(_texts(where, entry, key, notes))
            if (one := _expression(f"{where}: {key}[{number}]", text, notes))
        )
        for key in ("paths", "regexes")
    )
    known = {"description", "paths", "regexes", "stopwords", "commits", "regexTarget", "condition", "targetRules"}
    notes += [f"{where}: {key}: not known here" for key in sorted(entry.keys() - known)]
    target = str(entry.get("regexTarget", "secret")).lower()
    every = str(entry.get("condition", "or")).lower() in ("and", "&&")
    stopwords, commits = (tuple(_texts(where, entry, key, notes)) for key in ("stopwords", "commits"))
    if every and (len(paths), len(regexes)) != tuple(len(entry.get(key, ())) for key in ("paths", "regexes")):
        notes.append(f"{where}: condition AND with an expression that cannot be read: left out")
        return Allowlist(where)
    return Allowlist(where, rules, paths, regexes, stopwords, commits, target, every)


def _texts(where: str, entry: dict[str, Any], key: str, notes: list[str]) -> list[str]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        notes.append(f"{where}: {key}: not a list of texts")
        return []
    return value


def _expression(where: str, text: str, notes: list[str]) -> Expression | None:
    try:
        return Expression(text, _search(text))
    except ValueError as error:
        notes.append(f"{where}: {error}")  # without its text: allowlists quote secrets
        return None


def _search(text: str) -> Search:
    """The expression, ready. Raises ValueError where it cannot be read, or not be used safely."""
    try:
        re2 = importlib.import_module("re2")
    except ImportError:
        return _with_re(text)
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(text, options)
    except re2.error:
        raise ValueError("not an expression of RE2") from None
    return lambda where: [match.span() for match in compiled.finditer(where)]


def _with_re(text: str) -> Search:
    """The same by the standard library, whose time is not bounded by itself."""
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise ValueError(f"cannot be read here: {error}") from None
    if _repeats_repeats(text):
        raise ValueError("may take for ever here; install google-re2")
    return lambda where: [match.span() for match in compiled.finditer(where)]


def _repeats_repeats(text: str) -> bool:
    """Whether something that repeats without end is inside of something that does."""
    parser = importlib.import_module("re._parser")
    pending: list[tuple[Any, bool]] = [(parser.parse(text), False)]
    while pending:
        node, inside = pending.pop()
        if isinstance(node, parser.SubPattern):
            for op, argument in node:
                endless = str(op) in ("MAX_REPEAT", "MIN_REPEAT") and argument[1] is parser.MAXREPEAT
                if endless and inside:
                    return True
                pending.append((argument, inside or endless))
        elif isinstance(node, list | tuple):
            pending += [(one, inside) for one in node]
    return False


def overlaps(spans: Sequence[Span], other: Span) -> bool:
    """Whether one of the spans shares a character with the other."""
    return any(start < other[1] and other[0] < end for start, end in spans)


def any_of(expressions: Sequence[Expression], text: str) -> bool:
    """Whether one of them matches somewhere in `text`."""
    return any(one.search(text) for one in expressions)
