from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.sentences import ALARMS, STORY, pieces, sentence
from secretguard.audit.vocabulary import EVENTS


def test_every_sentence_is_of_an_event_that_exists() -> None:
    """A sentence for an event outside of the vocabulary could never be told; the same for an alarm."""
    assert set(STORY) <= set(EVENTS)
    assert set(ALARMS) <= set(EVENTS)


def test_every_event_of_the_broker_has_a_sentence() -> None:
    """What happens in a run, and to the policy and the log, is told in words and not as a list of fields."""
    areas = ("broker:", "sandbox:")
    assert [event for event in EVENTS if event.startswith(areas) and event not in STORY] == []


@pytest.mark.parametrize("event", STORY)
def test_a_record_without_its_fields_is_a_sentence_all_the_same(event: str) -> None:
    """A dash stands where a field is missing."""
    kind, text = sentence(event, {"event": event})
    assert kind == STORY[event][0]
    fields = [name for _, name, _, _ in string.Formatter().parse(STORY[event][1]) if name]
    assert text.count("-") >= len(fields)


def test_a_record_in_words() -> None:
    """Fields in their places; times as times; what has no sentence is listed; the envelope and the salt are not."""
    record = {"approver": "jwt:grace", "approval": "apr-1", "reason": "too wide", "salt": "ab"}
    assert sentence("broker:approval:denied", record) == ("approval", "jwt:grace refused apr-1: too wide")
    assert sentence("journal:head:received", {"v": 1, "task": "", "salt": "ab", "source": "laptop"}) == (
        "other",
        "journal:head:received source laptop",
    )
    assert "2027-01-15 08:00:00Z" in sentence("broker:lease:issued", {"lease": "l", "expires_at": 1_800_000_000})[1]
    claimed = {"claimed_event": "guard:command:allowed", "about": "ls", "claimed": {"seq": 1}}
    assert sentence("sandbox:event:reported", claimed) == ("claimed", "its guard says guard:command:allowed: ls")


@given(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.text(max_size=8), st.one_of(
    st.none(), st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["cut", "x"]), st.text(max_size=3)),
)))  # fmt: skip
def test_no_record_breaks_a_sentence(event: str, record: dict[str, object]) -> None:
    """Whatever its fields are."""
    kind, text = sentence(event, record)
    assert kind
    assert isinstance(text, str)


@pytest.mark.parametrize("event", [*STORY, "journal:head:received"])
def test_values_are_told_apart_from_the_words_around_them(event: str) -> None:
    """The pieces are the sentence; each value of the record is one piece, marked, and no word of the broker's is."""
    fields = [name for _, name, _, _ in string.Formatter().parse(STORY.get(event, ("", ""))[1]) if name]
    record = {name: f"<{name}> approved by nobody" for name in fields}
    found = pieces(event, record)
    assert "".join(text for text, _ in found) == sentence(event, record)[1]
    if event in STORY:
        assert [text for text, value in found if value] == [record[name] for name in fields]
        assert not any("approved by nobody" in text for text, value in found if not value)
