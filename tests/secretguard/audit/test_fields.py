from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.fields import MAX_RECORD, RESERVED, SALT, body
from secretguard.errors import RecordError


def test_fields_begin_with_a_salt_of_their_own() -> None:
    """The same fields twice have two digests: the digest that stays after an erasure tells nothing."""
    one, other = body("", {"path": "/x"}), body("", {"path": "/x"})
    assert one != other
    assert one.startswith(f'{{"{SALT}":"')
    assert len(json.loads(one)[SALT]) == 32


@pytest.mark.parametrize("name", RESERVED)
def test_no_field_passes_for_what_the_journal_adds(name: str) -> None:
    """Envelope, salt and the mark of an erasure are the journal's."""
    with pytest.raises(RecordError, match="may not be named"):
        body("guard:read:denied", {name: True})


@given(st.dictionaries(st.text(max_size=20), st.integers(0, 40_000).map("é".__mul__), max_size=5))
def test_whatever_the_size_the_record_is_bounded(fields: dict[str, str]) -> None:
    """Fields that are too large become length and digest; the record is within its bound or refused."""
    fields = {name: value for name, value in fields.items() if name not in RESERVED}
    text = body("", dict(fields))
    assert len(text) <= MAX_RECORD
    kept = json.loads(text)
    assert set(kept) == {SALT, *fields}
    assert all(kept[name] == value or set(kept[name]) == {"omitted_bytes", "sha256"} for name, value in fields.items())
