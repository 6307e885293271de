"""What a request may change about a grant: make it smaller, never larger. Shapes of the `narrow` fields of the API."""

from __future__ import annotations

import dataclasses

from pydantic import Field

from broker.errors import Refused
from broker.grant import Grant
from broker.toml_file import StrictModel


class Narrow(StrictModel):
    """Smaller limits for one credential or grant: seconds, uses, live leases, issues in all and in a minute.
    None leaves a limit as it is."""

    ttl: int | None = Field(default=None, ge=1)
    uses: int | None = Field(default=None, ge=1)
    max_leases: int | None = Field(default=None, ge=1)
    max_issues: int | None = Field(default=None, ge=1)
    rate: int | None = Field(default=None, ge=1)


LIMITS = tuple(Narrow.model_fields)
NO_CAP_IS_ZERO = ("uses", "rate")


class NarrowTask(StrictModel):
    """Smaller limits for a task: its deadline in seconds, and the grants it keeps (None: all), each narrowed or not."""

    deadline: int | None = Field(default=None, ge=1)
    grants: dict[str, Narrow] | None = None


def narrowed(grant: Grant, narrow: Narrow | None) -> Grant:
    """`grant` within the limits of `narrow`. Raises Refused, naming the nearest request that passes, if one is wider.

    0 means no cap on `uses` and `rate` in a grant, so there any number narrows.
    """
    if narrow is None:
        return grant
    changes = {name: value for name, value in narrow.model_dump().items() if value is not None}
    wider = {name: value for name, value in changes.items() if value != within(name, value, getattr(grant, name))}
    if wider:
        told = ", ".join(f"{grant.name}.{name} = {value}" for name, value in wider.items())
        limits = ", ".join(f"{name} <= {getattr(grant, name)}" for name in wider)
        raise Refused(
            f"{told}: wider than the grant, and requests only narrow",
            f"ask for {limits}, or leave it out",
            rule="narrow-only",
        )
    return dataclasses.replace(grant, **changes)


def within(name: str, value: int, limit: int) -> int:
    """`value` of the limit `name`, or the grant's own where it is wider."""
    return value if name in NO_CAP_IS_ZERO and limit == 0 else min(value, limit)


def least(*caps: int) -> int:
    """The smallest of some caps, of which 0 is none."""
    return min(filter(None, caps), default=0)


def intersection(task: Grant, policy: Grant) -> Grant:
    """The smaller of what a task was given and what its policy says now, limit by limit."""
    return dataclasses.replace(
        policy,
        ttl=min(task.ttl, policy.ttl),
        uses=least(task.uses, policy.uses),
        rate=least(task.rate, policy.rate),
        max_leases=min(task.max_leases, policy.max_leases),
        max_issues=min(task.max_issues, policy.max_issues),
        approvals=max(task.approvals, policy.approvals),
        delivery="inject" if "inject" in (task.delivery, policy.delivery) else "socket",
        reissue_on_exposure=task.reissue_on_exposure and policy.reissue_on_exposure,
    )
