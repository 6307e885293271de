"""Requests only narrow: the property, and the words of a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import Refused
from broker.grant import Grant
from broker.narrow import Narrow, intersection, narrowed

LIMITS = ("ttl", "max_leases", "max_issues")
small = st.integers(1, 1000)
grants = st.builds(
    Grant,
    name=st.just("g"), source=st.just("s"), scope=st.just({}), ttl=small, max_leases=small, max_issues=small,
    uses=st.integers(0, 1000), approvals=st.integers(0, 2), delivery=st.sampled_from(["socket", "inject"]),
)  # fmt: skip
asked = st.none() | small
narrows = st.builds(Narrow, ttl=asked, uses=asked, max_leases=asked, max_issues=asked)


def uses(grant: Grant) -> float:
    """The cap on uses, where 0 means none."""
    return grant.uses or float("inf")


@given(grants, narrows)
def test_a_narrowed_grant_is_inside_both(grant: Grant, narrow: Narrow) -> None:
    """What comes out is no wider than the grant nor than the request; what asks for more is refused, never clipped."""
    wants_more = any((getattr(narrow, name) or 0) > getattr(grant, name) for name in LIMITS)
    if wants_more or (grant.uses and (narrow.uses or 0) > grant.uses):
        with pytest.raises(Refused):
            narrowed(grant, narrow)
        return
    result = narrowed(grant, narrow)
    for name in LIMITS:
        assert getattr(result, name) == (getattr(narrow, name) or getattr(grant, name))
    assert uses(result) == min(uses(grant), narrow.uses or float("inf"))
    assert (result.source, result.scope, result.approvals) == (grant.source, grant.scope, grant.approvals)
    assert result.delivery == grant.delivery


@given(grants, grants)
def test_an_intersection_is_inside_both(first: Grant, second: Grant) -> None:
    """Each limit is the smaller one, no cap on uses loses against any cap, and approvals are the larger number."""
    result = intersection(first, second)
    for name in LIMITS:
        assert getattr(result, name) == min(getattr(first, name), getattr(second, name))
    assert uses(result) == min(uses(first), uses(second))
    assert result.approvals == max(first.approvals, second.approvals)
    assert (result.delivery == "inject") is ("inject" in (first.delivery, second.delivery))


def test_a_refusal_names_what_would_pass() -> None:
    """The message has the limit and the fix the nearest request that passes."""
    grant = Grant("db", "s", {}, ttl=900)
    with pytest.raises(Refused) as refused:
        narrowed(grant, Narrow(ttl=901))
    assert "db.ttl = 901" in refused.value.message
    assert refused.value.fix.startswith("ask for ttl <= 900")
    assert refused.value.rule == "narrow-only"


def test_nothing_asked_changes_nothing() -> None:
    """Without a narrowing the grant stays as it is."""
    grant = Grant("db", "s", {}, ttl=900)
    assert narrowed(grant, None) is grant
    assert narrowed(grant, Narrow()) == grant


@pytest.mark.parametrize("bad", [{"ttl": 0}, {"ttl": -1}, {"uses": True}, {"ttl": "9"}, {"scope": {}}, {"ttl": 1.0}])
def test_a_narrowing_is_whole_numbers_and_nothing_else(bad: dict[str, object]) -> None:
    """Zero, negative, text, truth values, fractions and unknown fields are refused."""
    with pytest.raises(ValueError):
        Narrow.model_validate(bad)
