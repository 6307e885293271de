"""`facts.toml`: which paths and hosts carry which label. Strict: every error names file and line. Not on the hot path.

The published form is `schema/facts.schema.json`; a test holds the two together.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping

from secretguard.errors import ConfigError
from secretguard.policy.glob import MAX_PATTERN
from secretguard.policy.request import DATA, ENVIRONMENTS

MAX_ENTRIES = 500
"""Patterns in one file; the hook compares them one by one."""

MAX_DOTS = 50
"""Dots of one line that stand outside of texts and remarks."""

_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")

ANYWHERE = ("/", "~/", "**/")
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "environment": ("default", *ENVIRONMENTS),
    "data": ("default", *DATA),
    "production": ("paths",),
    "protected": ("paths",),
    "hosts": ENVIRONMENTS,
    "owners": ("engineering", "security"),
    "observe": ("until", "mandatory"),
    "repository": ("ref",),
}
LONGEST_OBSERVATION = 90
"""Days ahead that the end of observe mode may lie: a trial that never ends is no protection."""

SECRETS = "secrets"
"""In `observe.mandatory`: the guard's own rules about secrets in texts, redaction among them."""

_FIXES = {
    "owners": "write jwt:ISSUER:SUBJECT or jwt:ISSUER:group:NAME, as the broker names callers",
    "observe": f"name rules of rules.cedar, or {SECRETS!r} for the guard's own rules about secrets in texts",
}
_AROUND = " \t\"'"
_OWNER = re.compile(r"jwt:[^\s*:]+:[^\s*]+")
MAX_OWNER = 700
_REF = re.compile(r"refs/[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}){1,10}")
_RULE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+){0,20}")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,20}")


