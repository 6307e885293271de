"""Two versions of a baseline into one: what either accepted is accepted; where they differ, the stricter word counts.

With the version that both came from, an entry that one side dropped and the other left alone is dropped; without it
nothing is.
"""

from __future__ import annotations

from typing import Any

from secretguard.accepted import entries

Document = dict[str, Any]
Key = tuple[str, str, str]
"""(path, digest, type)."""


def merge(path: str, base: Document | None, ours: Document, theirs: Document) -> tuple[Document, list[str]]:
    """The merged document, and the fields of the head that both changed, each in its way: ours stay.

    Raises ConfigError, beginning with `path`, for a document with entries that are none.
    """
    document, contested = _head(base or {}, ours, theirs)
    before = _entries(path, base or {})
    mine, other = _entries(path, ours), _entries(path, theirs)
    kept: dict[Key, Document] = {}
    for key in {**mine, **other}:
        entry = _one(before.get(key), mine.get(key), other.get(key))
        if entry is not None:
            kept[key] = entry
    results: dict[str, list[Document]] = {}
    for (name, _, _), entry in sorted(kept.items()):
        results.setdefault(name, []).append(entry)
    document["results"] = results
    return document, contested


def _head(base: Document, ours: Document, theirs: Document) -> tuple[Document, list[str]]:
    document: Document = {}
    contested = []
    for name in {**ours, **theirs}:
        if name == "results":
            continue
        mine, other, before = ours.get(name), theirs.get(name), base.get(name)
        if mine not in (other, before) and other != before:
            contested.append(name)
        chosen = other if mine == before else mine
        if chosen is not None:
            document[name] = chosen
    return document, contested


def _entries(path: str, document: Document) -> dict[Key, Document]:
    found: dict[Key, Document] = {}
    for name, entry in entries(path, document):
        key = (name, entry["hashed_secret"], str(entry.get("type", "")))
        found[key] = stricter(found[key], entry) if key in found else entry
    return found


def _one(before: Document | None, mine: Document | None, other: Document | None) -> Document | None:
    if mine is None or other is None:
        left = mine if other is None else other
        return None if left == before else left
    if mine == before:
        return other
    return mine if other == before else stricter(mine, other)


def stricter(one: Document, other: Document) -> Document:
    """One entry that accepts no more than either: real if either says so, until the earlier day.

    The other fields are those of the first, who and why together with the day that counts.
    """
    days = sorted((entry["until"], number) for number, entry in enumerate((one, other)) if entry.get("until"))
    first, second = (other, one) if days and days[0][1] else (one, other)
    entry = {**second, **one}
    speaker = first if first.get("by") or first.get("why") or days else second
    for name in ("by", "why", "until"):
        entry.pop(name, None)
        if name in speaker:
            entry[name] = speaker[name]
    labels = [label for each in (one, other) if (label := each.get("is_secret")) is not None]
    if labels:
        entry["is_secret"] = True in labels
    return entry
