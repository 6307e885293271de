"""A field is what it should be, or nothing, whatever a record holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.record import moment, number_of, text_of

JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists)


@given(JSON)
def test_any_value(value: object) -> None:
    """Texts, whole numbers and times come through; anything else is the empty one of its kind."""
    record = {"field": value}
    assert text_of(record, "field") == (value if isinstance(value, str) else "")
    assert number_of(record, "field") == (value if type(value) is int else 0)
    assert isinstance(moment(value), float)
    assert (text_of(record, "missing"), number_of(record, "missing")) == ("", 0)


def test_moments() -> None:
    """Times as journals have them, of any zone; what is none is 0."""
    assert moment("1970-01-01T00:01:00.250Z") == 60.25
    assert moment("1970-01-01T01:01:00+01:00") == 60
    assert moment("9999-12-31T23:59:59-23:59") >= 0
    assert [moment(one) for one in ("yesterday", "", None, True, 7)] == [0.0] * 5
