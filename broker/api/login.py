"""How people log in, for `broker login`, and who a caller is, for `broker whoami`."""

from __future__ import annotations

from fastapi import APIRouter, Request

from broker.api.caller import Callers
from broker.service import Broker


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker."""
    api = APIRouter(prefix="/v1")

    @api.get("/login")
    def logins() -> dict[str, list[dict[str, object]]]:
        """The issuers at which a person can log in. For anybody: it is what a login page would show."""
        names = ("issuer", "client_id", "token", "resource")
        offers = [
            {**{name: getattr(one, name) for name in names}, "scopes": list(one.scopes)}
            for one in callers.bearer.logins
        ]
        return {"logins": offers}

    @api.get("/whoami")
    def whoami(request: Request) -> dict[str, object]:
        """Who the caller is, and the roles that follow: operator, launcher and approver of task policies."""
        caller, tasks = callers.identity(request), broker.policies.current().tasks
        launches = sorted(name for name, one in tasks.items() if any(map(caller.matches, one.launchers)))
        approves = sorted(name for name, one in tasks.items() if any(map(caller.matches, one.approvers)))
        return {
            "id": caller.id,
            "person": caller.may_be_person,
            "groups": sorted(caller.groups),
            "operator": callers.is_operator(caller),
            "launcher_of": launches,
            "approver_of": approves if caller.may_be_person else [],
        }

    return api
