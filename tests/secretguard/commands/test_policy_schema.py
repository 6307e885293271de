"""The published schemas: complete, closed, and of one mind with the loaders."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broker.task_policy import TaskPolicyFile
from secretguard.command_line import cli
from secretguard.commands.policy_schema import KINDS, document
from secretguard.errors import ConfigError
from secretguard.policy import combine
from secretguard.policy.compiled import packaged
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES
from secretguard.policy.shipped import PACKS
from secretguard.policy.source import REPOSITORY, Source
from tests.secretguard.policy.cloned import LABELS


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_printed(kind: str) -> None:
    """As JSON Schema 2020-12 of an object that has no other keys."""
    done = CliRunner().invoke(cli, ["policy", "schema", kind])
    schema = json.loads(done.output)
    assert schema == document(kind)
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)


def faults(value: object, schema: dict[str, Any], root: dict[str, Any]) -> list[str]:
    """A validator for what these schemas use (JSON Schema 2020-12); it fails on a keyword that it does not know."""
    known = {
        "$schema", "$defs", "$ref", "title", "description", "type", "required", "additionalProperties", "properties",
        "items", "enum", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems", "format", "default",
    }  # fmt: skip
    assert set(schema) <= known, set(schema) - known
    if "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return faults(value, target, root)
    if "const" in schema and value != schema["const"]:
        return ["const"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"enum {value}"]
    if schema.get("type") == "object":
        return _object(value, schema, root)
    if schema.get("type") == "array":
        if not isinstance(value, list) or len(value) > schema.get("maxItems", len(value)):
            return ["array"]
        return [fault for item in value for fault in faults(item, schema["items"], root)]
    if schema.get("type") == "string" and schema.get("format") != "date":
        good = isinstance(value, str) and re.search(schema.get("pattern", ""), value) is not None
        return [] if good else [f"string {value}"]
    return []


def _object(value: object, schema: dict[str, Any], root: dict[str, Any]) -> list[str]:
    if not isinstance(value, dict):
        return ["object"]
    found = [f"missing {key}" for key in schema.get("required", ()) if key not in value]
    found += [f"unknown {key}" for key in value if key not in schema["properties"]]
    for key, item in value.items():
        if key in schema["properties"]:
            found += faults(item, schema["properties"][key], root)
    return found


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("kind", ["facts", "examples"])
def test_the_packs_are_valid(pack: str, kind: str) -> None:
    """What is shipped is what is published."""
    text = Path(packaged(pack), f"{kind}.toml").read_text("utf-8")
    assert faults(tomllib.loads(text), document(kind), document(kind)) == []


def test_examples_have_the_vocabulary() -> None:
    """A word more in the enums is a word more here; what the loader refuses, the schema refuses."""
    schema: Any = document("examples")
    properties = schema["properties"]["example"]["items"]["properties"]
    assert properties["outcome"]["enum"] == list(OUTCOMES)
    parts = properties["request"]["pattern"].removeprefix("^").removesuffix("$").split("/")
    for words, part in zip((ACTIONS, EFFECTS, ENVIRONMENTS, DATA), parts, strict=True):
        assert part == f"(\\*|{'|'.join(words)})"
    for wrong in (
        {"request": "a/b/c/d", "outcome": "deny"},
        {"outcome": "deny"},
        {"request": "*/*/*/*", "outcome": "no"},
    ):
        assert faults({"example": [wrong]}, schema, schema)


def test_a_layer_may_leave_defaults_out_and_has_no_say_in_some_sections() -> None:
    """As the loader has it: those sections are notes there."""
    schema = document("layer")
    assert faults(tomllib.loads(LABELS), schema, schema) == []
    assert faults(tomllib.loads(LABELS), document("facts"), document("facts"))
    for section in ("observe", "owners", "repository"):
        text = {
            "observe": "until = 2020-01-01",
            "owners": 'security = ["jwt:i:s"]',
            "repository": 'ref = "refs/heads/x"',
        }
        facts = f"version = 1\n[{section}]\n{text[section]}\n"
        assert faults(tomllib.loads(facts), schema, schema) == [f"unknown {section}"]
        assert combine.compile_tightening(Source(REPOSITORY, "p", None, facts.encode())).notes


def test_task_policies_come_from_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker's own file where it is installed, an expected error where it is not."""
    properties: Any = document("task")["properties"]
    assert set(properties) == set(TaskPolicyFile.model_fields)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="not installed"):
        document("task")
