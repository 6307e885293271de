"""Names of tenants' sources and roles: taken apart again as they were put together, and never another broker's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.tenant import kind_of, made_by, role_of, tenant_of, with_tenant

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
TENANTS = st.just("") | st.from_regex(r"[a-z0-9][a-z0-9-]{0,15}", fullmatch=True)
PREFIXES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)


@given(NAMES, TENANTS)
def test_a_source_and_its_tenant_are_told_apart_again(source: str, tenant: str) -> None:
    """Whatever both are called."""
    assert (kind_of(with_tenant(source, tenant)), tenant_of(with_tenant(source, tenant))) == (source, tenant)


@given(PREFIXES, PREFIXES, TENANTS, TENANTS)
def test_no_tenant_of_one_broker_is_taken_for_another_broker(one: str, other: str, mine: str, theirs: str) -> None:
    """Two prefixes at the same Vault, whatever their tenants are called."""
    path = f"auth/token/create/{role_of(f'{other}-task', theirs)}"
    assert made_by(path, f"{one}-task") == (one == other)
    assert len(role_of(f"{one}-task", mine)) <= 64


@pytest.mark.parametrize("path", ["", "auth/token/create", "auth/token/create/t-tasks", "auth/token/create/t-task/x"])
def test_another_path_is_not_ours(path: str) -> None:
    """A token that somebody made by other means."""
    assert not made_by(path, "t-task")
