"""The head of a baseline file in the format of detect-secrets: its version, and which plugins and filters made it.

A baseline lies in the repository that is scanned, so its head is data and never code: plugins and filters of other
files, which detect-secrets would import, are refused, and the filter that tries secrets over the network is left out.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from secretguard.detect.detect_secrets import PLUGINS
from secretguard.errors import ConfigError

PEER_VERSION = "1.5.0"
"""The version of detect-secrets whose format is written."""

_LIMITS = {"Base64HighEntropyString": 4.5, "HexHighEntropyString": 3.0}
_HEURISTICS = (
    "is_indirect_reference", "is_likely_id_string", "is_lock_file", "is_not_alphanumeric_string", "is_potential_uuid",
    "is_prefixed_with_dollar_sign", "is_sequential_string", "is_swagger_file", "is_templated_secret",
)  # fmt: skip
_PREFIX = "detect_secrets.filters."
_DEFAULT = ["allowlist.is_line_allowlisted", *(f"heuristic.{name}" for name in _HEURISTICS)]
_PATTERNS = {f"{_PREFIX}regex.should_exclude_{what}" for what in ("file", "line", "secret")}
_PLAIN = {_PREFIX + name for name in (*_DEFAULT, "heuristic.is_non_text_file")}
_LEFT_OUT = {f"{_PREFIX}common.{name}" for name in ("is_baseline_file", "is_invalid_file")} | {
    f"{_PREFIX}common.is_ignored_due_to_verification_policies"
}
"""Filters that the scan does by itself, and the one that asks the vendors whether a secret works."""


def fresh() -> dict[str, Any]:
    """The head of a new baseline: detect-secrets' own plugins and filters, as it sets them up itself."""
    limits: dict[str, dict[str, Any]] = {name: {"limit": limit} for name, limit in _LIMITS.items()}
    limits["KeywordDetector"] = {"keyword_exclude": ""}
    return {
        "version": PEER_VERSION,
        "plugins_used": [{"name": name, **limits.get(name, {})} for name in PLUGINS],
        "filters_used": [{"path": _PREFIX + name} for name in _DEFAULT],
        "results": {},
    }


def upgraded(path: str, document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a baseline in the current format, converted by detect-secrets itself where it is of an older version.

    Raises ConfigError, naming the file and the field, for a head that cannot be converted.
    """
    version = document.get("version")
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}", version):
        raise ConfigError(f"{path}: version: {version!r} is no version of detect-secrets")
    number = tuple(map(int, version.split(".")))
    current = copy.deepcopy(document)
    if number >= tuple(map(int, PEER_VERSION.split("."))):
        return current
    if number < (1, 0, 0):
        _check_old(path, current)
    else:
        _entries(path, current, "filters_used", "path")
    from detect_secrets.core import baseline

    converted: dict[str, Any] = baseline.upgrade(current)
    return converted | {"version": PEER_VERSION}


def _check_old(path: str, document: dict[str, Any]) -> None:
    """The fields that the conversion from before 1.0 reads. Raises ConfigError."""
    if document.get("custom_plugin_paths"):
        raise ConfigError(f"{path}: custom_plugin_paths: plugins of a project are code, which is not run from here")
    renamed = {"Base64HighEntropyString": "base64_limit", "HexHighEntropyString": "hex_limit"}
    for place, plugin in _entries(path, document, "plugins_used", "name"):
        old = renamed.get(plugin["name"], "")
        if old and old not in plugin:
            raise ConfigError(f"{path}: {place}.{old}: missing")
    for name in ("exclude", "word_list"):
        value = document.get(name)
        if value is not None and not isinstance(value, dict):
            raise ConfigError(f"{path}: {name}: not an object")
    words = document.get("word_list")
    if words and not {"file", "hash"} <= words.keys():
        raise ConfigError(f"{path}: word_list: no `file` and `hash`")


def settings(path: str, document: dict[str, Any]) -> dict[str, Any]:
    """What `DetectSecrets` takes: the plugins, limits and filters with which the baseline `document` was made.

    A head without plugins or filters stands for detect-secrets' own. Raises ConfigError, naming file and field.
    """
    document = upgraded(path, document)
    chosen: dict[str, Any] = {"plugins_used": fresh()["plugins_used"]}
    if "plugins_used" in document:
        chosen["plugins_used"] = [_plugin(path, *entry) for entry in _entries(path, document, "plugins_used", "name")]
    if "filters_used" in document:
        filters = _entries(path, document, "filters_used", "path")
        chosen["filters_used"] = [_filter(path, *entry) for entry in filters if entry[1]["path"] not in _LEFT_OUT]
    return chosen


def _entries(path: str, document: dict[str, Any], name: str, key: str) -> list[tuple[str, dict[str, Any]]]:
    """The objects of the list `name`, each with its place; every one has a text under `key`."""
    entries = document.get(name)
    if not isinstance(entries, list):
        raise ConfigError(f"{path}: {name}: not a list")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
            raise ConfigError(f"{path}: {name}[{number}].{key}: not a text")
    return [(f"{name}[{number}]", entry) for number, entry in enumerate(entries)]


def _plugin(path: str, place: str, plugin: dict[str, Any]) -> dict[str, Any]:
    name = plugin["name"]
    if name not in PLUGINS or "path" in plugin:
        raise ConfigError(f"{path}: {place}: {name!r} is none of detect-secrets' own plugins; other code is not run")
    for field, value in plugin.items():
        if field == "limit" and name in _LIMITS:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 8:
                raise ConfigError(f"{path}: {place}.limit: not a number from 0 to 8")
        elif field == "keyword_exclude" and name == "KeywordDetector":
            if value is not None:
                _check_pattern(f"{path}: {place}.keyword_exclude", value)
        elif field != "name":
            raise ConfigError(f"{path}: {place}.{field}: {name} has no such setting")
    return plugin


def _filter(path: str, place: str, entry: dict[str, Any]) -> dict[str, Any]:
    if entry["path"] in _PATTERNS:
        patterns = entry.get("pattern")
        if not isinstance(patterns, list):
            raise ConfigError(f"{path}: {place}.pattern: not a list")
        for number, pattern in enumerate(patterns):
            _check_pattern(f"{path}: {place}.pattern[{number}]", pattern)
    elif entry["path"] not in _PLAIN:
        raise ConfigError(
            f"{path}: {place}.path: {entry['path']!r} is not run from here",
            "take the filter out of the baseline: what it hid is then found, and can be accepted",
        )
    return entry


def _check_pattern(place: str, pattern: object) -> None:
    try:
        if not isinstance(pattern, str):
            raise ConfigError(f"{place}: not a text")
        re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"{place}: not a regular expression: {error}") from None
