"""What an answer of Vault means. Pure: a status and a body become a value.

That meaning decides everything downstream: REFUSED is certain, UNCLEAR may have been carried out. A 500 can follow a
minted token (audit failure), a 400 too ("leadership lost while committing log"), and so can silence.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from typing import Any

from broker.errors import MaybeIssued, SourceFailed
from secretguard import rawjson
from secretguard.secret import Secret

CLEARLY_REFUSED = frozenset({400, 403, 404, 405, 412, 413, 429, 501})
CARRIED_OUT_PERHAPS = ("leadership lost", "failed to persist", "context canceled", "context deadline", "timed out")
"""Words in a 400 after which the work may have been done all the same."""

IN_OUR_WORDS = (
    ("child policies must be subset", "the grant's policy is not among the policies of the task's parent token"),
    ("restricted use token cannot", "the task's parent token is use-limited and cannot have children"),
    ("unknown role", "the role does not exist"),
    ("valid value for valid_principals", "the role does not allow this principal"),
    ("on allowed list", "the role does not allow these options or extensions"),
    ("larger than maximum allowed", "the role does not allow so long a life"),
    ("not allowed by this role", "the role does not allow this name"),
    ("not allowed in this role", "the role does not allow such a name"),
    ("invalid role or secret id", "the role id or secret id is not valid"),
    ("invalid role id", "the role id is not valid"),
    ("invalid secret id", "the secret id is not valid"),
    ("failed to revoke entry", "the system behind the lease could not be reached"),
    ("leadership lost", "the cluster lost its leader in the middle of the call"),
    ("rate limit quota", "a rate-limit quota was exceeded"),
    ("sealed", "it is sealed"),
    ("not initialized", "it is not initialised"),
    ("permission denied", "the broker's identity may not do this"),
)


RULES: Mapping[int, str] = {
    403: "vault-denied",
    429: "vault-rate-limit",
    472: "vault-replica",
    473: "vault-replica",
    501: "vault-not-initialised",
}
"""Status → rule, where the status says it all."""


class Outcome(enum.StrEnum):
    """DONE: carried out. REFUSED: certainly not carried out. UNCLEAR: either."""

    DONE = "done"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What Vault said. Only `status`, `outcome` and `why` (our own words) may be shown; the rest can hold secrets.

    `empty` is Vault's own way to say that a list has nothing in it, which a gateway's 404 is not. `wrapping` is the
    token around a wrapped answer, `wrap` what else Vault tells of it.
    """

    status: int
    outcome: Outcome
    why: str
    token: Secret | None = dataclasses.field(default=None, repr=False)
    auth: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)
    lease_id: str = dataclasses.field(default="", repr=False)
    lease_seconds: int = 0
    warnings: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    errors: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    empty: bool = False
    wrapping: Secret | None = dataclasses.field(default=None, repr=False)
    wrap: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    def or_failed(self, what: str) -> Answer:
        """Itself when DONE; else SourceFailed. For calls that create nothing or are safe to repeat."""
        if self.outcome is not Outcome.DONE:
            raise SourceFailed(f"{what}: Vault {self.why}", _fix(self.status), rule=self.rule)
        return self

    def or_maybe(self, what: str) -> Answer:
        """Itself when DONE; SourceFailed when REFUSED, MaybeIssued when UNCLEAR. For calls that create something."""
        if self.outcome is Outcome.UNCLEAR:
            fix = "recovery looks for it and revokes it; ask again later"
            raise MaybeIssued(f"{what}: Vault {self.why}", fix, rule=self.rule)
        return self.or_failed(what)

    @property
    def rule(self) -> str:
        """The id of what keeps this from being done, for a problem document."""
        if not self.status:
            return "vault-unreachable" if self.outcome is Outcome.REFUSED else "vault-silent"
        if self.status == 503:
            return "vault-sealed" if self.says("sealed") else "vault-unclear"
        if 300 <= self.status < 400:
            return "vault-redirect"
        return RULES.get(self.status, "vault-unclear" if self.outcome is Outcome.UNCLEAR else "vault-refused")

    def says(self, words: str) -> bool:
        """Whether an error or a warning of Vault contains `words` (lower case)."""
        return any(words in text.lower() for text in (*self.errors, *self.warnings))


def understood(status: int, body: bytes) -> Answer:
    """Judge one complete answer. The media type is not looked at: gateways add parameters to it."""
    document: Mapping[str, Any] = {}
    readable = not body
    try:
        parsed = rawjson.loads(body) if body else {}
        if isinstance(parsed, dict):
            document, readable = parsed, True
    except rawjson.JsonError:
        pass
    errors = _texts(document.get("errors"))
    outcome, why = _judged(status, errors, readable)
    auth = _mapping(document.get("auth"))
    wrap = _mapping(document.get("wrap_info"))
    return Answer(
        status, outcome, why,
        token=_secret(auth.get("client_token")),
        wrapping=_secret(wrap.get("token")),
        wrap={key: value for key, value in wrap.items() if key != "token"},
        auth={key: value for key, value in auth.items() if key != "client_token"},
        data=_mapping(document.get("data")),
        lease_id=str(document.get("lease_id") or ""),
        lease_seconds=whole(document.get("lease_duration")),
        warnings=_texts(document.get("warnings")),
        errors=errors,
        empty=status == 404 and document.get("errors") == [],
    )  # fmt: skip


def _judged(status: int, errors: tuple[str, ...], readable: bool) -> tuple[Outcome, str]:
    told = " ".join(errors).lower()
    words = next((ours for theirs, ours in IN_OUR_WORDS if theirs in told), "")
    why = f"answered {status}" + (f", {words}" if words else "")
    if status in (200, 202, 204):
        return (Outcome.DONE, why) if readable else (Outcome.UNCLEAR, f"answered {status} with an unreadable body")
    if 300 <= status < 400:
        # a standby that passed the request on says this, too, where its leader died in the middle of it
        return Outcome.UNCLEAR, f"answered {status}, a redirect, which is never followed"
    if status == 503 and "sealed" in told:
        return Outcome.REFUSED, why
    if status in CLEARLY_REFUSED and not any(hint in told for hint in CARRIED_OUT_PERHAPS):
        return Outcome.REFUSED, why
    return Outcome.UNCLEAR, why


def _fix(status: int) -> str:
    if 300 <= status < 400:
        return (
            "let the nodes pass requests on to their leader, or set vault.address to a balancer that does not redirect"
        )
    if status == 403:
        return "run `broker vault check`; it names the missing permission"
    return "run `broker vault check`"


def unix(stamp: object) -> float:
    """One of Vault's RFC 3339 times as Unix seconds; the far future when it cannot be read, so that a thing of unknown
    age is looked at and not overlooked."""
    try:
        return datetime.datetime.fromisoformat(str(stamp)).timestamp()
    except ValueError:
        return float("inf")


def _secret(value: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def whole(value: object) -> int:
    """A positive whole number as it is, everything else (true and false among it) as 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
