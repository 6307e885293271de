"""Which plugins and filters of detect-secrets a run has: a baseline's, changed by what was typed.

A baseline is a file of the repository. A plugin or filter that it names by a path is code of the repository, which is
run only if a person asked for that; what a person typed on the command line is run as typed.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import Any

from secretguard import baseline_head
from secretguard.detect.detect_secrets import PLUGINS
from secretguard.errors import ConfigError
from secretguard.source.files import Unreadable, open_file

_FILTERS = "detect_secrets.filters."
WORDLIST = f"{_FILTERS}wordlist.should_exclude_secret"
BASELINE = f"{_FILTERS}common.is_baseline_file"
VERIFY = f"{_FILTERS}common.is_ignored_due_to_verification_policies"
_LIMITED = {"base64_limit": "Base64HighEntropyString", "hex_limit": "HexHighEntropyString"}

WORDS_BYTES = 16 * 1024 * 1024
"""Longest word list that is read."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The options of `detect-secrets-hook` that say how it looks. Limits are bits a character, from 0 to 8."""

    plugin: tuple[str, ...] = ()
    base64_limit: float | None = None
    hex_limit: float | None = None
    disable_plugin: tuple[str, ...] = ()
    exclude_lines: tuple[str, ...] = ()
    exclude_files: tuple[str, ...] = ()
    exclude_secrets: tuple[str, ...] = ()
    word_list: str | None = None
    filter: tuple[str, ...] = ()
    disable_filter: tuple[str, ...] = ()
    run_plugin_code: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Settings as `DetectSecrets` takes them, and what has to be loaded where they are used.

    `plugin_files` are files whose plugins are added; `code` says whether any code is run that is neither ours nor
    detect-secrets' own.
    """

    settings: dict[str, Any]
    plugin_files: tuple[str, ...] = ()
    code: bool = False


def choose(typed: Typed, path: str = "", document: dict[str, Any] | None = None) -> Chosen:
    """The settings of a run. `document` is the baseline at `path`, in the current format; None: detect-secrets' own.

    Raises ConfigError for what does not exist, is no setting, or is code that nobody asked to run.
    """
    head = baseline_head.fresh() if document is None else _of_baseline(path, document, typed.run_plugin_code)
    plugins = {entry["name"]: entry for entry in head["plugins_used"]}
    filters = {entry["path"]: entry for entry in head["filters_used"]}
    if path:
        filters[BASELINE] = {"path": BASELINE, "filename": path}
    _change_plugins(plugins, typed)
    code = any("path" in entry for entry in plugins.values()) or any(_is_code(name) for name in filters)
    _change_filters(filters, typed)
    settings = {
        "plugins_used": list(plugins.values()),
        "filters_used": list(filters.values()),
        "disabled_filters": list(typed.disable_filter),
    }
    code = code or bool(typed.plugin) or any(_is_code(name) for name in typed.filter)
    return Chosen(settings, tuple(os.path.abspath(name) for name in typed.plugin), code)


def _of_baseline(path: str, document: dict[str, Any], run_code: bool) -> dict[str, Any]:
    """Plugins and filters of a baseline: those of detect-secrets checked one by one, the others if they may be run."""
    data = dict(document)
    foreign: dict[str, list[dict[str, Any]]] = {}
    for name, is_foreign in (("plugins_used", _is_foreign_plugin), ("filters_used", _is_foreign_filter)):
        entries = document.get(name)
        if isinstance(entries, list):
            foreign[name] = [entry for entry in entries if isinstance(entry, dict) and is_foreign(entry)]
            data[name] = [entry for entry in entries if entry not in foreign[name]]
    for name, entries in foreign.items():
        for entry in entries:
            if _is_word_list(entry):
                _word_list(entry["file_name"])
            elif not run_code:
                raise ConfigError(
                    f"{path}: {name}: {entry.get('path')!r} is code of the repository, and is not run unasked",
                    "read it; `--run-plugin-code` runs what the baseline names, `-p FILE` what you name",
                )
    head = baseline_head.settings(path, data)
    head.setdefault("filters_used", baseline_head.fresh()["filters_used"])
    return {name: [*head[name], *foreign.get(name, ())] for name in ("plugins_used", "filters_used")}


def _is_foreign_plugin(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("path"), str) and entry.get("name") not in PLUGINS


def _is_foreign_filter(entry: dict[str, Any]) -> bool:
    name = entry.get("path")
    return isinstance(name, str) and (_is_code(name) or _is_word_list(entry))


def _is_code(path: str) -> bool:
    return not path.startswith(_FILTERS)


def _is_word_list(entry: dict[str, Any]) -> bool:
    name, size = entry.get("file_name"), entry.get("min_length")
    return entry.get("path") == WORDLIST and isinstance(name, str) and isinstance(size, int)


def _change_plugins(plugins: dict[str, dict[str, Any]], typed: Typed) -> None:
    for name in typed.disable_plugin:
        if name not in PLUGINS and name not in plugins:
            raise ConfigError(f"--disable-plugin: no plugin is called {name!r}", "--list-all-plugins shows them")
        plugins.pop(name, None)
    for option, name in _LIMITED.items():
        limit = getattr(typed, option)
        if limit is not None and name in plugins:
            plugins[name] = plugins[name] | {"limit": limit}


def _change_filters(filters: dict[str, dict[str, Any]], typed: Typed) -> None:
    for what in ("line", "file", "secret"):
        patterns = getattr(typed, f"exclude_{what}s")
        for pattern in patterns:
            _check(f"--exclude-{what}s", pattern)
        if patterns:
            name = f"{_FILTERS}regex.should_exclude_{what}"
            filters[name] = {"path": name, "pattern": list(patterns)}
    if typed.word_list is not None:
        digest = hashlib.sha1(_word_list(typed.word_list), usedforsecurity=False).hexdigest()
        filters[WORDLIST] = {
            "path": WORDLIST, "min_length": 3, "file_name": typed.word_list, "file_hash": digest,
        }  # fmt: skip
    for name in typed.disable_filter:
        filters.pop(name, None)
    for name in typed.filter:
        filters[name] = {"path": _filter_path(name)}


def _check(option: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ConfigError(f"{option}: not a regular expression: {error}") from None


def _word_list(path: str) -> bytes:
    try:
        fd, _ = open_file(path)
    except Unreadable as error:
        raise ConfigError(f"{path}: a word list: {error.reason}") from None
    with os.fdopen(fd, "rb") as file:
        data = file.read(WORDS_BYTES + 1)
    if len(data) > WORDS_BYTES:
        raise ConfigError(f"{path}: a word list: longer than {WORDS_BYTES} bytes")
    return data


def _filter_path(name: str) -> str:
    """How detect-secrets writes a filter: a Python path, or `file://FILE::FUNCTION`, whose head may be left out."""
    if "::" not in name:
        if not re.fullmatch(r"\w+(\.\w+)+", name):
            raise ConfigError(f"--filter: {name!r} is neither module.function nor FILE::FUNCTION")
        return name
    file, _, function = name.removeprefix("file://").partition("::")
    if not os.path.isfile(file) or not function.isidentifier():
        raise ConfigError(f"--filter: {name!r} does not name a file and a function in it")
    return f"file://{file}::{function}"
