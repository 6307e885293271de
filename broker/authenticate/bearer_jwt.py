"""Bearer tokens of people and CI systems: OIDC ID tokens and JWT access tokens of issuers named in the config.

Checks of RFC 7519 and RFC 8725 (one algorithm family, no algorithm from the token alone, issuer and audience, types).
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping

from broker.authenticate import jose
from broker.authenticate.claims import Wanted, find, holds
from broker.authenticate.discovery import Origin
from broker.authenticate.identity import Identity
from broker.authenticate.jose import Rejected
from broker.authenticate.key_set import KeySet
from broker.authenticate.login import Login
from broker.errors import BadRequest
from broker.workplace import proved
from secretguard.secret import Secret

SKEW = 60
"""How far the issuer's clock may be from ours, in seconds."""

MAX_LIFE = 86400
"""A token that is valid for longer than a day is a password; it is refused."""

MAX_GROUPS = 500

_WHAT = "bearer token"
_TYPES = ("jwt", "at+jwt", "application/at+jwt")


@dataclasses.dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One `[[issuers]]` entry. A token counts when its `iss` is `issuer`, its `aud` holds `audience`, it is signed by
    a key of `jwks` (file, https URL, or http URL on loopback; empty: the `jwks_uri` that the issuer's discovery
    document names) with one of `algorithms`, and each claim of `claims` is as given (`broker/authenticate/claims.py`).
    `subject_claim` and `groups_claim` name the claims that say who it is. `people` is False for CI systems and
    workloads, whose tokens decide nothing. Where `authorized_parties` names clients, the token must have been given
    to one of them; a token for several audiences that names another client than `audience` is refused in any case.
    `repository_claim`, `ref_claim` and `branch_claim` name the claims that prove where a CI system works
    (`broker/workplace.py`). `acts_for_claim` names, in a machine's token, the person who set it to work, as
    `acts_for_issuer` would name them in its subject: the task runs on that person's behalf, who then does not decide
    on what it asks. `ca_file` and `token_file`: see `broker/authenticate/discovery.py`. `login` is how people get such
    a token.
    """

    issuer: str
    audience: str
    jwks: str = ""
    subject_claim: str = "sub"
    groups_claim: str = "groups"
    claims: Mapping[str, Wanted] = dataclasses.field(default_factory=dict)
    algorithms: tuple[str, ...] = ("EdDSA", "Ed25519", "ES256", "RS256")
    authorized_parties: tuple[str, ...] = ()
    people: bool = True
    repository_claim: str = ""
    ref_claim: str = ""
    branch_claim: str = ""
    ca_file: str = ""
    token_file: str = ""
    login: Login | None = None
    acts_for_claim: str = ""
    acts_for_issuer: str = ""

    def __post_init__(self) -> None:
        """Raises BadRequest for a value that could not mean what was meant."""
        if not self.issuer or not self.audience or not self.subject_claim:
            raise BadRequest("an issuer needs issuer, audience and subject_claim")
        if not self.algorithms or not set(self.algorithms) <= set(jose.ALGORITHMS):
            raise BadRequest(f"algorithms of {self.issuer}: choose among {', '.join(jose.ALGORITHMS)}")
        if bool(self.acts_for_claim) != bool(self.acts_for_issuer) or (self.acts_for_claim and self.people):
            raise BadRequest("acts_for_claim and acts_for_issuer go together, for an issuer with people = false")
        self.keys()

    def keys(self) -> KeySet:
        """Its keys, not read yet. Raises BadRequest for a place that they cannot be read from."""
        return KeySet(self.jwks, issuer=self.issuer, origin=Origin(self.ca_file, self.token_file))


class BearerVerifier:
    """Turns a bearer token into an Identity. Keeps each issuer's keys; safe to share between threads."""

    def __init__(self, issuers: tuple[TrustedIssuer, ...], clock: Callable[[], float] = time.time) -> None:
        """Raises BadRequest when two issuers could state the same identity in different words."""
        for one in issuers:
            for other in issuers:
                if one is not other and f"{other.issuer}:".startswith(f"{one.issuer}:"):
                    raise BadRequest(f"the issuers {one.issuer} and {other.issuer} cannot be told apart in an identity")
        self._issuers = {issuer.issuer: (issuer, issuer.keys()) for issuer in issuers}
        self._clock = clock

    @property
    def logins(self) -> tuple[Login, ...]:
        """Where people can log in."""
        return tuple(one.login for one, _ in self._issuers.values() if one.login)

    def identify(self, token: Secret) -> Identity:
        """Verify everything, then name the caller. Raises Unauthenticated, its message without the token's content."""
        claims, issuer = self._verified(token)
        return _identity(claims, issuer)

    def claims(self, token: Secret) -> Mapping[str, object]:
        """All that a token claims, verified in the same way. Raises Unauthenticated."""
        return self._verified(token)[0]

    def _verified(self, token: Secret) -> tuple[Mapping[str, object], TrustedIssuer]:
        parsed = jose.parse(token.reveal(), _WHAT)
        if str(parsed.header.get("typ", "JWT")).lower() not in _TYPES:
            raise Rejected(f"the {_WHAT} is of a type that does not identify a caller")
        name = parsed.claims.get("iss")
        if not isinstance(name, str) or name not in self._issuers:
            fix = "name its issuer in the broker's [[issuers]], exactly as in the token's iss"
            raise Rejected(f"the {_WHAT} is of an issuer that is not configured", fix, "token-issuer")
        issuer, keys = self._issuers[name]
        if parsed.algorithm not in issuer.algorithms:
            raise Rejected(f"the {_WHAT} is signed with an algorithm that its issuer does not use")
        jose.check_signature(parsed, keys.key_for(parsed, _WHAT), _WHAT)
        self._check_times(parsed.claims)
        _check_bounds(parsed.claims, issuer)
        return parsed.claims, issuer

    def _check_times(self, claims: Mapping[str, object]) -> None:
        now = self._clock()
        expires, issued = jose.number(claims, "exp", _WHAT), jose.number(claims, "iat", _WHAT)
        if now >= expires + SKEW:
            raise Rejected(f"the {_WHAT} has expired", "get a fresh one: `broker login`", "token-time")
        if issued > now + SKEW or ("nbf" in claims and jose.number(claims, "nbf", _WHAT) > now + SKEW):
            fix = f"set both clocks: they may differ by {SKEW} s"
            raise Rejected(f"the {_WHAT} is not valid yet", fix, "token-time")
        if expires - issued > MAX_LIFE:
            fix = "have the issuer give out tokens of a shorter life"
            raise Rejected(f"the {_WHAT} is valid for more than {MAX_LIFE} s", fix, "token-time")


