"""What two byte strings have in common, found by comparing halves: the comparing itself is done in C."""

from __future__ import annotations

COARSE = 64
"""Bytes by which an answer may be too small: whoever asks looks at whole lines anyway."""


def common_start(one: bytes, other: bytes) -> int:
    """How many bytes both begin with, at most COARSE too few."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > COARSE:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def common_end(one: bytes, other: bytes, most: int) -> int:
    """How many bytes, of the last `most`, both end with, at most COARSE too few."""
    low, high = 0, most
    while high - low > COARSE:
        middle = (low + high) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle
    return low
