"""Change single places of a JSON text and leave every other byte as a person wrote it: numbers, spaces, line ends.

Standard library alone, and nothing of this package: `claude_removal.py` uses a copy of this file where the package is
gone. A path is a sequence of keys and positions from the root; texts are valid JSON with an object at the root, which
the caller has seen to. Taking out what was put in gives the same text again, but for the spaces inside an empty pair of
brackets.
"""

from __future__ import annotations

import json

_WHITE = " \t\n\r"
_DECODER = json.JSONDecoder()


def spans(text: str, start: int) -> tuple[list[tuple[str | int, int, int, int]], int]:
    """The items of the object or array that opens at `start`: [(key or position, from, value from, to)], and the
    position of its closing bracket."""
    found: list[tuple[str | int, int, int, int]] = []
    at = _skip(text, start + 1)
    named = text[start] == "{"
    while text[at] not in "}]":
        begin = at
        key: str | int = len(found)
        if named:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # over the colon
        end = _DECODER.raw_decode(text, at)[1]
        found.append((key, begin, at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found, at


def put(text: str, path: list[str | int | None], value: object) -> str:
    """`text` with `value` at `path`: a key that is there gets the value, another is added as the last of its object.
    Objects on the way are made. A path that ends in None appends to an array, which is made as well."""
    place, start = _reach(text, path)
    if place == len(path):
        begin, end = _value(text, path)
        return text[:begin] + _dumped(text, value, len(path) - 1) + text[end:]
    for key in reversed(path[place + 1 :]):
        value = [value] if key is None else {key: value}
    named = [] if path[place] is None else [json.dumps(path[place], ensure_ascii=False) + ": "]
    item = "".join([*named, _dumped(text, value, place)])
    items, close = spans(text, start)
    line = _line(text)
    inner = line + _unit(text) * (place + 1)
    if items:
        last = items[-1][3]
        return text[:last] + "," + inner + item + text[last:]
    return text[: start + 1] + inner + item + line + _unit(text) * place + text[close:]


def drop(text: str, path: list[str | int | None]) -> str:
    """`text` without the member or element at `path`, which is there, and one comma."""
    _, start = _reach(text, path[:-1])
    items, close = spans(text, start)
    at = [number for number, item in enumerate(items) if item[0] == path[-1]][-1]
    if at + 1 < len(items):
        return text[: items[at][1]] + text[items[at + 1][1] :]
    if at:
        return text[: items[at - 1][3]] + text[items[at][3] :]
    return text[: start + 1] + text[close:]


def _reach(text: str, path: list[str | int | None]) -> tuple[int, int]:
    """How many steps of `path` are there, and where the value at the last of them begins."""
    start = _skip(text, 0)
    for place, key in enumerate(path):
        if text[start] not in "{[":
            raise ValueError("neither object nor array on the way")
        found = [item for item in spans(text, start)[0] if item[0] == key]
        if not found:
            return place, start
        start = found[-1][2]
    return len(path), start


def _value(text: str, path: list[str | int | None]) -> tuple[int, int]:
    start = _reach(text, path)[1]
    return start, _DECODER.raw_decode(text, start)[1]


def _dumped(text: str, value: object, depth: int) -> str:
    """`value` in the style of `text`, for a place `depth` brackets deep."""
    lines = json.dumps(value, indent=_unit(text), ensure_ascii=False).split("\n")
    return (_line(text) + _unit(text) * (depth + 1)).join(lines)


def _unit(text: str) -> str:
    """What one level is indented by: the margin of the first line that has one, else two spaces."""
    for line in text.splitlines()[1:]:
        margin = line[: len(line) - len(line.lstrip())]
        if margin and line.strip():
            return margin
    return "  "


def _line(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _WHITE:
        at += 1
    return at
