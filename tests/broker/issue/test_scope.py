"""Scopes: every mistake in a grant's scope is named by its key when the policy is loaded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.issue.scope import DNS_NAME, HOST, NETWORK, PORT, TEXT, VAULT_NAME, WHOLE, Scope, Value, listed

SHAPE = Scope({"role": VAULT_NAME}, {"port": PORT})


@pytest.mark.parametrize(
    ("given", "key", "words"),
    [
        ({}, "role", "is missing"),
        ({"rolle": "r"}, "rolle", "is no key of this source; it has port, role"),
        ({"role": "r", "uses": "1"}, "uses", "is no key"),
        ({"role": "a/../b"}, "role", "is not 1 to 64 letters"),
        ({"role": ""}, "role", "is not 1 to 64 letters"),
        ({"role": "r", "port": "0"}, "port", "is not a port number"),
        ({"role": "r", "port": "22"}, "", ""),
        ({"role": "r"}, "", ""),
    ],
    ids=str,
)
def test_a_mistake_is_named_by_its_key(given: dict[str, str], key: str, words: str) -> None:
    """An unknown key, a missing one, a value of another form; a good scope has none."""
    found, wrong = SHAPE.problem(given)
    assert found == key
    assert wrong.startswith(words) or words in wrong


@pytest.mark.parametrize(
    ("value", "good", "bad"),
    [
        (VAULT_NAME, ["a", "Az-_9", "x" * 64], ["", "x" * 65, "a.b", "a/b", "a b", "a\n", "ä", "*", "+"]),
        (PORT, ["1", "65535"], ["0", "65536", "-1", "1.0", "999999", "٣", "", " 1"]),
        (WHOLE, ["1", "999999999"], ["0", "01", "1000000000", "-1", "", "1\n"]),
        (DNS_NAME, ["a", "db-1.example.org"], ["-a", "a..b", "a.", "", "a_b", "*.a", "a\n", "a" * 64]),
        (HOST, ["db.example.org", "127.0.0.1", "::1"], ["a b", "1::2::3", "http://a", ""]),
        (NETWORK, ["192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "::1"], ["192.0.2.1/24", "!192.0.2.0/24", "*", ""]),
        (listed(DNS_NAME), ["a", "a,b", ",".join("a" * 16)], ["a,,b", "a,", "a, b", ",".join("a" * 17), ""]),
        (TEXT, ["x"], [""]),
    ],
    ids=lambda one: one.form if isinstance(one, Value) else None,
)
def test_each_kind_of_value_takes_its_own_form_alone(value: Value, good: list[str], bad: list[str]) -> None:
    """What goes into paths, policies and certificates has no room for another meaning."""
    assert [one for one in good if not value.good(one)] == []
    assert [one for one in bad if value.good(one)] == []


@given(st.dictionaries(st.sampled_from(["role", "port", "x"]), st.text(max_size=5)))
def test_a_scope_without_a_problem_has_only_good_values(given: dict[str, str]) -> None:
    """Whatever passes has every required key, no unknown one, and each value in its form."""
    if SHAPE.problem(given) == ("", ""):
        assert {"role"} <= given.keys() <= {"role", "port"}
        assert VAULT_NAME.good(given["role"])
