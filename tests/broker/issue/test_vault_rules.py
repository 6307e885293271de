"""What each source needs in Vault: held to one shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.issue import registry
from broker.issue.vault_rules import ENGINES, HANDED_OUT, SOURCES
from broker.vault import NAME
from broker.vault_config import IdentityTable, VaultTable

LOGIN = IdentityTable(token_file="/t")
TABLE = VaultTable(address="https://v.example.org", issuer=LOGIN, revoker=LOGIN)


def test_every_vault_source_says_what_it_needs() -> None:
    """A source that the registry builds and the plan does not know would have no policy."""
    assert set(registry.VAULT) == SOURCES
    assert not HANDED_OUT & ENGINES.keys()


@pytest.mark.parametrize("name", ENGINES)
def test_the_revoker_only_looks_and_lists(name: str) -> None:
    """Taking back needs no right to write, and what has sudo says why."""
    needs = ENGINES[name]
    for rule in needs.revoker(needs.mount(TABLE)):
        assert set(rule.capabilities) <= {"read", "list", "update", "sudo"}
        if "sudo" in rule.capabilities:
            assert "sudo, because" in rule.why


TEXTS = st.text(alphabet="aZ9_-./,:@ *+\"'{}$\n%?#", max_size=6)


@given(st.sampled_from(sorted(ENGINES)), st.data())
def test_no_accepted_scope_becomes_a_wildcard(name: str, data: st.DataObject) -> None:
    """In a policy's path `*` and `+` stand for anything, in its parameters `*` does; neither gets there, nor does what
    would be another path."""
    shape = registry.KINDS[name].scope
    scope = dict.fromkeys(shape.required, "a")
    for key, kind in {**shape.required, **shape.optional}.items():
        drawn = data.draw(TEXTS)
        if kind.good(drawn):
            scope[key] = drawn
    assert shape.problem(scope) == ("", "")
    needs = ENGINES[name]
    for rule in needs.policy(needs.mount(TABLE), scope):
        assert all(NAME.fullmatch(segment) for segment in rule.path.split("/"))
        values = [str(value) for allowed in (rule.allowed or {}).values() for value in allowed]
        assert not any(set(value) & set("*+\"\n{}$%?#'") for value in values)
