"""Read one TOML file into a strict pydantic model; every error names file, line and field.

Unknown keys are errors. `tomllib` keeps no positions, so the line of a field is found again in the text: the deepest
header or key whose dotted path is a prefix of the field's. That is exact for files written one key a line; lines
inside of longer texts count for none.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from secretguard.errors import ConfigError

MAX_BYTES = 256 * 1024

_TRIPLE = re.compile("\"\"\"|'''")

Location = tuple[int | str, ...]


class StrictModel(BaseModel):
    """Base of everything read from a file or a request: unknown fields refused, no type coercion, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Model = TypeVar("Model", bound=StrictModel)


def read(path: Path, model: type[Model]) -> tuple[Model, bytes]:
    """The file as a value of `model`, and its exact bytes (for a digest). Raises ConfigError."""
    raw = content(path)
    return parse(str(path), raw, model), raw


def content(path: Path) -> bytes:
    """The file's bytes, MAX_BYTES at most. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes", "split it")
    return raw


def parse(name: str, raw: bytes, model: type[Model]) -> Model:
    """`raw` as a value of `model`. Raises ConfigError whose message starts with `name:line:`."""
    text, data = table(name, raw)
    return checked(name, text, data, model)


def table(name: str, raw: bytes) -> tuple[str, dict[str, Any]]:
    """The text of a file and what TOML makes of it. Raises ConfigError as `parse` does."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}:{line}: not UTF-8") from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise ConfigError(f"{name}:{line}: not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{name}:1: nested too deeply") from None


def checked(name: str, text: str, data: dict[str, Any], model: type[Model]) -> Model:
    """`data`, which stands in `text`, as a value of `model`. Raises ConfigError as `parse` does."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ConfigError(f"{place(name, text, first['loc'])}: {first['msg']}") from None


def place(name: str, text: str, location: Location) -> str:
    """`name:line: field`, how a message about the field at `location` of the file's `text` begins."""
    where = ".".join(str(part) for part in location) or "file"
    return f"{name}:{line_of(text, location)}: {where}"


def line_of(text: str, location: Location) -> int:
    """The line (from 1) of the deepest header or key that leads to `location`; 1 when none does."""
    prefix: Location = ()
    counts: dict[Location, int] = {}
    best, depth = 1, 0
    quoted = ""
    for number, line in enumerate(text.splitlines(), 1):
        inside, quoted = quoted, _still_quoted(line, quoted)
        if inside:  # a line of a longer text, whatever it looks like
            continue
        stripped = line.strip()
        if stripped.startswith("[["):
            name = _parts(stripped[2:].partition("]]")[0])
            counts[name] = counts.get(name, -1) + 1
            prefix = here = (*name, counts[name])
        elif stripped.startswith("["):
            prefix = here = _parts(stripped[1:].partition("]")[0])
        elif "=" in stripped and not stripped.startswith("#"):
            here = prefix + _parts(stripped.partition("=")[0])
        else:
            continue
        if len(here) > depth and here == location[: len(here)]:
            best, depth = number, len(here)
    return best


def _still_quoted(line: str, quoted: str) -> str:
    """The three quotes that a text which goes on in the next line began with; "" when none does."""
    for mark in _TRIPLE.findall(line):
        if not quoted:
            quoted = mark
        elif mark == quoted:
            quoted = ""
    return quoted


def _parts(dotted: str) -> Location:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
