"""Found secrets against a baseline as `detect-secrets-hook` 1.5 does it: what is new, and what the file should now say.

A secret is known by file, digest and type. Every entry of the baseline counts, also one that a person has labelled as
real: the hook is there for what is new. All of it pure.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from secretguard.accepted import normal
from secretguard.peer.child import Entry

Found = Mapping[str, list[Entry]]
"""Secrets by file, as the file was named."""


def new(
    found: Found, document: Mapping[str, Any] | None, expired: Collection[tuple[str, str]] = ()
) -> dict[str, list[Entry]]:
    """What no entry of the baseline accounts for, sorted by file, line, digest and type.

    `expired` are files and digests whose acceptance has ended; detect-secrets knows no such end.
    """
    known = {one for one in _known(document) if one[:2] not in expired}
    left = {
        name: [one for one in entries if (normal(name), one.digest, one.type) not in known]
        for name, entries in sorted(found.items())
    }
    return {name: sorted(entries, key=_order) for name, entries in left.items() if entries}


def trimmed(document: Mapping[str, Any], found: Found, looked_at: Iterable[str]) -> dict[str, Any]:
    """`document` without the entries of the files in `looked_at` that are gone, the lines of the others as they are
    now. Other files stay, and whatever else an entry says; so do entries of which a person said who accepts them and
    why: they may be of our rules, which these plugins do not know."""
    now = {
        (normal(name), one.digest, one.type): one.line for name, entries in found.items() for one in reversed(entries)
    }
    files = {normal(name) for name in looked_at}
    results: dict[str, list[dict[str, Any]]] = {}
    for name, entries in document["results"].items():
        place = normal(name)
        kept = [
            _moved(entry, now.get((place, entry["hashed_secret"], entry.get("type"))))
            for entry in entries
            if place not in files or _said(entry) or (place, entry["hashed_secret"], entry.get("type")) in now
        ]
        if kept:
            results[name] = kept
    return {**document, "results": results}


def ordered(results: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Files and entries in the order in which detect-secrets writes them."""
    return {
        name: sorted(
            entries, key=lambda one: (one.get("line_number") or 0, one["hashed_secret"], str(one.get("type", "")))
        )
        for name, entries in sorted(results.items())
    }


def _said(entry: dict[str, Any]) -> bool:
    return any(entry.get(name) for name in ("by", "why", "until"))


def _moved(entry: dict[str, Any], line: int | None) -> dict[str, Any]:
    return entry | {"line_number": line} if line and entry.get("line_number") else entry


def report(entries: Found, head: Mapping[str, Any], version: str, now: datetime.datetime) -> dict[str, Any]:
    """What `--json` prints: a baseline that holds `entries`."""
    results = {
        name: [
            {
                "type": one.type, "filename": name, "hashed_secret": one.digest, "is_verified": False,
                "line_number": one.line,
            }
            for one in sorted(found, key=_order)
        ]
        for name, found in sorted(entries.items())
    }  # fmt: skip
    return {"version": version, **head, "results": results, "generated_at": now.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _known(document: Mapping[str, Any] | None) -> set[tuple[str, str, Any]]:
    results = document["results"] if document else {}
    return {
        (normal(name), entry["hashed_secret"], entry.get("type"))
        for name, entries in results.items()
        for entry in entries
    }


def _order(entry: Entry) -> tuple[int, str, str]:
    return entry.line, entry.digest, entry.type
