"""Validates an event against the excerpt of OCSF 1.9.0 in `tests/data/ocsf`: what a receiver would refuse or lose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "ocsf" / "schema.json").read_text("utf-8"))
CLASSES = {definition["uid"]: definition for definition in SCHEMA["classes"].values()}
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "boolean": bool, "number": (int, float), "json": object,
}  # fmt: skip


def faults(event: dict[str, Any]) -> list[str]:
    """What is wrong with `event`, a line each; none when it is valid.

    Required attributes, unknown ones, types, enumerations, constraints, profiles that are not the class's or not named,
    a value of an enumeration that is 99 (Other) without its text, and the arithmetic of the identifiers.
    """
    definition = CLASSES.get(event.get("class_uid"))  # type: ignore[arg-type]
    if definition is None:
        return [f"no such class: {event.get('class_uid')}"]
    named = event.get("metadata", {}).get("profiles", [])
    found = [f"the class has no profile {name}" for name in named if name not in definition["profiles"]]
    if event.get("type_uid") != event["class_uid"] * 100 + event.get("activity_id", -1):
        found.append("type_uid is not class_uid * 100 + activity_id")
    if event.get("category_uid") != event["class_uid"] // 1000:
        found.append("category_uid does not fit class_uid")
    if event.get("metadata", {}).get("version") != SCHEMA["version"]:
        found.append("metadata.version is not the schema's")
    return found + _attributes(event, definition, set(named), "")


def _attributes(value: dict[str, Any], definition: dict[str, Any], named: set[str], path: str) -> list[str]:
    found = []
    known = definition["attributes"]
    for name, rule in known.items():
        if rule.get("need") == "required" and name not in value and not rule.get("profiles"):
            found.append(f"{path}{name} is required")
    for name, given in value.items():
        rule = known.get(name)
        if rule is None:
            found.append(f"{path}{name} is unknown")
            continue
        if rule.get("profiles") and not named & set(rule["profiles"]):
            found.append(f"{path}{name} needs one of the profiles {rule['profiles']}")
        if given == 99 and "enum" in rule and not value.get(name.removesuffix("_id")) and name != "activity_id":
            found.append(f"{path}{name} is Other, without {name.removesuffix('_id')}")
        found += _values(given, rule, named, path + name)
    return found + _constraints(value, definition.get("constraints", {}), path)


def _values(given: Any, rule: dict[str, Any], named: set[str], path: str) -> list[str]:
    if rule.get("array"):
        if not isinstance(given, list):
            return [f"{path} is no list"]
        return [fault for item in given for fault in _value(item, rule, named, path)]
    return _value(given, rule, named, path)


def _value(given: Any, rule: dict[str, Any], named: set[str], path: str) -> list[str]:
    if not rule.get("object"):
        kind = TYPES[rule["type"]]
        if not isinstance(given, kind) or (isinstance(given, bool) and rule["type"] not in ("boolean", "json")):
            return [f"{path} is no {rule['type']}"]
        return [f"{path} may not be {given}"] if "enum" in rule and given not in rule["enum"] else []
    if not isinstance(given, dict):
        return [f"{path} is no object"]
    if rule["type"] == "object":  # free form: `unmapped`
        return []
    if rule["type"] not in SCHEMA["objects"]:
        return [f"{path} is a {rule['type']}, which the excerpt does not have"]
    return _attributes(given, SCHEMA["objects"][rule["type"]], named, path + ".")


def _constraints(value: dict[str, Any], constraints: dict[str, list[str]], path: str) -> list[str]:
    found = []
    for kind, names in constraints.items():
        count = sum(name in value for name in names)
        if count == 0 or (kind == "just_one" and count > 1):
            found.append(f"{path.rstrip('.') or 'event'} needs {kind} of {names}")
    return found
