"""Accepted findings: what a baseline file in the format of detect-secrets 1.x says about a secret in a file.

A baseline identifies a secret by its file and a digest of its value; type and line may change. What a person
accepted is that value in that file, so it stays accepted when another rule, or another tool, finds it under another
name. The format's own digest is SHA-1 without a key: a baseline of weak passwords gives them away to whoever can
guess them, which is why a report's own fingerprints are keyed, and a baseline's digests can be (`baseline_key.py`).
Where entries of one value differ, the strictest counts: real before expired before accepted.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from secretguard.acceptance import Acceptance, of_entry, today
from secretguard.baseline_file import read
from secretguard.baseline_file import save as save
from secretguard.baseline_key import DIGEST, key_name
from secretguard.errors import ConfigError
from secretguard.report.located import Located
from secretguard.terminal import printable

_PLAIN = re.compile(r"[0-9a-f]{40}")

Place = tuple[str, str]
"""(path, digest)."""


@dataclass(slots=True)
class Baseline:
    """A baseline file in memory.

    `document` as it was read; `known`, what is accepted; `said`, what a person wrote about it; `expired` and `real`,
    what was accepted once and what was called a real secret; `key`, for digests that need one; `strange`, how many
    entries of a file have digests of another key, by that key's name.
    """

    path: str
    document: dict[str, Any] = field(default_factory=dict)
    known: set[Place] = field(default_factory=set)
    said: dict[Place, Acceptance] = field(default_factory=dict)
    expired: set[Place] = field(default_factory=set)
    real: set[Place] = field(default_factory=set)
    key: bytes | None = None
    strange: dict[str, Counter[str]] = field(default_factory=dict)

    def accepts(self, path: str, digests: Iterable[str]) -> bool:
        """Whether a secret with one of these digests is accepted in the file `path`."""
        name = normal(path)
        places = [(name, digest) for digest in digests]
        refused = any(place in self.real or place in self.expired for place in places)
        return not refused and any(place in self.known for place in places)

    def remark(self, path: str, digests: Iterable[str]) -> str:
        """What there is to say of that secret: who accepted it and why, that this is over, or that it is real."""
        name = normal(path)
        places = [(name, digest) for digest in digests]
        said = next((str(self.said[place]) for place in places if place in self.said), "")
        if any(place in self.real for place in places):
            return "a person called it real" + (f" ({said})" if said else "")
        if any(place in self.expired for place in places):
            return f"no longer accepted ({said})"
        return said

    @property
    def keyed(self) -> bool:
        """Whether the file has keyed digests; then new ones are keyed, too."""
        return any(DIGEST.fullmatch(entry["hashed_secret"]) for _, entry in entries(self.path, self.document))

    @property
    def notes(self) -> list[str]:
        """What a person must know of it: entries that cannot be compared, and accept nothing."""
        told = []
        for name, files in sorted(self.strange.items()):
            why = f"made with another key ({name})" if self.key else f"keyed ({name}), and there is no key"
            where = ", ".join(sorted(files)[:3]) + (", ..." if len(files) > 3 else "")
            told.append(printable(f"{self.path}: {files.total()} entries are {why}: they accept nothing ({where})"))
        return told


def normal(path: str) -> str:
    """A path as baselines write it: relative, with `/`, without `./`."""
    if os.path.isabs(path):
        path = os.path.relpath(path)
    return os.path.normpath(path).replace(os.sep, "/")


def load(path: str, key: bytes | None = None) -> Baseline:
    """Read a baseline file. Raises ConfigError, naming the file and the place, for what is not one."""
    return judged(Baseline(path, read(path), key=key), today())


def judged(baseline: Baseline, now: str) -> Baseline:
    """The same baseline with its entries sorted by what they mean on the day `now`. Raises ConfigError."""
    ours = key_name(baseline.key) if baseline.key else ""
    for name, entry in entries(baseline.path, baseline.document):
        place = (name, entry["hashed_secret"])
        keyed = DIGEST.fullmatch(entry["hashed_secret"])
        if keyed and keyed[1] != ours:
            baseline.strange.setdefault(keyed[1], Counter())[name] += 1
        said = of_entry(f"{baseline.path}: results: {name!r}", entry)
        if said.fields() and (place not in baseline.said or said.expired(now)):
            baseline.said[place] = said
        # True: a person looked and said that it is real, under whichever of its types
        real, over = entry.get("is_secret") is True, said.expired(now)
        (baseline.real if real else baseline.expired if over else baseline.known).add(place)
    baseline.known -= baseline.real | baseline.expired
    return baseline


def entries(path: str, document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each entry with its file's name. Raises ConfigError for what is none."""
    for name, listed in document.get("results", {}).items():
        if not isinstance(listed, list):
            raise ConfigError(f"{path}: results: {name!r} is not a list")
        for entry in listed:
            digest = entry.get("hashed_secret") if isinstance(entry, dict) else None
            if not isinstance(digest, str) or not (_PLAIN.fullmatch(digest) or DIGEST.fullmatch(digest)):
                raise ConfigError(
                    f"{path}: results: {name!r}: an entry has no `hashed_secret` of 40 hexadecimal digits"
                )
            yield normal(name), entry


