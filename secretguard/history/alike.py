"""What two byte strings have in common, found by comparing halves: the comparing itself is done in C."""

from __future__ import annotations

COARSE = 64
"""Bytes by which an answer may be too small: whoever asks looks at whole lines anyway."""


def common_start(one: bytes, other: bytes) -> int:
    """How many bytes both begin with, at most COARSE too few."""
    low, high = 0, min(len(one), len(other))
    if other.startswith(one[:high]):
        return high
    while high - low > COARSE:
        middle = (low + high) // 2
        if other.startswith(one[low:middle], low):  # compares in place, where `==` would copy both halves
            low = middle
        else:
            high = middle
    return low


def common_end(one: bytes, other: bytes, most: int) -> int:
    """How many bytes, of the last `most`, both end with, at most COARSE too few."""
    low, high = 0, most
    while high - low > COARSE:
        middle = (low + high) // 2
        if other.startswith(one[len(one) - middle : len(one) - low], len(other) - middle):
            low = middle
        else:
            high = middle
    return low
