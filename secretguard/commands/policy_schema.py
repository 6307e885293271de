"""`secretguard policy schema`: the JSON Schemas of the policy's TOML files, for editors and other programs."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import click

from secretguard.errors import ConfigError

OWN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "policy", "schema")
KINDS = ("facts", "layer", "examples", "task")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
def schema(kind: str) -> None:
    """Print the JSON Schema (2020-12) of facts.toml, of a layer's facts.toml, of examples.toml or of a task policy."""
    click.echo(json.dumps(document(kind), indent=2))


def document(kind: str) -> dict[str, object]:
    """The schema of `kind`. A layer's facts are facts whose defaults may be left out. Raises ConfigError."""
    if kind == "layer":
        return _layer(_read(Path(OWN, "facts.schema.json")))
    return _read(_task() if kind == "task" else Path(OWN, f"{kind}.schema.json"))


def _layer(facts: dict[str, object]) -> dict[str, object]:
    sections: dict[str, dict[str, object]] = facts["properties"]  # type: ignore[assignment]
    for section in ("environment", "data"):
        sections[section].pop("required", None)
    for section in ("observe", "owners", "repository"):  # the base's alone
        sections.pop(section)
    return {**facts, "title": "secretguard facts.toml of a layer that tightens", "required": ["version"]}


def _task() -> Path:
    """The broker's own file: found where it is installed, never imported."""
    found = importlib.util.find_spec("broker")
    places = found.submodule_search_locations if found and found.submodule_search_locations else []
    for place in places:
        return Path(place, "schema", "task_policy.schema.json")
    raise ConfigError("the broker is not installed here", "its schema comes with `secretguard[broker]`")


def _read(path: Path) -> dict[str, object]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "reinstall secretguard") from None
    found: dict[str, object] = json.loads(text)
    return found
