"""Kill by Vault alone: while the broker, its store or its issuer is away, with nothing but the revoker's identity.

What is ours in Vault says so: each task's parent has this broker's policy for parents, and all tokens of the task carry
its id and the lease's as metadata. What was ordered and achieved is kept in a file beside the broker's keys, written
before the first token is touched; the broker takes it into the record when it works again (`broker/kill_file.py`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from broker.errors import BadRequest, SourceFailed
from broker.issue import vault_accessors
from broker.issue.vault_accessors import Found
from broker.vault import Vault

SCOPES = "all, task:ID or lease:ID"


@dataclasses.dataclass(frozen=True, slots=True)
class Killed:
    """What a kill came to. `tasks` are the tasks that had tokens; `dead` and `left` count tokens, `problem` is why
    some are left; `engines` counts dead tokens below which an engine had made something (a database user), which Vault
    ends by itself and nobody has watched."""

    tasks: tuple[str, ...]
    dead: int
    left: int
    engines: int
    problem: str = ""


def require_scope(scope: str) -> tuple[str, str]:
    """Kind and value of a scope that Vault alone can find. Raises BadRequest."""
    kind, _, value = scope.partition(":")
    if scope != "all" and (kind not in ("task", "lease") or not value):
        fix = f"use {SCOPES}; of policies, launchers and tenants only the broker knows"
        raise BadRequest(f"{scope[:64]!r} cannot be found by Vault alone", fix, rule="scope")
    return kind, value


def kill(revoker: Vault, parent_policy: str, scope: str, progress: Callable[[int, int], None]) -> Killed:
    """Revoke all tokens of the scope and check that they are dead. `progress` is told (done, of how many).

    `parent_policy` is this broker's; another one's tokens on the same server are left alone. Raises BadRequest, and
    SourceFailed when Vault cannot be asked.
    """
    kind, value = require_scope(scope)
    found = _ours(vault_accessors.sweep(revoker, lambda _: True), parent_policy)
    if kind != "all":
        key = "task" if kind == "task" else "intent"
        found = [token for token in found if token.meta.get(key) == value]
    parents = [token for token in found if token.meta.get("kind") == "parent"]
    first = parents or found  # what hangs below a parent dies with it
    progress(0, len(first))
    with ThreadPoolExecutor(vault_accessors.AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(lambda token: _tried(revoker, token.accessor), first), start=1):
            progress(done, len(first))
    left = vault_accessors.kill_all(revoker, [token.accessor for token in found])
    dead = [token for token in found if token.accessor not in left]
    return Killed(
        tuple(sorted({token.meta.get("task", "") for token in found})),
        len(dead),
        len(left),
        sum("role" in token.meta for token in dead),
        next(iter(left.values()), ""),
    )


def _ours(found: Sequence[Found], parent_policy: str) -> list[Found]:
    """All tokens but those of tasks whose parent is another broker's: each broker has a policy of its own by which its
    parents make children, those of sub-tasks and of tenants too. A token without a living parent is nobody's and is
    taken."""
    theirs = {
        token.meta.get("task")
        for token in found
        if token.meta.get("kind") == "parent" and parent_policy not in token.policies
    }
    return [token for token in found if token.meta.get("task") not in theirs]


def _tried(revoker: Vault, accessor: str) -> None:
    try:
        vault_accessors.kill(revoker, accessor)
    except SourceFailed:
        return  # looked at again, and told, at the end
