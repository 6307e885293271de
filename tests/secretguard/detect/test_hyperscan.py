"""Stage 1 by Hyperscan: every match end, nothing from a damaged database, no pattern that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from secretguard import pack
from secretguard.detect.hyperscan import HyperscanMatcher, Refused, compile_database

NATIVE: Any = pack.native_module()


def test_hits_are_match_ends_with_pattern_numbers() -> None:
    """Numbers are positions in the list of patterns, offsets are byte offsets after the match."""
    matcher = HyperscanMatcher(NATIVE, compile_database(NATIVE, [b"foo", b"b[a]r"]))
    assert sorted(matcher.hits("é foo bar foo".encode())) == [(6, 0), (10, 1), (14, 0)]


def test_damaged_database_is_refused() -> None:
    """A flipped bit or a missing end is refused; it is never scanned with."""
    blob = compile_database(NATIVE, [b"foo"])
    for bad in (blob[:-8], b"", blob[:200] + bytes([blob[200] ^ 1]) + blob[201:]):
        with pytest.raises(Refused):
            HyperscanMatcher(NATIVE, bad)


def test_look_around_is_refused() -> None:
    """A pattern that Hyperscan cannot do stops the build."""
    with pytest.raises(Refused):
        compile_database(NATIVE, [b"(?<!a)b"])
