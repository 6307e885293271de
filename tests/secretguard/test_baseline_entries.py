"""One entry at a time: accepted, or called real."""

from __future__ import annotations

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, judged
from secretguard.baseline_entries import accepted, real
from secretguard.baseline_key import keyed_digest
from tests.secretguard.report.test_json_report import FOUND

SAID = Acceptance("ann", "made up", "2027-01-31")
TODAY = "2026-12-01"


def holds(document: dict[str, object], day: str = TODAY) -> bool:
    baseline = judged(Baseline("b", dict(document)), day)
    return baseline.accepts(FOUND.path, FOUND.sha1 + FOUND.keyed)


def test_accept_into_nothing() -> None:
    """A file that does not exist yet gets a head and one entry, which says who, why and until when."""
    document = accepted(Baseline("b"), FOUND, SAID)
    [entry] = document["results"][FOUND.path]
    assert entry | SAID.fields() == entry
    assert entry["is_secret"] is False
    assert document["plugins_used"]
    assert [holds(document, day=day) for day in (TODAY, "2027-02-01")] == [True, False]


def test_accept_again() -> None:
    """Every entry of the value in that file says the new words, so that an old day does not stand beside them."""
    old = accepted(Baseline("b"), FOUND, Acceptance("bob", "old", "2020-01-01"))
    old["results"][FOUND.path].append({**old["results"][FOUND.path][0], "type": "Other"})
    assert not holds(old)
    document = accepted(Baseline("b", old), FOUND, Acceptance("ann", "new"))
    assert holds(document)
    assert [(one["by"], one.get("until")) for one in document["results"][FOUND.path]] == [("ann", None)] * 2
    assert [one["by"] for one in old["results"][FOUND.path]] == ["bob", "bob"]


def test_others_stay() -> None:
    """Other values, and the same value in another file, are as they were."""
    one = accepted(Baseline("b"), FOUND._replace(path="z.py"), SAID)
    two = accepted(Baseline("b", one), FOUND._replace(sha1=("f" * 40,)), SAID)
    document = accepted(Baseline("b", two), FOUND, Acceptance("bob", "other"))
    assert list(document["results"]) == sorted([FOUND.path, "z.py"])
    assert [one["by"] for one in document["results"][FOUND.path]] == ["ann", "bob"]


def test_real() -> None:
    """A value that a person calls real is not accepted, whoever did so before; accepting it takes that back."""
    before = accepted(Baseline("b"), FOUND, SAID)
    document = real(Baseline("b", before), FOUND, None)
    assert not holds(document)
    assert "why" not in document["results"][FOUND.path][0]
    assert holds(accepted(Baseline("b", document), FOUND, SAID))


def test_keyed() -> None:
    """In a file with keyed digests a new entry is keyed, and counts with that key alone."""
    key = b"k" * 32
    finding = FOUND._replace(keyed=(keyed_digest(key, b"value"),))
    other = {"type": "T", "filename": "z", "hashed_secret": keyed_digest(key, b"other")}
    document = accepted(Baseline("b", {"results": {"z": [other]}}, key=key), finding, SAID)
    [entry] = document["results"][FOUND.path]
    assert entry["hashed_secret"] == finding.keyed[0]
    with_key = judged(Baseline("b", document, key=key), TODAY)
    assert with_key.accepts(finding.path, finding.keyed)
    assert with_key.notes == []
    [note] = judged(Baseline("b", document), TODAY).notes
    assert "2 entries are keyed" in note
    [note] = judged(Baseline("b", document, key=key[1:] + b"x" * 9), TODAY).notes
    assert "made with another key" in note
