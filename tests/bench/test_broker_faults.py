"""The bench of faults in small: a kill at each step, dropped replies, a leader that dies, on real servers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import broker_faults
from bench.broker_faults import Lost

pytestmark = [pytest.mark.vault, pytest.mark.slow, pytest.mark.timeout(900)]

KILLS = int(os.environ.get("SECRETGUARD_KILLS", "20"))
"""How often; continuous integration takes 200, the bench 1,000."""


def test_a_broker_killed_at_any_step_loses_nothing(part: Callable[[str], Path]) -> None:
    """Every token at Vault has its intent on record, and recovery leaves no orphan."""
    assert broker_faults.killed(part("vault"), KILLS) == Lost(KILLS, 0, 0)


def test_dropped_replies_lose_nothing(part: Callable[[str], Path]) -> None:
    """Of mints, of parents and of revocations."""
    assert broker_faults.dropped(part("vault"), 30) == Lost(30, 0, 0)


def test_a_leader_killed_under_load_loses_nothing(part: Callable[[str], Path]) -> None:
    """Three nodes; the broker goes on at the others by itself."""
    assert broker_faults.led(part("vault"), 1) == Lost(1, 0, 0)
