"""Tenants: how the credentials of several teams are kept apart at one Vault, by a token role and mounts for each.

A task policy names its tenant, and each of its grants then has a source of that tenant's: `database@acme` is the source
`database` on acme's mounts. The name stands in every lease and record, so a lease goes back to where it came from.
The token role caps, in Vault, what a task of one tenant can ever have: no policy of another's.
"""

from __future__ import annotations

SIGN = "@"
"""Between a source and its tenant; no name of either has it."""


def with_tenant(source: str, tenant: str) -> str:
    """The name of a tenant's source; that of the source itself where there is no tenant."""
    return f"{source}{SIGN}{tenant}" if tenant else source


def kind_of(source: str) -> str:
    """The source's own name."""
    return source.partition(SIGN)[0]


def tenant_of(source: str) -> str:
    """Whose it is; empty for nobody's in particular."""
    return source.partition(SIGN)[2]


def role_of(task_role: str, tenant: str) -> str:
    """The token role of a tenant's parents. No prefix of a broker has a `_`, so none can be taken for another's."""
    return f"{task_role}_{tenant}" if tenant else task_role


def made_by(path: str, task_role: str) -> bool:
    """Whether a token's creation path is of this broker's token role, or of one of its tenants'."""
    own = f"auth/token/create/{task_role}"
    return path == own or path.startswith(f"{own}_")
