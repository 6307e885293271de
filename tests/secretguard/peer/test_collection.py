"""New secrets and a trimmed baseline: the same as detect-secrets' own collections give."""

from __future__ import annotations

import copy
import datetime
from typing import Any

from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.core.secrets_collection import SecretsCollection
from hypothesis import given
from hypothesis import strategies as st

from secretguard.peer.child import Entry
from secretguard.peer.collection import new, report, trimmed

FILES, TYPES, DIGESTS = ["a.py", "b/c.py"], ["T", "U"], ["0" * 40, "1" * 40]
ENTRIES = st.builds(Entry, st.sampled_from(TYPES), st.sampled_from(DIGESTS), st.integers(1, 9))
FOUND = st.dictionaries(
    st.sampled_from(FILES), st.lists(ENTRIES, max_size=4, unique_by=lambda one: (one.type, one.digest))
)


def document(found: dict[str, list[Entry]], slim: bool) -> dict[str, Any]:
    results = {
        name: [
            {"type": one.type, "filename": name, "hashed_secret": one.digest, "is_verified": False, "is_secret": True}
            | ({} if slim else {"line_number": one.line})
            for one in entries
        ]
        for name, entries in found.items()
        if entries
    }
    return {"version": "1.5.0", "results": results}


def collection(found: dict[str, list[Entry]]) -> SecretsCollection:
    made = SecretsCollection()
    for name, entries in found.items():
        for one in entries:
            secret = PotentialSecret(one.type, name, "x", one.line)
            secret.secret_hash = one.digest
            made[name].add(secret)
    return made


def identities(results: Any) -> set[tuple[str, str, str, int]]:
    return {
        (name, one["type"], one["hashed_secret"], one.get("line_number", 0))
        for name, entries in results.items()
        for one in entries
    }


@given(FOUND, FOUND)
def test_what_is_new(found: dict[str, list[Entry]], known: dict[str, list[Entry]]) -> None:
    """The difference is that of detect-secrets: by file, digest and type."""
    theirs = collection(found) - SecretsCollection.load_from_baseline(document(known, False))
    ours = new(found, document(known, False))
    assert identities(report(ours, {}, "", datetime.datetime.now(datetime.UTC))["results"]) == identities(theirs.json())


@given(FOUND, FOUND, st.sets(st.sampled_from(FILES)), st.booleans())
def test_trimming(
    found: dict[str, list[Entry]], known: dict[str, list[Entry]], looked_at: set[str], slim: bool
) -> None:
    """What is left of a baseline is what detect-secrets leaves, with its labels; a slim one stays without lines."""
    found = {name: entries for name, entries in found.items() if name in looked_at}
    old = document(known, slim)
    before = copy.deepcopy(old)
    theirs = SecretsCollection.load_from_baseline(old)
    theirs.trim(collection(found), list(looked_at))
    ours = trimmed(old, found, looked_at)
    assert identities(ours["results"]) == identities(theirs.json())
    assert all(one["is_secret"] for entries in ours["results"].values() for one in entries)
    assert old == before


def test_what_a_person_said_stays() -> None:
    """An entry with a reason is kept, also if these plugins do not find it: it may be one of our own rules'."""
    known = document({"a.py": [Entry("T", "0" * 40, 3), Entry("U", "1" * 40, 4)]}, False)
    known["results"]["a.py"][1]["why"] = "made up"
    assert [one["type"] for one in trimmed(known, {}, ["a.py"])["results"]["a.py"]] == ["U"]


def test_a_path_with_a_dot() -> None:
    """`./a.py` is `a.py`: other spellings of a path find their entries."""
    entry = Entry("T", "0" * 40, 3)
    known = document({"a.py": [entry]}, False)
    assert new({"./a.py": [entry]}, known) == {}
    assert trimmed(known, {}, ["./a.py"])["results"] == {}


def test_without_a_baseline_all_is_new() -> None:
    """Sorted by line, digest and type."""
    entries = [Entry("U", "1" * 40, 2), Entry("T", "1" * 40, 2), Entry("T", "0" * 40, 2), Entry("T", "2" * 40, 1)]
    assert new({"a.py": entries}, None) == {"a.py": [entries[3], entries[2], entries[1], entries[0]]}
