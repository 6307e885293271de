"""Who is asking: a value made from the transport or a verified token, never from a header or a body field."""

from __future__ import annotations

import dataclasses

from broker.authenticate.pattern import matches
from broker.errors import Unauthenticated
from broker.workplace import NOWHERE, Workplace

MAX_NAME = 255
"""Longest subject or group name, in characters (OpenID Connect Core 1.0, section 2: a subject has at most 255)."""

MAX_PATH = 512
"""Longest SPIFFE id without its scheme, in characters; the standard's 2048 bytes would not fit into every column."""

_GROUP = "group:"


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """One caller. `kind` is `unix` (a peer's user id, `issuer` empty), `jwt` (a subject in the words of `issuer`) or
    `spiffe` (trust domain and path of a workload, `issuer` empty). `person` is False for an issuer of machines;
    `workplace` is what its token proves of where it works, `acts_for` the id of the person behind a machine, where its
    token says so ("": nobody).

    `id` is stable and is what records, launcher lists and the rule *approver is not requester* compare. Raises
    Unauthenticated for a name that could pass for another one, or that would not survive a log line.
    """

    kind: str
    subject: str
    issuer: str = ""
    groups: tuple[str, ...] = ()
    person: bool = True
    workplace: Workplace = NOWHERE
    acts_for: str = ""

    def __post_init__(self) -> None:
        for name in (self.subject, *self.groups):
            if not 0 < len(name) <= (MAX_PATH if self.kind == "spiffe" else MAX_NAME) or not name.isprintable():
                raise Unauthenticated(
                    f"a subject or group name must be 1 to {MAX_NAME} printable characters", rule="identity-name"
                )
        if self.subject.startswith(_GROUP):  # `jwt:ISSUER:group:NAME` is how a launcher list names a group
            raise Unauthenticated("a subject must not begin with 'group:'", rule="identity-name")

    @property
    def id(self) -> str:
        """`unix:1000`, `jwt:ISSUER:SUBJECT` or `spiffe:DOMAIN/PATH`. Two identities are the same caller exactly when
        their ids are equal."""
        return f"jwt:{self.issuer}:{self.subject}" if self.kind == "jwt" else f"{self.kind}:{self.subject}"

    @property
    def behalf(self) -> str:
        """The id of whom a task of this caller runs for: the person behind it, else itself."""
        return self.acts_for or self.id

    @property
    def may_be_person(self) -> bool:
        """False for a machine, and for a Unix peer, which proves no more than *some process of this user*, the agent's
        among them."""
        return self.kind == "jwt" and self.person

    def matches(self, pattern: str) -> bool:
        """Is this caller meant by `unix:UID`, `unix:*`, `jwt:ISSUER:SUBJECT`, `jwt:ISSUER:group:NAME`, `jwt:*` or
        `spiffe:DOMAIN/PATH`? Stars in a subject or path are those of `broker/authenticate/pattern.py`; an issuer, a
        trust domain and a group have none."""
        if pattern in ("unix:*", "jwt:*"):
            return pattern == f"{self.kind}:*"
        if self.kind == "jwt" and pattern in {f"jwt:{self.issuer}:{_GROUP}{name}" for name in self.groups}:
            return True
        if "*" not in pattern or self.kind == "unix":
            return pattern == self.id
        own = f"jwt:{self.issuer}:" if self.kind == "jwt" else f"spiffe:{self.subject.partition('/')[0]}/"
        return pattern.startswith(own) and matches(pattern.removeprefix(own), self.id.removeprefix(own))
