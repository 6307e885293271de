from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.pin import Pin, make, read, write
from secretguard.errors import ConfigError


def test_written_pin_reads_back() -> None:
    """A pin survives being written down."""
    pin = make("a" * 64, 12, "b" * 64)
    assert read(write(pin).encode(), "pin") == pin
    assert isinstance(pin, Pin)


@pytest.mark.parametrize(
    "change",
    [{"seq": 0}, {"seq": "1"}, {"seq": True}, {"version": 2}, {"more": 1}, {"hash": None}],
)
def test_anything_but_a_pin_is_refused_with_its_name(change: dict[str, object]) -> None:
    """A pin that cannot be trusted to say what it means is an error that names the file."""
    document = json.loads(write(make("a" * 64, 12, "b" * 64))) | change
    with pytest.raises(ConfigError, match=r"^kept/pin:1:"):
        read(json.dumps(document).encode(), "kept/pin")


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    """Whatever the file holds, the answer is one expected error."""
    with pytest.raises(ConfigError):
        read(data, "pin")
