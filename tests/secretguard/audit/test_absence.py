from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.absence import Absences, Gap, Span, erased_spans, spans_of
from secretguard.audit.finding import INCOMPLETE, NOTE, TAMPERED

TIME = "2026-11-25T00:00:00.000Z"
HASH = "a" * 64


def kinds(absences: Absences) -> list[str]:
    return [finding.kind for finding in absences.settle()]


def pruned(last: int, hash_: str = HASH) -> dict[str, object]:
    return {"last": last, "files": [{"last": last, "hash": hash_}]}


def test_a_gap_without_a_record_is_incomplete() -> None:
    """Missing files are nobody's."""
    absences = Absences()
    absences.gaps.append(Gap(1, 4, HASH))
    assert kinds(absences) == [INCOMPLETE]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (pruned(4), NOTE),
        (pruned(9), NOTE),
        (pruned(3), INCOMPLETE),
        (pruned(4, "b" * 64), TAMPERED),
    ],
)
def test_a_pruning_owns_what_it_names(said: dict[str, object], expected: str) -> None:
    """All of the gap, with the hash at its end where it states one; less is not enough."""
    absences = Absences()
    absences.gaps.append(Gap(1, 4, HASH))
    assert absences.pruned(20, TIME, said)
    assert kinds(absences) == [expected]


def test_a_pruning_owns_no_hole_in_the_middle() -> None:
    """The oldest files go first: what is missing behind one that is there was never pruned."""
    absences = Absences()
    absences.gaps.append(Gap(3, 4, HASH))
    assert absences.pruned(20, TIME, pruned(4))
    assert kinds(absences) == [INCOMPLETE]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"last": 4},
        {"last": "4", "files": []},
        {"last": True, "files": []},
        {"last": 20, "files": []},
        {"last": 0, "files": []},
        {"last": 4, "files": [1]},
        {"last": 4, "files": [{"last": 4}]},
        {"last": 4, "files": [{"last": "4", "hash": HASH}]},
    ],
)
def test_what_no_writer_makes_owns_nothing(said: dict[str, object]) -> None:
    """A pruning in another form, or of itself."""
    absences = Absences()
    absences.gaps.append(Gap(1, 4, HASH))
    assert not absences.pruned(20, TIME, said)
    assert kinds(absences) == [INCOMPLETE]


@pytest.mark.parametrize(
    "spans", [None, "x", [1], [[1]], [[1, 2, 3]], [[0, 1]], [[2, 1]], [[1, 20]], [["1", 2]], [[True, 2]]]
)
def test_an_erasure_in_another_form_owns_nothing(spans: object) -> None:
    """Nor one of records that come after it."""
    assert erased_spans(20, {"records": spans}) is None


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_what_is_gone_is_owned_record_by_record(gone: set[int], owned: set[int], more: set[int]) -> None:
    """Exactly the records that are gone and in no erasure are tampering; those named and still there are left over."""
    absences = Absences()
    for seq in sorted(gone):
        absences.fields_gone(seq, True, "", seq)
    for number, named in enumerate((owned, more)):
        if named:
            spans = [list(span) for span in spans_of(sorted(named))]
            assert absences.erased(100 + number, TIME, {"records": spans})
    findings = list(absences.settle())
    holes: set[int] = set()
    for finding in findings:
        if finding.kind == TAMPERED:
            first, _, last = finding.text.partition(" are gone")[0].rpartition(" record ")[2].partition(" to ")
            holes |= set(range(int(first), int(last or first) + 1))
    assert holes == gone - owned - more
    left = [f.text for f in findings if "stopped" in f.text]
    missing = (owned | more) - gone
    assert bool(left) is bool(missing)


@given(st.sets(st.integers(1, 1000)))
def test_ranges_hold_exactly_the_numbers(numbers: set[int]) -> None:
    """Ascending, disjoint, none adjacent."""
    spans: list[Span] = spans_of(sorted(numbers))
    assert {n for first, last in spans for n in range(first, last + 1)} == numbers
    assert all(one[1] + 1 < other[0] for one, other in itertools.pairwise(spans))
