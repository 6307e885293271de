"""A grant: one named entitlement in a task policy. Frozen; read from TOML by `broker/task_policy.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Grant:
    """What one named grant allows.

    `source` is a key of the registry in `broker/issue/registry.py`; `scope` holds that source's own parameters, which
    its class declares (`broker/issue/scope.py`). Times are whole seconds.
    `uses` caps how often one credential may be used where the source can enforce it (0 = no cap); `max_leases` caps
    live leases at once; `max_issues` caps issues in the life of one task, `rate` those in any minute (0 = no cap).
    `approvals` is how many people must agree, on top of what the policy set demands. `data` is the policy's data
    class of what the credential reaches.
    `delivery` says where a credential may go: `socket` into the sandbox, `inject` no further than the supervisor.
    `reissue_on_exposure`: a task whose credential got out may have another one (`broker/exposure.py`).
    """

    name: str
    source: str
    scope: Mapping[str, str]
    ttl: int
    data: str = "internal"
    uses: int = 0
    max_leases: int = 1
    max_issues: int = 20
    rate: int = 0
    approvals: int = 0
    delivery: str = "socket"
    description: str = ""
    reissue_on_exposure: bool = False
