"""Two versions of a baseline into one: nothing is lost, and nothing is accepted that nobody accepted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.baseline_head import fresh
from secretguard.baseline_merge import merge, stricter
from secretguard.errors import ConfigError

DIGEST = "a" * 40


def entry(**more: Any) -> dict[str, Any]:
    return {"type": "T", "filename": "a.py", "hashed_secret": DIGEST, "is_verified": False, **more}


def document(*entries: dict[str, Any]) -> dict[str, Any]:
    results: dict[str, list[dict[str, Any]]] = {}
    for one in entries:
        results.setdefault(one["filename"], []).append(one)
    return fresh() | {"results": results}


def only(whole: dict[str, Any]) -> dict[str, Any]:
    [found] = [one for listed in whole["results"].values() for one in listed]
    return dict(found)


def test_both_sides() -> None:
    """What either accepted is there, sorted."""
    one, two = entry(filename="b.py"), entry(hashed_secret="b" * 40)
    whole, contested = merge("f", None, document(one), document(two))
    assert whole["results"] == {"a.py": [two], "b.py": [one]}
    assert contested == []


def test_dropped_on_one_side() -> None:
    """With the common version it goes, unless the other side changed it; without, it stays."""
    base, empty = document(entry()), document()
    assert merge("f", base, base, empty)[0]["results"] == {}
    assert merge("f", base, empty, base)[0]["results"] == {}
    assert only(merge("f", base, empty, document(entry(is_secret=True)))[0]) == entry(is_secret=True)
    assert only(merge("f", None, document(entry()), empty)[0]) == entry()


def test_changed_on_one_side() -> None:
    """The change counts, also one that accepts for longer."""
    base, longer = document(entry(until="2027-01-01")), document(entry(until="2028-01-01"))
    assert only(merge("f", base, base, longer)[0])["until"] == "2028-01-01"
    assert only(merge("f", base, longer, base)[0])["until"] == "2028-01-01"


def test_changed_on_both_sides() -> None:
    """Real is stronger than accepted, an earlier day than a later one, a day than none."""
    early = entry(until="2027-01-01", why="early", by="e", is_secret=False)
    late = entry(until="2028-01-01", why="late", by="l", is_secret=True)
    assert stricter(early, late) == early | {"is_secret": True}
    assert stricter(late, early) == early | {"is_secret": True}
    assert stricter(entry(why="none", by="n"), early) == early
    assert stricter(entry(), entry(why="w")) == entry(why="w")
    assert "is_secret" not in stricter(entry(), entry())


def test_head() -> None:
    """A change of one side counts; where both changed a field ours stays, and that is said."""
    base, ours, theirs = document(), document(), document()
    theirs["plugins_used"] = theirs["plugins_used"][:3]
    assert merge("f", base, ours, theirs)[0]["plugins_used"] == theirs["plugins_used"]
    ours["plugins_used"] = ours["plugins_used"][:5]
    whole, contested = merge("f", base, ours, theirs)
    assert (whole["plugins_used"], contested) == (ours["plugins_used"], ["plugins_used"])


def test_field_that_one_side_dropped() -> None:
    """A field of the head that one side took out is out."""
    base = document() | {"generated_at": "t"}
    assert "generated_at" not in merge("f", base, document(), base)[0]
    assert "generated_at" not in merge("f", base, base, document())[0]


def test_broken_entry_is_named() -> None:
    """A version that is no baseline is an error with the file's name."""
    with pytest.raises(ConfigError, match=r"f: results: 'a\.py'"):
        merge("f", None, {"results": {"a.py": [{}]}}, document())


words = st.fixed_dictionaries(
    {},
    optional={
        "is_secret": st.booleans(),
        "until": st.sampled_from(["2027-01-01", "2028-01-01"]),
        "why": st.sampled_from(["x", "y"]),
    },
)


def accepts(one: dict[str, Any] | None, day: str) -> bool:
    return one is not None and one.get("is_secret") is not True and one.get("until", "9999") >= day


@given(words, words, st.sampled_from(["2026-06-01", "2027-06-01", "2028-06-01"]))
def test_stricter_accepts_no_more_than_either(one: dict[str, Any], other: dict[str, Any], day: str) -> None:
    """On any day, in either order; and merging with itself changes nothing."""
    both, turned = stricter(entry(**one), entry(**other)), stricter(entry(**other), entry(**one))
    assert accepts(both, day) == accepts(turned, day) == (accepts(one, day) and accepts(other, day))
    assert stricter(entry(**one), entry(**one)) == entry(**one)
