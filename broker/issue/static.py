"""Source `static`: a long-lived value that an administrator put into the store, for injection alone.

It cannot be narrowed, and no revocation ends it: what a task's end takes away is only that anybody is given it. So it
never enters a sandbox (`hands_out` is False); the supervisor outside is given it and puts it into a request.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import ClassVar

from broker.errors import NotFound, RecordFailed, SourceFailed
from broker.issue.scope import Scope, matching
from broker.issue.source import MintRequest, line
from broker.lease import Lease, LeaseState, Minted
from broker.receipt import Line, Revocation
from broker.store.static import NAME, StaticValues

_NEVER_RELEASED = (LeaseState.INTENDED, LeaseState.MINTED, LeaseState.FAILED)


@dataclasses.dataclass(frozen=True, slots=True)
class StaticSource:
    """Implements `Source`."""

    values: StaticValues
    clock: Callable[[], float] = time.time
    needs_parent = False
    hands_out: ClassVar[bool] = False
    scope: ClassVar[Scope] = Scope({"name": matching("the name of a value of `broker static list`", NAME)})

    def mint(self, request: MintRequest) -> Minted:
        """Open the value. Raises SourceFailed."""
        name = request.grant.scope.get("name", "")
        try:
            value, version = self.values.value(name)
        except (NotFound, RecordFailed) as error:
            raise SourceFailed(error.message, error.fix) from None
        expires_at = int(self.clock()) + request.ttl
        return Minted({"value": value}, accessor=f"{name}@{version}", source_lease="", expires_at=expires_at)

    def revoke(self, lease: Lease) -> Line:
        """STANDING: the value is as good as before."""
        named = lease.accessor.partition("@")[0] or "NAME"
        return line(lease, Revocation.STANDING, f"it was never in the sandbox; `broker static rotate {named}` ends it")

    def recover(self, lease: Lease) -> Line:
        """A value leaves this process only after its release is on record."""
        if lease.state in _NEVER_RELEASED:
            return line(lease, Revocation.NOTHING, "opened here and never handed out")
        return self.revoke(lease)
