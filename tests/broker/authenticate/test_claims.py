"""Claims: by name or JSON pointer, bound to patterns, truth values or one of several."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.claims import Wanted, find, holds

POD = {
    "sub": "system:serviceaccount:ci:runner",
    "kubernetes.io": {"namespace": "ci", "serviceaccount": {"name": "runner"}, "a/b": {"~": 1}},
    "/odd": "never found by a pointer",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sub", "system:serviceaccount:ci:runner"),
        ("/kubernetes.io/namespace", "ci"),
        ("/kubernetes.io/serviceaccount/name", "runner"),
        ("/kubernetes.io/a~1b/~0", 1),
        ("/kubernetes.io/namespace/x", None),
        ("/sub/x", None),
        ("/nothing", None),
        ("/odd", None),
        ("kubernetes.io/namespace", None),
        ("", None),
    ],
)
def test_where_a_claim_is_found(name: str, value: object) -> None:
    """A plain name is a claim's own; a pointer goes into objects, and what is not there is None."""
    assert find(POD, name) == value


@pytest.mark.parametrize(
    ("value", "wanted", "held"),
    [
        ("staging", "staging", True),
        ("staging", ["production", "staging"], True),
        ("staging", ["production"], False),
        ("acme/shop", "acme/*", True),
        (["a", "acme/shop"], "acme/*", True),
        (["a", 7, None], "acme/*", False),
        ([], "**", False),
        (None, "**", False),
        (7, "7", False),
        ({"staging": 1}, "staging", False),
        (True, True, True),
        (False, True, False),
        ("true", True, False),
        (1, True, False),
        (None, False, False),
        (False, False, True),
        (True, "true", False),
        (["x"] * 600 + ["staging"], "staging", False),
    ],
)
def test_what_a_claim_is_bound_to(value: object, wanted: Wanted, held: bool) -> None:
    """Only texts fit patterns, only a truth value is one, and a missing claim is nothing."""
    assert holds(value, wanted) is held


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4), st.text("/~01ab", max_size=12))
def test_no_claims_make_it_fail(claims: dict[str, object], name: str) -> None:
    """Whatever an issuer puts into a token, looking is safe."""
    holds(find(claims, name), "**")