def merged(
    old: Baseline | None,
    found: Iterable[Located],
    types: dict[str, str],
    lines: bool = False,
    said: Acceptance | None = None,
    keyed: bool = False,
) -> dict[str, Any]:
    """The document that accepts exactly `found`; entries of `old` that are found again keep what a person wrote.

    `types` gives the name of a rule in the file; `said` goes to new entries. Slim, so that a diff shows what changed
    and nothing else; with `lines` entries name the line, as detect-secrets itself writes them. With `keyed` digests
    are those of the key that the findings were made with.
    """
    from secretguard.baseline_head import fresh
    from secretguard.baseline_merge import stricter
    from secretguard.detect.detect_secrets import PREFIX

    notes = _notes(old)
    results: dict[str, dict[Place, dict[str, Any]]] = {}
    for finding in found:
        name, type_ = normal(finding.path), types.get(finding.rule_id, finding.description)
        kept = [entry for known in digests(finding) for entry in notes.get((name, known), ())]
        if finding.rule_id.startswith(PREFIX):  # under its own name, as detect-secrets itself would look for it
            kept = [entry for entry in kept if entry.get("type") == type_]
        new = new_entry(finding, type_, said, keyed)
        for one in kept or [new]:
            entry = {**one}
            if keyed:
                entry["hashed_secret"] = finding.keyed[0]
            entry.pop("line_number", None)
            if lines:
                entry["line_number"] = finding.line
            place, known = (entry["hashed_secret"], str(entry.get("type", ""))), results.setdefault(name, {})
            known[place] = stricter(known[place], entry) if place in known else entry
    document = dict(old.document) if old else fresh()
    document.pop("generated_at", None)
    document["results"] = {name: [by[key] for key in sorted(by)] for name, by in sorted(results.items())}
    return document


def digests(finding: Located) -> tuple[str, ...]:
    """Every digest by which a baseline may know a finding."""
    return finding.sha1 + finding.keyed


def new_entry(finding: Located, type_: str, said: Acceptance | None, keyed: bool = False) -> dict[str, Any]:
    """The entry that accepts a finding."""
    digest = finding.keyed[0] if keyed else finding.sha1[0]
    entry = {"type": type_, "filename": normal(finding.path), "hashed_secret": digest, "is_verified": False}
    return entry | (said.fields() if said else {})


def _notes(old: Baseline | None) -> dict[Place, list[dict[str, Any]]]:
    notes: dict[Place, list[dict[str, Any]]] = {}
    for name, entry in entries(old.path, old.document) if old else ():
        notes.setdefault((name, entry["hashed_secret"]), []).append(entry)
    return notes
