"""Accepted findings: the baseline file in the format of detect-secrets 1.x.

A baseline identifies a secret by its file and the SHA-1 of its value; type and line may change. What a person
accepted is that value in that file, so it stays accepted when another rule, or another tool, finds it under another
name. The digest is not salted, because the format says so: a baseline of weak passwords gives them away to whoever can
guess them, which is why a report's own fingerprints are keyed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from secretguard.errors import ConfigError
from secretguard.pragma import has_pragma as has_pragma
from secretguard.report.located import Located

MAX_BYTES = 64 * 1024 * 1024
"""Longest baseline file that is read."""


@dataclass(slots=True)
class Baseline:
    """A baseline file in memory: `document` as it was read, and the accepted (path, digest) pairs."""

    path: str
    document: dict[str, Any] = field(default_factory=dict)
    known: set[tuple[str, str]] = field(default_factory=set)

    def accepts(self, path: str, digests: Iterable[str]) -> bool:
        """Whether a secret with one of these SHA-1 digests is accepted in the file `path`."""
        name = normal(path)
        return any((name, digest) in self.known for digest in digests)


def normal(path: str) -> str:
    """A path as baselines write it: relative, with `/`, without `./`."""
    if os.path.isabs(path):
        path = os.path.relpath(path)
    return os.path.normpath(path).replace(os.sep, "/")


def load(path: str) -> Baseline:
    """Read a baseline file. Raises ConfigError, naming the file and the place, for what is not one."""
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        fix = f"secretguard baseline create {path}" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError(f"{path}: {error.strerror}", fix) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}: longer than {MAX_BYTES} bytes")
    try:
        document = json.loads(raw)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError):
        raise ConfigError(f"{path}:1: not a JSON text") from None
    return Baseline(path, document, _known(path, document))


def _known(path: str, document: Any) -> set[tuple[str, str]]:
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, dict):
        raise ConfigError(f"{path}:1: no `results`: not a detect-secrets 1.x baseline")
    known: set[tuple[str, str]] = set()
    real: set[tuple[str, str]] = set()
    for name, entries in results.items():
        if not isinstance(entries, list):
            raise ConfigError(f"{path}: results: {name!r} is not a list")
        for entry in entries:
            digest = entry.get("hashed_secret") if isinstance(entry, dict) else None
            if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{40}", digest):
                raise ConfigError(
                    f"{path}: results: {name!r}: an entry has no `hashed_secret` of 40 hexadecimal digits"
                )
            # True: a person looked and said that it is real, under whichever of its types
            (real if entry.get("is_secret") is True else known).add((normal(name), digest))
    return known - real


def merged(
    old: Baseline | None, found: Iterable[Located], types: dict[str, str], lines: bool = False
) -> dict[str, Any]:
    """The document that accepts exactly `found`; entries of `old` that are found again keep a person's notes.

    `types` gives the name of a rule in the file. Slim and sorted, so that a diff shows what changed and nothing else;
    with `lines` new entries name the line, as detect-secrets itself writes them.
    """
    from secretguard.baseline_head import fresh
    from secretguard.detect.detect_secrets import PREFIX

    notes = _notes(old)
    results: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for finding in found:
        name, digest, type_ = normal(finding.path), finding.sha1[0], types.get(finding.rule_id, finding.description)
        kept = [entry for known in finding.sha1 for entry in notes.get((name, known), ())]
        if finding.rule_id.startswith(PREFIX):  # under its own name, as detect-secrets itself would look for it
            kept = [entry for entry in kept if entry.get("type") == type_]
        fresh_entry: dict[str, Any] = {"type": type_, "filename": name, "hashed_secret": digest, "is_verified": False}
        if lines:
            fresh_entry["line_number"] = finding.line
        for entry in kept or [fresh_entry]:
            results.setdefault(name, {})[entry["hashed_secret"], str(entry.get("type", ""))] = entry
    document = dict(old.document) if old else fresh()
    document.pop("generated_at", None)
    document["results"] = {name: [entries[key] for key in sorted(entries)] for name, entries in sorted(results.items())}
    return document


def _notes(old: Baseline | None) -> dict[tuple[str, str], list[dict[str, Any]]]:
    notes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for name, entries in old.document["results"].items() if old else ():
        for entry in entries:
            notes.setdefault((normal(name), entry["hashed_secret"]), []).append(entry)
    return notes


def save(path: str, document: dict[str, Any]) -> None:
    """Write a baseline file whole or not at all. Raises ConfigError when it cannot be written."""
    fresh = f"{path}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.write("\n")
        os.replace(fresh, path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
