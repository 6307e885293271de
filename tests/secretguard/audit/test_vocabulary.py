"""The closed vocabulary: well formed, complete, and without a word that nobody says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secretguard.audit.vocabulary import DECISION, EVENTS, OBSERVE, RELEASE, durability

ROOT = Path(__file__).parents[3]
SAID = re.compile(r"""["'](?:journal|guard|policy|gate|broker|sandbox):[a-z]+:[a-z]+["']""")


def sources() -> dict[str, str]:
    """The modules that ship, without the vocabulary."""
    found = {}
    for package in ("secretguard", "broker"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name != "vocabulary.py":
                found[str(path.relative_to(ROOT))] = path.read_text()
    return found


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_well_formed(event: str) -> None:
    """An event is `area:thing:action`, has a durability class, and says in a sentence what it means."""
    assert re.fullmatch(r"[a-z]+:[a-z]+:[a-z]+", event)
    assert durability(event) in (OBSERVE, DECISION, RELEASE)
    assert EVENTS[event][1].endswith(".")


def test_an_event_outside_the_vocabulary_has_no_durability() -> None:
    """What is not in the table cannot be recorded."""
    with pytest.raises(KeyError):
        durability("guard:read:imagined")


def test_the_code_says_only_words_of_the_vocabulary() -> None:
    """Each event that a module writes out is in the table."""
    said = {(name, word.strip("\"'")) for name, text in sources().items() for word in SAID.findall(text)}
    assert [(name, word) for name, word in sorted(said) if word not in EVENTS] == []


def test_what_lets_something_out_waits_for_the_disk() -> None:
    """Releases, issuances and exposures are of the class that is on disk before anything happens."""
    for event in EVENTS:
        if event.endswith((":issued", ":intended", ":exposed", ":granted", ":accepted")):
            assert durability(event) == RELEASE, event


def test_every_word_is_said_somewhere() -> None:
    """No event is in the table that no module records."""
    code = "\n".join(sources().values())
    assert [event for event in EVENTS if event not in code] == []
