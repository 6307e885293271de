"""Each layer as it last was good: what stands while its files are broken. Not on the hot path.

A copy of the texts a place, in this user's state folder, written whenever a layer compiles. What the user may write is
as strong as the user's account: for an organisation's layer this bridges an accident of whoever maintains it.
"""

from __future__ import annotations

import os

from secretguard.keyed import sha256_hex
from secretguard.places import state_dir
from secretguard.policy import kept
from secretguard.policy.source import Source


def recall(name: str, anchor: str) -> Source | None:
    """The last good texts of layer `name` at `anchor` (a folder, or a repository's git directory)."""
    document = kept.read(_path(name, anchor))
    if document is None:
        return None
    rules, facts, place = (document.get(key) for key in ("rules", "facts", "place"))
    texts = [text.encode("utf-8") if isinstance(text, str) else None for text in (rules, facts)]
    return Source(name, str(place), texts[0], texts[1])


def remember(source: Source, anchor: str) -> None:
    """Keep `source`, which compiled; nothing is written where it is the same as before."""
    before = recall(source.name, anchor)
    if before is not None and (before.digest, before.place) == (source.digest, source.place):
        return
    texts = {
        key: None if data is None else data.decode("utf-8")
        for key, data in (("rules", source.rules), ("facts", source.facts))
    }
    kept.write(_path(source.name, anchor), {"place": source.place, **texts})


def _path(name: str, anchor: str) -> str:
    return os.path.join(state_dir(), "policy", f"{sha256_hex(os.fsencode(f'{name}:{anchor}'))[:32]}.good")
