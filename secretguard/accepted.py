"""Accepted findings: the pragmas in a line, and the baseline file in the format of detect-secrets 1.x.

A baseline identifies a secret by its file and the SHA-1 of its value; type and line may change. The digest is not
salted, because the format says so: a baseline of weak passwords gives them away to whoever can guess them, which is
why a report's own fingerprints are keyed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from secretguard.errors import ConfigError
from secretguard.report.located import Located

MAX_BYTES = 64 * 1024 * 1024
"""Longest baseline file that is read."""

PEER_VERSION = "1.5.0"
"""The version of detect-secrets whose format is written."""

_LINE = 16 * 1024

_COMMENTS = rb"(?:#|//|/\*|'|--|<!--[# \t]{0,8}|;|%|\{-|\(\*|\"|rem )[ \t]{0,8}"
_SAME_LINE = re.compile(
    _COMMENTS + rb"(?:pragma: ?(?:allow|white)list[ -]secret|gitleaks:allow|secretguard:allow)\b", re.IGNORECASE
)
_NEXT_LINE = re.compile(rb"^[ \t]{0,256}" + _COMMENTS + rb"pragma: ?allowlist[ -]nextline[ -]secret\b", re.IGNORECASE)
_YAML = (".yaml", ".yml")


def has_pragma(path: str, data: bytes, position: int) -> bool:
    """Whether the line of `data` that holds `position` is marked as accepted, on itself or on the line before.

    Known: `pragma: allowlist secret` and the older `whitelist`, `gitleaks:allow`, and `pragma: allowlist nextline
    secret` alone on the line before (text in front of it would hide what is accepted). In YAML only `#` is a comment.
    """
    start = data.rfind(b"\n", 0, position) + 1
    end = data.find(b"\n", position)
    line = data[max(start, position - _LINE) : end if end >= 0 else len(data)][-_LINE:]
    before = data[max(0, data.rfind(b"\n", 0, max(0, start - 1)) + 1, start - 1 - _LINE) : max(0, start - 1)]
    same, following = _SAME_LINE.search(line), _NEXT_LINE.search(before)
    if path.endswith(_YAML):
        return any(match is not None and b"#" in match.group()[:260] for match in (same, following))
    return same is not None or following is not None


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
    known = set()
    for name, entries in results.items():
        if not isinstance(entries, list):
            raise ConfigError(f"{path}: results: {name!r} is not a list")
        for entry in entries:
            digest = entry.get("hashed_secret") if isinstance(entry, dict) else None
            if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{40}", digest):
                raise ConfigError(
                    f"{path}: results: {name!r}: an entry has no `hashed_secret` of 40 hexadecimal digits"
                )
            if entry.get("is_secret") is not True:  # a person looked and said: this one is real
                known.add((normal(name), digest))
    return known


def merged(old: Baseline | None, found: Iterable[Located], types: dict[str, str]) -> dict[str, Any]:
    """The document that accepts exactly `found`; entries of `old` that are found again keep a person's notes.

    `types` gives the name of a rule in the file. Slim and sorted, so that a diff shows what changed and nothing else.
    """
    notes = _notes(old)
    results: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for finding in found:
        name, digest = normal(finding.path), finding.sha1[0]
        kept = next((notes[name, known] for known in finding.sha1 if (name, known) in notes), None)
        entry = kept or {
            "type": types.get(finding.rule_id, finding.description),
            "filename": name,
            "hashed_secret": digest,
            "is_verified": False,
        }
        results.setdefault(name, {})[entry["hashed_secret"], entry["type"]] = entry
    document = dict(old.document) if old else _settings()
    document.pop("generated_at", None)
    document["results"] = {name: [entries[key] for key in sorted(entries)] for name, entries in sorted(results.items())}
    return document


def _notes(old: Baseline | None) -> dict[tuple[str, str], dict[str, Any]]:
    if old is None:
        return {}
    return {
        (normal(name), entry["hashed_secret"]): entry
        for name, entries in old.document["results"].items()
        for entry in entries
    }


def _settings() -> dict[str, Any]:
    """What detect-secrets wants to find at the head of a baseline: its own plugins and filters, as it sets them up."""
    from secretguard.detect.detect_secrets import PLUGINS

    limits: dict[str, dict[str, Any]] = {
        "Base64HighEntropyString": {"limit": 4.5},
        "HexHighEntropyString": {"limit": 3.0},
        "KeywordDetector": {"keyword_exclude": ""},
    }
    filters = ["allowlist.is_line_allowlisted"] + [
        f"heuristic.{name}"
        for name in (
            "is_indirect_reference", "is_likely_id_string", "is_lock_file", "is_not_alphanumeric_string",
            "is_potential_uuid", "is_prefixed_with_dollar_sign", "is_sequential_string", "is_swagger_file",
            "is_templated_secret",
        )
    ]  # fmt: skip
    return {
        "version": PEER_VERSION,
        "plugins_used": [{"name": name, **limits.get(name, {})} for name in PLUGINS],
        "filters_used": [{"path": f"detect_secrets.filters.{name}"} for name in filters],
        "results": {},
    }


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
