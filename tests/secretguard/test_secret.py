from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.secret import MASK, Secret, mask

VALUE = "made-" + "up-value-0123456789"


def test_no_way_of_printing_shows_the_value() -> None:
    """repr, str, format, f-strings, %-formatting and containers show the mask."""
    secret = Secret(VALUE)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>40}",
        f"{secret:>40}",
        repr([secret]),
        repr({"k": secret}),
    ]
    assert all(VALUE not in text and MASK in text for text in shown)
    assert secret.reveal() == VALUE


def test_log_and_traceback_do_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a log line nor an exception that carries the secret object gives the value away."""
    secret = Secret(VALUE)
    logging.getLogger("test").warning("got %s and %r", secret, secret)
    try:
        raise ValueError(secret)
    except ValueError:
        text = traceback.format_exc()
    assert VALUE not in caplog.text + text


def test_serialising_is_refused() -> None:
    """JSON and pickle do not take it; a copy would be a pickle in memory."""
    secret = Secret(VALUE)
    with pytest.raises(TypeError):
        json.dumps(secret)
    for call in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            call(secret)
        assert VALUE not in str(caught.value)


def test_comparing_and_hashing_are_refused() -> None:
    """Comparison would leak by timing, a dictionary key by being printed."""
    secret = Secret(VALUE)
    for compare in (lambda: secret == VALUE, lambda: secret == Secret(VALUE), lambda: secret != secret):
        with pytest.raises(TypeError, match="compare_digest"):
            compare()
    with pytest.raises(TypeError):
        hash(secret)


def test_attributes_cannot_be_added_or_listed() -> None:
    """There is no dictionary that a debugger's dump would show."""
    assert not hasattr(Secret(VALUE), "__dict__")
    assert bool(Secret("")) is False
    assert bool(Secret("x")) is True


@given(st.text(max_size=200))
def test_mask_shows_at_most_four_characters(value: str) -> None:
    """A masked value tells its length and, where it is long, its first four characters."""
    shown = mask(value)
    assert shown == f"{value[:4] if len(value) >= 16 else ''}…({len(value)})"
