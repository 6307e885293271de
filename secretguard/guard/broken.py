"""What a broken policy still decides: its last good form denies and asks as before, and nothing is released. Hot path.

The line: what releases is refused, because the policy that would forbid it is not known; the rest goes on by what was
last known, loudly. A release is what puts something out of reach of a later "no":

- secret or customer data, read, written or used;
- an effect that sends or reveals, or that could not be told;
- anything in production but a plain read;
- a push, a task, a credential.
"""

from __future__ import annotations

from secretguard.policy.request import Decision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.policy.request import Request

RULE = "policy-broken"
_LONGEST = 400


def releases(request: Request) -> bool:
    """Whether the request would put something out of reach."""
    if request.action not in ("read", "write", "run") or request.data in ("secret", "customer"):
        return True
    if request.effect in ("send", "reveal", "opaque"):
        return True
    return request.environment == "production" and (request.action, request.effect) != ("read", "plain")


def decided(decision: Decision, request: Request, faults: list[str]) -> Decision:
    """`decision` of the last good policy, while these `faults` stand: a denial as it is, a release refused."""
    if decision.outcome in ("deny", "two_persons") or not faults or not releases(request):
        return decision
    return Decision("deny", RULE, reason(faults))


def reason(faults: list[str]) -> str:
    """Why, where, and the way on."""
    where = faults[0] if len(faults[0]) <= _LONGEST else faults[0][:_LONGEST] + "…"
    return (
        f"The policy is broken ({where}), so nothing is released until it is mended; what it last forbade stays"
        " forbidden. Way on: ask the person to mend the policy (`secretguard policy check` says where), or go on with"
        " work that neither uses secrets nor sends."
    )
