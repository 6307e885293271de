"""Source `github_app`: an installation token of a GitHub App, for the repositories and permissions of the grant.

    [grants.push]
    source = "github_app"
    scope = { installation = "4242", repositories = "widgets,gadgets", permissions = "contents:write,issues:read" }
    ttl = 1800

GitHub makes each token for an hour. The broker takes it back when the lease ends, which needs the token itself: it is
kept in the lease's row as ciphertext (`broker/store/sealed.py`) until then. A token whose answer was lost is known to
nobody; GitHub has no list of tokens, so its receipt says until when it may exist.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import time
from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from broker.errors import MaybeIssued, SourceFailed
from broker.github_client import JWT_SECONDS, SKEW_SECONDS
from broker.issue.scope import Scope, listed, matching
from broker.issue.source import MintRequest, line
from broker.lease import Lease, Minted
from broker.receipt import Line, Revocation
from broker.store.sealed import Sealer
from secretguard.secret import Secret

HOUR = 3600
"""Seconds that GitHub gives each token."""

LATE = 25 + JWT_SECONDS + SKEW_SECONDS
"""Seconds after its intent when a call whose answer was lost has been carried out or never will be: the App's proof was
made within READY_SECONDS (`broker/pipeline.py`), and GitHub takes none that has expired."""

TRIES = 3
"""How often a revoked token is shown to GitHub again until it is refused."""

_INSTALLATION = re.compile(r"[1-9][0-9]{0,17}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_PERMISSION = re.compile(r"[a-z][a-z_]{0,63}:(read|write|admin)")
_TOKEN = re.compile(r"[!-~]{20,4096}")
LEVELS = ("read", "write", "admin")


class MakesTokens(Protocol):
    """The part of `broker.github_client.GitHub` that is used here."""

    def create(self, installation: str, body: Mapping[str, object]) -> Mapping[str, object]: ...

    def revoke(self, token: Secret) -> bool: ...


@dataclasses.dataclass(frozen=True, slots=True)
class GitHubAppSource:
    """Implements `Source`."""

    github: MakesTokens
    sealer: Sealer
    clock: Callable[[], float] = time.time
    needs_parent = False
    hands_out: ClassVar[bool] = True
    scope: ClassVar[Scope] = Scope(
        {
            "installation": matching("the number of an installation", _INSTALLATION),
            "repositories": listed(matching("a repository's name without its owner", _REPOSITORY)),
            "permissions": listed(matching("a permission such as contents:read", _PERMISSION)),
        }
    )

    def mint(self, request: MintRequest) -> Minted:
        """One token. What GitHub made is looked at: one that can do more is taken back and not handed out.

        Raises SourceFailed, MaybeIssued.
        """
        scope, grant = request.grant.scope, request.grant.name
        key, wrong = self.scope.problem(scope)
        if wrong:
            raise SourceFailed(f"grant {grant}: scope.{key}: {wrong}", "correct the task policy")
        body = order(scope)
        made = self.github.create(scope["installation"], body)
        token, ends_at = _token(made), _end(made)
        excess = _excess(made, body) if ends_at else "without an end"
        if excess:
            self._kill(token)
            raise SourceFailed(f"GitHub made a token that was not asked for ({excess}); it is revoked", _FIX)
        expires_at = min(ends_at, int(self.clock()) + request.ttl)
        sealed = self.sealer.seal(request.lease_id, token)
        return Minted({"token": token}, accessor="", source_lease="", expires_at=expires_at, sealed=sealed)

    def revoke(self, lease: Lease) -> Line:
        """CONFIRMED once GitHub refuses the token, or when its hour is over. Raises SourceFailed, which names the end
        of that hour: it is later than the lease's own."""
        latest = self._latest(lease)
        if not lease.sealed or latest <= self.clock():
            return self.recover(lease)
        try:
            self._revoke(self.sealer.unseal(lease.id, lease.sealed))
        except SourceFailed as no:
            by = datetime.datetime.fromtimestamp(latest, datetime.UTC).isoformat(timespec="minutes")
            raise SourceFailed(f"{no.message}; the token ends by itself, by {by} at the latest", no.fix) from None
        return line(lease, Revocation.CONFIRMED, "GitHub refuses the token")

    def recover(self, lease: Lease) -> Line:
        """GitHub cannot say whether there is a token: EXPIRES at the latest moment that one could end."""
        latest = dataclasses.replace(lease, expires_at=self._latest(lease))
        if latest.expires_at <= self.clock():
            return line(latest, Revocation.CONFIRMED, "its hour is over")
        return line(latest, Revocation.EXPIRES, "GitHub has no list of tokens: one may exist, and ends by then")

    def _revoke(self, token: Secret) -> None:
        for _ in range(TRIES):
            if not self.github.revoke(token):
                return
        raise SourceFailed("GitHub still takes a token that it has revoked", "it is tried again")

    def _latest(self, lease: Lease) -> int:
        """When a token of this lease has ended at the latest."""
        return lease.created_at + LATE + HOUR

    def _kill(self, token: Secret) -> None:
        try:
            self.github.revoke(token)
        except SourceFailed:
            raise MaybeIssued("a token that was not handed out could not be revoked", "it ends by itself") from None


_FIX = "look at the App's installation, and at github.api"


def order(scope: Mapping[str, str]) -> dict[str, object]:
    """The body of the request for a token."""
    pairs = (one.split(":") for one in scope["permissions"].split(","))
    return {"repositories": scope["repositories"].split(","), "permissions": dict(pairs)}


def _token(made: Mapping[str, object]) -> Secret:
    token = made.get("token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise MaybeIssued("GitHub's answer has no token", "a token may exist; it ends by itself")
    return Secret(token)


def _end(made: Mapping[str, object]) -> int:
    """When the token ends by itself, in Unix seconds; 0 where the answer does not say."""
    try:
        ends_at = datetime.datetime.fromisoformat(str(made.get("expires_at")))
    except ValueError:
        return 0
    return int(ends_at.timestamp()) if ends_at.tzinfo else 0


def _excess(made: Mapping[str, object], asked: Mapping[str, object]) -> str:
    """What the token can do beyond what was asked for, in our own words; empty when nothing. Reading a repository's
    metadata comes with every permission (GitHub's documentation, "Permissions required for GitHub Apps")."""
    allowed = {"metadata": "read", **_mapping(asked["permissions"])}
    for name, level in _mapping(made.get("permissions")).items():
        if level not in LEVELS or name not in allowed or LEVELS.index(level) > LEVELS.index(allowed[name]):
            return "other permissions"
    if made.get("repository_selection") != "selected":
        return "not selected repositories"
    listed = made.get("repositories")
    names = (
        [one.get("name") if isinstance(one, dict) else None for one in listed] if isinstance(listed, list) else [None]
    )
    wanted = asked["repositories"]
    if not isinstance(wanted, list) or any(
        str(name).lower() not in {str(one).lower() for one in wanted} for name in names
    ):
        return "other repositories"
    return ""


def _mapping(value: object) -> dict[str, str]:
    return {str(name): str(level) for name, level in value.items()} if isinstance(value, Mapping) else {"": ""}
