from __future__ import annotations

import re

import pytest

from secretguard.audit.vocabulary import DECISION, EVENTS, OBSERVE, RELEASE, durability


def test_every_event_is_area_thing_action_with_a_class_and_a_sentence() -> None:
    """The table is complete: a name of three words, one of three durability classes, what it says."""
    for event, (kind, sentence) in EVENTS.items():
        assert re.fullmatch(r"[a-z]+:[a-z]+:[a-z]+", event), event
        assert kind in (OBSERVE, DECISION, RELEASE)
        assert sentence.endswith("."), event


NOTED = {"guard:turn:ended", "guard:file:changed", "guard:head:moved", "guard:known:indexed"}
"""What was seen and not decided; `guard:files:compared`, which follows, takes it to the disk."""


def test_refusals_are_durable() -> None:
    """What was refused, withheld or exposed is on the disk before the answer; only what went ahead may be lost."""
    for event in EVENTS:
        if durability(event) == OBSERVE:
            assert event.endswith(":allowed") or event in NOTED, event


def test_unknown_event_has_no_class() -> None:
    """The vocabulary is closed."""
    with pytest.raises(KeyError):
        durability("guard:read:forgotten")