def parse(text: str, name: str, partial: bool = False) -> dict[str, object]:
    """The facts as one document: section → key → default label, text or list of patterns; nothing is left out.

    `partial`: those of a layer that only tightens, which may leave the defaults out ("" then).
    Raises ConfigError `name:line:` for TOML errors, unknown sections or keys, unknown labels and malformed patterns.
    """
    document = toml_of(text, name)
    _only(document, ("version", *SECTIONS), text, name, "")
    if document.get("version") != 1:
        raise ConfigError(f"{name}:{line_of(text, '', 'version')}: version must be 1", "write `version = 1` at the top")
    facts: dict[str, dict[str, object]] = {}
    entries = 0
    for section, keys in SECTIONS.items():
        table = document.get(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{name}:{line_of(text, '', section)}: [{section}] must be a table")
        _only(table, keys, text, name, section)
        known = [key for key in keys if not (partial and key == "default" and key not in table)]
        facts[section] = {"default": ""} if len(known) < len(keys) else {}
        facts[section] |= {key: _value(section, key, table.get(key), text, name) for key in known}
        entries += sum(len(value) for value in table.values() if isinstance(value, list))
    if entries > MAX_ENTRIES:
        raise ConfigError(f"{name}:1: {entries} patterns, more than {MAX_ENTRIES}", "use ** instead of listing files")
    return dict(facts)


def toml_of(text: str, name: str) -> dict[str, object]:
    """`text` read as TOML. Raises ConfigError `name:line:`, also for keys of many parts: `tomllib` takes the square of
    their number, which is minutes for a file of the size that is read."""
    for number, said in enumerate(text.split("\n"), 1):
        if said.count(".") > MAX_DOTS and _QUOTED.sub("", said).partition("#")[0].count(".") > MAX_DOTS:
            raise ConfigError(f"{name}:{number}: more than {MAX_DOTS} dots outside of texts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = line.group(1) if line else str(text.count("\n") + 1)
        raise ConfigError(f"{name}:{where}: not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{name}:1: nested too deeply") from None


def _only(table: Mapping[str, object], known: tuple[str, ...], text: str, name: str, section: str) -> None:
    for key in table:
        if key not in known:
            kind = f"key {key} in [{section}]" if section else f"key or section {key}"
            raise ConfigError(f"{name}:{line_of(text, section, key)}: unknown {kind}", f"known: {', '.join(known)}")


def _value(section: str, key: str, value: object, text: str, name: str) -> object:
    if key == "default":
        return _default(section, value, text, name)
    if key in ("until", "ref"):
        return (_until if key == "until" else _ref)(value, f"{name}:{line_of(text, section, key)}")
    patterns = [] if value is None else value
    if not isinstance(patterns, list):
        raise ConfigError(f"{name}:{line_of(text, section, key)}: {section}.{key} must be a list of patterns")
    for pattern in patterns:
        fault = _fault(section, pattern)
        if fault:
            line = line_of(text, section, key, f'"{pattern}"' if isinstance(pattern, str) else str(pattern))
            raise ConfigError(
                f"{name}:{line}: {section}.{key}: {fault}",
                _FIXES.get(section, "? is one character, * stays within a name, ** spans folders"),
            )
    return patterns


def _default(section: str, value: object, text: str, name: str) -> str:
    labels = ENVIRONMENTS if section == "environment" else DATA
    if not isinstance(value, str) or value not in labels:
        line = line_of(text, section, "default")
        raise ConfigError(f"{name}:{line}: [{section}] needs a default", f"one of: {', '.join(labels)}")
    return value


def _until(value: object, where: str) -> str:
    """The last day (UTC) of observe mode as an ISO date, "" where it is not on."""
    if value is None:
        return ""
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise ConfigError(f"{where}: observe.until must be a date", "write it without quotes: until = 2026-12-31")
    latest = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=LONGEST_OBSERVATION)
    if value > latest:
        raise ConfigError(
            f"{where}: observe.until is more than {LONGEST_OBSERVATION} days ahead", f"the latest today: {latest}"
        )
    return value.isoformat()


def _ref(value: object, where: str) -> str:
    """The full name of the protected branch, "" where the usual ones are meant."""
    if value is None:
        return ""
    if not isinstance(value, str) or not _REF.fullmatch(value) or ".." in value or value.endswith(".lock"):
        raise ConfigError(f"{where}: repository.ref must be the full name of a ref", 'e.g. "refs/remotes/origin/main"')
    return value


def _fault(section: str, pattern: object) -> str:
    """What is wrong with one pattern, in words, or ""."""
    if section == "observe":
        known = isinstance(pattern, str) and len(pattern) <= MAX_PATTERN and _RULE.fullmatch(pattern)
        return "" if known else f"{pattern!r} is not the id of a rule, and not {SECRETS!r}"
    if section == "owners":
        named = isinstance(pattern, str) and len(pattern) <= MAX_OWNER and _OWNER.fullmatch(pattern)
        return "" if named else f"{str(pattern)[:80]!r} names nobody"
    if not isinstance(pattern, str) or not pattern or len(pattern) > MAX_PATTERN:
        return f"a pattern is a text of 1 to {MAX_PATTERN} characters"
    if section == "hosts":
        return "" if _HOST.fullmatch(pattern) else f"{pattern!r} is not a lower-case host name or *.host name"
    names = pattern.removeprefix("/").removeprefix("~/").split("/")
    if any(name in {"", ".", "..", "~"} or ("**" in name and name != "**") for name in names):
        return f"{pattern!r} has an empty, `.` or `..` segment, or a ** that is not a segment of its own"
    if section == "production":
        return f"{pattern!r} must be relative to the repository" if pattern.startswith(("/", "~")) else ""
    return "" if pattern.startswith(ANYWHERE) else f"{pattern!r} must start with one of {' '.join(ANYWHERE)}"


def line_of(text: str, section: str, key: str, value: str = "") -> int:
    """The line of a key, or of a value in its list, as usually written; else of its section; else 1."""
    current, found, inside = "", 1, False
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words.startswith("[") and not inside:
            current = words.lstrip("[").partition("]")[0].strip(_AROUND)
            if current == section or (not section and current.split(".")[0] == key):
                found = number
        elif current == section and words.partition("=")[0].strip(_AROUND) == key:
            found, inside = number, True
        if inside and (not value or value in line):
            return number
    return found
