"""A baseline on disk: JSON that detect-secrets reads, with a line for each entry so that git merges it line by line.

    {
      "version": "1.5.0",
      "plugins_used": [
        {"name": "AWSKeyDetector"}
      ],
      "results": {"": [
      ], "a.py": [{"type": ..., "filename": "a.py", "hashed_secret": ...}
        ,{"type": ..., "filename": "a.py", "hashed_secret": ...}
      ], "b.py": [{"type": ..., "filename": "b.py", "hashed_secret": ...}
      ]}
    }

A line that adds an entry leaves all others as they are, unless it comes first in its file: the first of a file closes
the list before it, the first list of all is empty, and the last line closes the last. Whatever lines `merge=union`
then keeps of two branches is JSON. The name of a file may come twice in it, and an entry stand under the name of
another file: both lists count, and an entry belongs to the file that it names (docs/adr/0017).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from secretguard.errors import ConfigError
from secretguard.whole_file import replace

MAX_BYTES = 64 * 1024 * 1024
"""Longest baseline file that is read."""

Document = dict[str, Any]

_ORDER = ("type", "filename", "hashed_secret", "is_verified", "line_number", "is_secret", "by", "why", "until")
_MARK = re.compile(r"(<{7,}|\|{7,}|={7,}|>{7,})(?: .*)?")


def read(path: str) -> Document:
    """The document in a baseline file. Raises ConfigError, naming file and line, for what is no JSON object."""
    return parse(path, contents(path))


def contents(path: str) -> str:
    """The text of a baseline file. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        fix = f"secretguard baseline create {path}" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(f"{path}: {error.strerror}", fix) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}: longer than {MAX_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not a JSON text: no UTF-8") from None


def parse(path: str, text: str) -> Document:
    """The document in `text`; lists under one name are one list. Raises ConfigError, naming `path` and the line."""
    try:
        document: Any = json.loads(text, object_pairs_hook=_joined)
    except json.JSONDecodeError as error:
        conflict = next((number for number, line in _lines(text) if line.startswith("<<<<<<<")), 0)
        if conflict:
            fix = f"secretguard baseline merge {path}   takes both sides"
            raise ConfigError(f"{path}:{conflict}: a merge that git could not finish", fix) from None
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):  # a number of too many digits; brackets too deep
        raise ConfigError(f"{path}:1: not a JSON text") from None
    if not isinstance(document, dict) or not isinstance(results := document.get("results"), dict):
        raise ConfigError(f"{path}:1: no `results`: not a detect-secrets 1.x baseline")
    if results.get("") == []:
        del results[""]
        document["results"] = _regrouped(results)
    return document


def _regrouped(results: Document) -> Document:
    """In a file that we wrote an entry belongs to the file that it names: a union of lines may have put it elsewhere.

    Elsewhere the list counts: with a root of its own detect-secrets writes another path into the entries.
    """
    whole: Document = {}
    for name, listed in results.items():
        if not isinstance(listed, list):
            whole[name] = listed
            continue
        for entry in listed:
            named = entry.get("filename", name) if isinstance(entry, dict) else name
            place = whole.setdefault(named if isinstance(named, str) else name, [])
            if isinstance(place, list):
                place.append(entry)
    return whole


def _joined(pairs: list[tuple[str, Any]]) -> Document:
    whole: Document = {}
    for name, value in pairs:
        held = whole.get(name)
        if isinstance(held, list) and isinstance(value, list):
            held.extend(value)
        else:
            whole[name] = value
    return whole


def sides(path: str, text: str) -> tuple[str, str]:
    """Ours and theirs of a text in which git left conflicts; twice the same where there are none.

    Raises ConfigError, naming `path` and the line, for marks that do not belong together.
    """
    both: tuple[list[str], list[str]] = ([], [])
    side = ""
    expected = {"": "<", "<": "|=", "|": "=", "=": ">"}
    for number, line in _lines(text):
        mark = _MARK.fullmatch(line)
        if mark is not None:
            if mark[1][0] not in expected[side]:
                raise ConfigError(f"{path}:{number}: a mark of a conflict that does not belong to the one before")
            side = "" if mark[1][0] == ">" else mark[1][0]
            continue
        for lines, own in zip(both, "<=", strict=True):
            if side in ("", own):
                lines.append(line)
    if side:
        raise ConfigError(f"{path}: the last conflict has no end")
    return "\n".join(both[0]), "\n".join(both[1])


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return ((number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1))


def written(document: Document) -> str:
    """The text of a document: the head with a line for each plugin and filter, then a line for each entry, sorted."""
    lines = ["{"]
    for name, value in document.items():
        if name != "results":
            lines.extend(_head(name, value))
    lines.append('  "results": {"": [')
    for name, entries in sorted(document["results"].items()):
        start = f"  ], {json.dumps(name)}: ["
        for entry in sorted(entries, key=_place):
            lines.append(start + json.dumps(_ordered(entry | {"filename": name})))
            start = "    ,"
    return "\n".join([*lines, "  ]}", "}", ""])


def _head(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield f"  {json.dumps(name)}: {json.dumps(value)},"
        return
    yield f"  {json.dumps(name)}: ["
    for number, item in enumerate(value, 1):
        yield f"    {json.dumps(item)}" + ("," if number < len(value) else "")
    yield "  ],"


def _place(entry: Document) -> tuple[str, str]:
    return str(entry.get("hashed_secret", "")), str(entry.get("type", ""))


def _ordered(entry: Document) -> Document:
    """An entry as lines write it: known fields in one order, then the others, as others may have written some."""
    return {name: entry[name] for name in (*_ORDER, *sorted(entry.keys() - set(_ORDER))) if name in entry}


def as_peer(document: Document) -> str:
    """The text of a document as detect-secrets writes it."""
    return json.dumps(document, indent=2) + "\n"


def save(path: str, document: Document, text: Callable[[Document], str] = written) -> None:
    """Write a baseline file whole or not at all, links followed.

    Raises ConfigError when it cannot be written, or is no regular file: a device must not be replaced by one.
    """
    place = os.path.realpath(path)
    if os.path.exists(place) and not os.path.isfile(place):
        raise ConfigError(f"{path}: not a regular file")
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        replace(place, text(document).encode(), mode=None, durable=True)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