def _check_bounds(claims: Mapping[str, object], issuer: TrustedIssuer) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if issuer.audience not in audiences:
        fix = f"ask {issuer.issuer} for one whose aud is {issuer.audience}"
        raise Rejected(f"the {_WHAT} is for another audience", fix, "token-audience")
    _check_party(claims, issuer, alone=len(audiences) == 1)
    for name, wanted in issuer.claims.items():
        if not holds(find(claims, name), wanted):
            fix = "see the claims that the broker's [[issuers]] entry binds"
            raise Rejected(f"the {_WHAT} does not have the required '{name}'", fix, "token-claims")


def _check_party(claims: Mapping[str, object], issuer: TrustedIssuer, alone: bool) -> None:
    """To whom it was given: `azp` (OpenID Connect Core 1.0, 3.1.3.7), or `client_id` of an access token (RFC 9068)."""
    party = claims.get("azp", claims.get("client_id"))
    if issuer.authorized_parties:
        fits = party in issuer.authorized_parties
    else:
        fits = alone or party is None or party == issuer.audience
    if not fits:
        fix = "name the client in authorized_parties of the broker's [[issuers]], if it may ask"
        raise Rejected(f"the {_WHAT} was given to a client that may not use it here", fix, "token-party")


def _identity(claims: Mapping[str, object], issuer: TrustedIssuer) -> Identity:
    subject = find(claims, issuer.subject_claim)
    if not isinstance(subject, str):
        raise Rejected(f"the {_WHAT} has no '{issuer.subject_claim}'")
    groups = find(claims, issuer.groups_claim)
    groups = [] if groups is None else groups
    if not isinstance(groups, list) or len(groups) > MAX_GROUPS or not all(isinstance(name, str) for name in groups):
        raise Rejected(f"the {_WHAT} has a '{issuer.groups_claim}' that is not a list of at most {MAX_GROUPS} names")
    where = proved(claims, issuer.repository_claim, issuer.ref_claim, issuer.branch_claim)
    return Identity("jwt", subject, issuer.issuer, tuple(groups), issuer.people, where, _behind(claims, issuer))


def _behind(claims: Mapping[str, object], issuer: TrustedIssuer) -> str:
    """The id of the person behind a machine's token; "" where the issuer is not asked for one."""
    if not issuer.acts_for_claim:
        return ""
    person = find(claims, issuer.acts_for_claim)
    if not isinstance(person, str):
        raise Rejected(f"the {_WHAT} does not say in '{issuer.acts_for_claim}' for whom it works", rule="token-claims")
    return Identity("jwt", person, issuer.acts_for_issuer).id
