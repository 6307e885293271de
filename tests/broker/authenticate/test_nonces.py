"""Nonces: made by any replica, known by all, good for a few minutes, forged by nobody."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.nonces import STEP, Nonces
from broker.testing import ManualClock

KEY = b"k" * 32


def test_a_nonce_is_good_for_a_few_steps() -> None:
    """In its own step, the two after it, and the one before it (another replica's clock is ahead); then no more."""
    clock = ManualClock(1_800_000_000 // STEP * STEP)
    nonces = Nonces(KEY, clock)
    nonce, made = nonces.current(), clock.now
    accepted = []
    for ago in range(-3, 5):
        clock.now = made + ago * STEP
        accepted.append(nonces.good_until(nonce) is not None)
    assert accepted == [False, False, True, True, True, True, False, False]


def test_a_nonce_changes_with_every_step_and_not_within_one() -> None:
    """Rotation needs nobody: it follows the clock."""
    clock = ManualClock(1_800_000_000 // STEP * STEP)
    nonces = Nonces(KEY, clock)
    first = nonces.current()
    clock.advance(STEP - 1)
    assert nonces.current() == first
    clock.advance(1)
    assert nonces.current() != first


def test_replicas_with_one_key_accept_each_others() -> None:
    """Nothing is stored: the key is what they share. Another broker's nonce is none."""
    clock = ManualClock()
    one, other, stranger = Nonces(KEY, clock), Nonces(KEY, clock), Nonces(b"x" * 32, clock)
    assert other.good_until(one.current())
    assert stranger.good_until(one.current()) is None


def test_a_use_is_remembered_for_longer_than_a_nonce_is_good() -> None:
    """Also at a replica whose clock is a step behind."""
    clock = ManualClock()
    nonces = Nonces(KEY, clock)
    nonce = nonces.current()
    until = nonces.good_until(nonce)
    assert until is not None
    clock.now = until
    behind = Nonces(KEY, lambda: until - STEP)
    assert nonces.good_until(nonce) is None
    assert behind.good_until(nonce) is None


@pytest.mark.parametrize(
    "nonce", [None, 7, "", "A" * 32, "A" * 31, "=" * 32, "\u00e9" * 32, ["x"], b"x" * 32, "A" * 3200]
)
def test_what_is_no_nonce_is_refused(nonce: object) -> None:
    """Missing, of another kind, too long, not ASCII, or of nobody's key."""
    assert Nonces(KEY, ManualClock()).good_until(nonce) is None


@given(st.integers(0, 23), st.integers(1, 255))
def test_a_changed_nonce_is_refused(at: int, change: int) -> None:
    """Every byte of it counts, the time in it too."""
    nonces = Nonces(KEY, ManualClock())
    raw = bytearray(base64.urlsafe_b64decode(nonces.current()))
    raw[at] ^= change
    assert nonces.good_until(base64.urlsafe_b64encode(raw).decode()) is None
