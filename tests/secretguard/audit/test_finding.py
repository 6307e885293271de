from __future__ import annotations

import pytest

from secretguard.audit.finding import INCOMPLETE, INTACT, NOTE, TAMPERED, UNANCHORED, UNKNOWN, Finding, Result, worst


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), ""),
        ((NOTE,), ""),
        ((NOTE, UNKNOWN), UNKNOWN),
        ((UNKNOWN, INCOMPLETE), INCOMPLETE),
        ((INCOMPLETE, TAMPERED, UNKNOWN), TAMPERED),
    ],
)
def test_the_worst_finding_decides(kinds: tuple[str, ...], expected: str) -> None:
    """Tampered over incomplete over cannot tell; notes decide nothing."""
    assert worst([Finding(kind, 0, "") for kind in kinds]) == expected


@pytest.mark.parametrize(
    ("outcome", "anchored", "kinds", "words", "code"),
    [
        (INTACT, True, (NOTE,), INTACT, 0),
        (TAMPERED, True, (TAMPERED,), TAMPERED, 1),
        (INCOMPLETE, False, (INCOMPLETE,), INCOMPLETE, 2),
        (UNKNOWN, False, (), UNANCHORED, 3),
        (UNKNOWN, False, (UNKNOWN,), UNKNOWN, 3),
        (UNKNOWN, True, (UNKNOWN,), UNKNOWN, 3),
    ],
)
def test_words_and_exit_codes_are_those_of_the_contract(
    outcome: str, anchored: bool, kinds: tuple[str, ...], words: str, code: int
) -> None:
    """Unanchored is said only of a journal in which nothing is wrong and which no pin confirms."""
    result = Result(outcome, anchored, 1, "a", "b", tuple(Finding(kind, 0, "") for kind in kinds))
    assert (result.words, result.exit_code) == (words, code)
