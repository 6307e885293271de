"""Tokens by their accessors: kill one and see that it is dead, find those that carry our metadata.

An accessor cannot be used as a credential; with it the revoker identity looks a token up and revokes it, and everything
below it, without ever holding the token. All functions raise SourceFailed when Vault's answer leaves a doubt.
"""

from __future__ import annotations

import dataclasses
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
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

SPENT = -1
"""The `num_uses` of a token whose last use was made and whose end Vault is about to write (seen on 1.14.1: 3 in 3,000
looked up at once). To revoke it is answered `token not found` then."""

AT_ONCE = 16
"""Calls on their way at the same time where many tokens are asked about or killed: Vault writes to its disk in batches,
and more than this was no faster on two cores."""

FEW = 8
"""Up to so many accessors are looked up one by one; more are compared with Vault's list of all that live."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A live token: its accessor, its metadata, when it was made (Unix seconds by Vault's clock), and the path by which
    it was, which names its role."""

    accessor: str
    meta: Mapping[str, str]
    created_at: float
    path: str = ""
    policies: frozenset[str] = frozenset()


def kill(revoker: Vault, accessor: str) -> None:
    """Revoke the token behind `accessor` and all its children, and check that it is dead. Safe to repeat."""
    problem = _revoked(revoker, accessor)
    if problem or look_up(revoker, accessor) is not None:
        raise SourceFailed(problem or _STILL, "try again; then look at Vault's own log")


_STILL = "a token is still alive after its revocation"


def kill_all(revoker: Vault, accessors: Iterable[str]) -> dict[str, str]:
    """Revoke the tokens behind many accessors, and check that they are dead: accessor → why it is not known to be;
    what is left out is dead. Those that were dead already cost one list of all accessors and no call of their own."""
    wanted = sorted(set(accessors))
    alive = _still_there(revoker, wanted)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = dict(zip(alive, pool.map(lambda accessor: _revoked(revoker, accessor), alive), strict=True))
        left = _still_there(revoker, alive)
        whys = dict(zip(left, pool.map(lambda accessor: _dead(revoker, accessor, told), left), strict=True))
    return {accessor: why for accessor, why in whys.items() if why}


def _still_there(revoker: Vault, accessors: list[str]) -> list[str]:
    """Those of `accessors` that are not known to be dead. Vault takes the accessor away after it has made the token
    unusable, so what its list leaves out is dead."""
    if len(accessors) <= FEW:
        return accessors
    listed = set(_accessors(revoker))
    return [one for one in accessors if one in listed]


def _revoked(revoker: Vault, accessor: str) -> str:
    """Why a token could not be revoked; empty when Vault says that it was, or when the look that follows tells."""
    answer = revoker.ask("post", "auth", "token", "revoke-accessor", body={"accessor": accessor})
    ending = answer.says("token not found")  # its last use ends it at this moment
    lost = not answer.status and answer.outcome is Outcome.UNCLEAR
    done = answer.outcome is Outcome.DONE or _unknown(answer) or ending or lost
    return "" if done else f"revoking a token: Vault {answer.why}"


def _dead(revoker: Vault, accessor: str, told: Mapping[str, str]) -> str:
    """Why a token is not known to be dead; empty when it is."""
    try:
        if look_up(revoker, accessor) is None:
            return ""
    except SourceFailed as error:
        return error.message
    return told.get(accessor) or _STILL


def look_up(revoker: Vault, accessor: str) -> Found | None:
    """The token behind `accessor`, or None when Vault is sure that there is none."""
    return _found(_settled(revoker, accessor), accessor)


def _settled(revoker: Vault, accessor: str) -> Answer:
    """Vault's answer about `accessor`, once it is not in the middle of a token's making or end any more."""
    for attempt in range(1 + HALF_MADE_TRIES):
        if attempt:
            time.sleep(HALF_MADE_PAUSE)
        answer = revoker.ask("post", "auth", "token", "lookup-accessor", body={"accessor": accessor})
        if answer.status != FORBIDDEN and answer.data.get("num_uses") != SPENT:
            break
    return answer


def _found(answer: Answer, accessor: str) -> Found | None:
    if _unknown(answer):
        return None
    data = answer.or_failed("looking a token up").data
    meta: Any = data.get("meta")
    named: Any = data.get("policies")
    policies = frozenset(map(str, named)) if isinstance(named, list) else frozenset[str]()
    return Found(accessor, meta if isinstance(meta, dict) else {}, _made(data), str(data.get("path") or ""), policies)


_KNOWN: weakref.WeakKeyDictionary[Vault, dict[str, Found | None]] = weakref.WeakKeyDictionary()
"""By client: what was seen of the accessors of its last sweep, None for a token that is not ours. A token's metadata
and age never change, so only what is new has to be looked up; whether it lives is asked anew each time."""


def sweep(revoker: Vault, wanted: Callable[[Mapping[str, str]], bool]) -> list[Found]:
    """All live tokens made by this program whose metadata `wanted` accepts.

    One list, and one call per token that Vault did not have at the last sweep, so ask for many things at once. It sees
    what exists when it passes: a mint that is still on its way appears later. An accessor that is answered 403 for good
    has no token behind it, but only where others were not: the revoker's own is always among them, and a missing right
    would show there too.
    """
    until = time.monotonic() + SWEEP_SECONDS
    known, alive = _KNOWN.get(revoker, {}), _accessors(revoker)
    new = [accessor for accessor in alive if accessor not in known]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(new, pool.map(lambda one: _settled_before(revoker, one, until), new), strict=True))
    if answers and all(answer.status == FORBIDDEN for answer in answers.values()):  # not new ones alone?
        probe = next((accessor for accessor in alive if accessor in known), new[0])
        if _settled_before(revoker, probe, until).status == FORBIDDEN:
            raise SourceFailed("looking tokens up: Vault forbids it", "run `broker vault check`")
    seen = {one: _ours(_found(answer, one)) for one, answer in answers.items() if answer.status != FORBIDDEN}
    kept = {accessor: known[accessor] for accessor in alive if accessor in known} | seen
    _KNOWN[revoker] = kept
    return [token for token in kept.values() if token is not None and wanted(token.meta)]


def _settled_before(revoker: Vault, accessor: str, until: float) -> Answer:
    if time.monotonic() > until:
        raise SourceFailed("looking through Vault's tokens takes too long", "it is tried again")
    return _settled(revoker, accessor)


def _ours(token: Found | None) -> Found | None:
    return token if token is not None and token.meta.get("maker") == MAKER else None


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
