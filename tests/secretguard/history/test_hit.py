"""Hits and the parts of a history add up, and hold no secret."""

from __future__ import annotations

import json

from secretguard.history.hit import Hit, Sifted

HIT = Hit("c", "p", "b", 3, "rule", "digest")


def test_parts_add_up() -> None:
    """Everything of both parts, in order."""
    whole = Sifted([HIT], [("a", "binary", 5)], 1, 10, 2)
    whole.add(Sifted([HIT._replace(line=4)], [("b", "gone", 0)], 3, 20, 5))
    assert [hit.line for hit in whole.hits] == [3, 4]
    assert whole.gaps == [("a", "binary", 5), ("b", "gone", 0)]
    assert (whole.files, whole.bytes, whole.commits) == (4, 30, 7)


def test_a_hit_survives_the_disk() -> None:
    """What the cache writes comes back as it was."""
    assert Hit(*json.loads(json.dumps(HIT))) == HIT
