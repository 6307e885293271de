"""How often one caller may have something compiled."""

from __future__ import annotations

import pytest

from broker.errors import TooMany
from broker.policy.attempts import EACH, MAX_CALLERS, SECONDS, Attempts


def test_so_many_in_an_hour_and_no_more() -> None:
    """Of each caller by themselves; later there is room again, and a clock that was set back locks nobody out."""
    attempts = Attempts()
    for at in range(EACH):
        attempts.count("ada", 1000.0 + at)
    for _ in range(2):
        with pytest.raises(TooMany):
            attempts.count("ada", 1000.0 + EACH)
    attempts.count("eve", 1000.0 + EACH)
    attempts.count("ada", 1000.0 + SECONDS)
    attempts.count("ada", 10.0)


def test_memory_is_bounded() -> None:
    """However many callers there are."""
    attempts = Attempts()
    for at in range(MAX_CALLERS + 5):
        attempts.count(f"p{at}", 0.0)
    assert len(attempts._made) == MAX_CALLERS
