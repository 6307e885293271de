"""Tokens by their accessors: kill one and see that it is dead, find those that carry our metadata.

An accessor cannot be used as a credential; with it the revoker identity looks a token up and revokes it, and everything
below it, without ever holding the token. All functions raise SourceFailed when Vault's answer leaves a doubt.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

from broker.errors import SourceFailed
from broker.vault import Vault
from broker.vault_answer import Answer, Outcome, unix

MAKER = "secretguard"
"""Value of the metadata key `maker` on every token of ours. Nothing without it is ever touched."""

LIST_CAP = 32 << 20
FORBIDDEN = 403
SWEEP_SECONDS = 120.0
HALF_MADE_TRIES, HALF_MADE_PAUSE = 5, 0.1
"""Vault writes a token's accessor before the token and deletes it after. In between a look-up is answered 403, as if
the right were missing (seen on 1.14.1: 5 in 5,000 while tokens come and go); a moment later it is one or the other.
Where a request ended in between, the accessor stays behind with no token, and is answered 403 for good."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A live token: its accessor, its metadata, when it was made (Unix seconds by Vault's clock)."""

    accessor: str
    meta: Mapping[str, str]
    created_at: float


def kill(revoker: Vault, accessor: str) -> None:
    """Revoke the token behind `accessor` and all its children, and check that it is dead. Safe to repeat."""
    answer = revoker.ask("post", "auth", "token", "revoke-accessor", body={"accessor": accessor})
    if not _unknown(answer):
        answer.or_failed("revoking a token")
    if look_up(revoker, accessor) is not None:
        raise SourceFailed("a token is still alive after its revocation", "try again; then look at Vault's own log")


def look_up(revoker: Vault, accessor: str) -> Found | None:
    """The token behind `accessor`, or None when Vault is sure that there is none."""
    return _found(_settled(revoker, accessor), accessor)


def _settled(revoker: Vault, accessor: str) -> Answer:
    """Vault's answer about `accessor`, once it is not in the middle of a token's making or end any more."""
    for attempt in range(1 + HALF_MADE_TRIES):
        if attempt:
            time.sleep(HALF_MADE_PAUSE)
        answer = revoker.ask("post", "auth", "token", "lookup-accessor", body={"accessor": accessor})
        if answer.status != FORBIDDEN:
            break
    return answer


def _found(answer: Answer, accessor: str) -> Found | None:
    if _unknown(answer):
        return None
    data = answer.or_failed("looking a token up").data
    meta: Any = data.get("meta")
    return Found(accessor, meta if isinstance(meta, dict) else {}, _made(data))


def sweep(revoker: Vault, wanted: Callable[[Mapping[str, str]], bool]) -> list[Found]:
    """All live tokens made by this program whose metadata `wanted` accepts.

    One call per token that Vault has, so ask for many things at once. It sees what exists when it passes: a mint that
    is still on its way appears later. An accessor that is answered 403 for good has no token behind it, but only where
    others were not: the revoker's own is always among them, and a missing right would show there too.
    """
    until = time.monotonic() + SWEEP_SECONDS
    found, allowed, forbidden = [], False, None
    for accessor in _accessors(revoker):
        if time.monotonic() > until:
            raise SourceFailed("looking through Vault's tokens takes too long", "it is tried again")
        answer = _settled(revoker, accessor)
        if answer.status == FORBIDDEN:
            forbidden = answer
            continue
        token, allowed = _found(answer, accessor), True
        if token is not None and token.meta.get("maker") == MAKER and wanted(token.meta):
            found.append(token)
    if forbidden is not None and not allowed:
        forbidden.or_failed("looking tokens up")
    return found


def _accessors(revoker: Vault) -> list[str]:
    answer = revoker.ask("list", "auth", "token", "accessors", cap=LIST_CAP)
    keys: Any = answer.or_failed("listing accessors").data.get("keys")
    if not isinstance(keys, list) or not keys:  # the revoker's own token is always among them
        raise SourceFailed("Vault's list of accessors is empty or no list", "run `broker vault check`")
    return [key for key in keys if isinstance(key, str)]


def _made(data: Mapping[str, Any]) -> float:
    """`issue_time` where it can be read (it has nanoseconds), else the whole seconds of `creation_time`, else never:
    too early is safe, since what was made later is looked at."""
    exact, whole = unix(data.get("issue_time")), data.get("creation_time")
    if exact != float("inf"):
        return exact
    return float(whole) if isinstance(whole, int) else 0.0


def _unknown(answer: Answer) -> bool:
    """Vault knows no such accessor. A plain 403 or 404 is not that: it may be a missing permission."""
    return answer.outcome is Outcome.REFUSED and answer.says("invalid accessor")
