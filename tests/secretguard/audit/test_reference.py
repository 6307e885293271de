from __future__ import annotations

from pathlib import Path

from secretguard.audit.reference import markdown
from secretguard.audit.vocabulary import EVENTS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "events.md"


def test_the_page_is_what_the_code_says() -> None:
    """The page in the repository is written from the vocabulary, not by hand: `audit events --markdown` renews it."""
    assert PAGE.read_text("utf-8") == markdown()


def test_each_event_has_one_row() -> None:
    """Nothing of the vocabulary is left out or listed twice."""
    rows = [line.split("`")[1] for line in markdown().splitlines() if line.startswith("| `")]
    assert rows == list(EVENTS)
