"""Lay the broker's record beside Vault's: each token that one of them tells of must be in the other. Pure.

Tokens are matched by their accessors, which nobody can choose. Metadata can be chosen by whoever holds the issuer's
login, so they count only where the broker's record says that an answer was lost, and then for one token.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
from collections.abc import Iterator, Mapping

from broker.issue.vault_accessors import MAKER
from broker.tenant import made_by
from broker.vault_audit import Made, VaultLog
from broker.vault_record import Known

REVOKE_SECONDS = 60
"""A confirmed revocation was sent at most this long before it was recorded."""


class Verdict(enum.StrEnum):
    """NOT_IN_BROKER and NOT_IN_VAULT name the log that lacks something which the other has."""

    MATCHES = "matches"
    NOT_IN_BROKER = "missing in the broker's record"
    NOT_IN_VAULT = "missing in Vault's log"
    CANNOT_TELL = "cannot tell"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """`what` is a lease's id, `parent of TASK`, or a line of Vault's log; `time` is Unix seconds."""

    verdict: Verdict
    what: str
    time: float
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """`matching` tokens are in both; the findings have what is missing first."""

    matching: int
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest of all."""
        return self.findings[0].verdict if self.findings else Verdict.MATCHES


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What is compared. `hashed` has the accessors of `told`, and MAKER, as Vault's log writes them; the two roles are
    names in Vault; things before `since`, and from `until` on, are left out; the two clocks differ by `skew` seconds at
    most."""

    log: VaultLog
    told: Mapping[str, Known]
    hashed: Mapping[str, str]
    task_role: str
    issuer_role: str
    since: float = 0.0
    until: float = float("inf")
    skew: float = 5.0


def compare(question: Question) -> Comparison:
    """All findings."""
    check = _Check(question)
    found = [*check.of_vault(), *check.of_broker(), *check.of_lines()]
    order = list(Verdict)
    found.sort(key=lambda one: (order.index(one.verdict), one.time))
    wrong = {one.what for one in found}
    return Comparison(len(check.seen.keys() - wrong), tuple(found))


class _Check:
    """One comparison. `seen` is each known token whose creation is in Vault's log; `blind` that the log may say more
    than can be read."""

    def __init__(self, question: Question) -> None:
        self.ask, self.log, self.told = question, question.log, question.told
        self.by_accessor = {form: one for one in self.told.values() for form in self._forms(one)}
        self.seen: dict[str, Made] = {}
        self.lost = collections.Counter({one.name: one.lost for one in self.told.values()})
        self.resalted = any(self._other_salt(made) for made in self.log.made)
        self.blind = bool(self.log.unreadable) or self.resalted

    def of_vault(self) -> Iterator[Finding]:
        """Tokens in Vault's log that the broker's record does not account for."""
        family = set(self.by_accessor)
        for made in self.log.made:
            if not (self._by_role(made) or (made.maker and made.maker in family)):
                continue
            family.add(made.accessor)
            one = self.by_accessor.get(made.accessor)
            if one is not None:
                self.seen[one.name] = made
            elif self._asked(made.at):
                yield from self._stranger(made)

    def of_broker(self) -> Iterator[Finding]:
        """Tokens and revocations in the broker's record that Vault's log does not have."""
        for one in self.told.values():
            made = self.seen.get(one.name)
            if not self._asked(one.intended):
                continue
            if made is not None and one.pending:
                yield Finding(Verdict.CANNOT_TELL, one.name, made.at, "its answer is under way or was lost")
            elif made is None and (one.accessor or one.end == "confirmed"):
                yield self._not_made(one)
            if one.end and self._asked(one.ended) and (made is not None or one.accessor):
                yield from self._not_revoked(one, made)

    def of_lines(self) -> Iterator[Finding]:
        """Whatever is in a line that cannot be read."""
        if self.log.unreadable:
            detail = f"{len(self.log.unreadable)} lines of Vault's log cannot be read"
            yield Finding(Verdict.CANNOT_TELL, f"line {self.log.unreadable[0]}", self.log.first, detail)

    def _asked(self, moment: float) -> bool:
        return self.ask.since <= moment < self.ask.until

    def _by_role(self, made: Made) -> bool:
        """Made through the broker's token role, with the policy of a parent, or by the issuer."""
        role = self.ask.task_role
        through = made_by(made.path, role) or role in made.policies
        return through or self.ask.issuer_role in made.maker_policies

    def _stranger(self, made: Made) -> Iterator[Finding]:
        """A token whose accessor the record does not have."""
        what = f"line {made.line}"
        one = self.told.get(made.meta.get("intent") or f"parent of {made.meta.get('task', '')}")
        if self._other_salt(made):
            yield Finding(Verdict.CANNOT_TELL, what, made.at, "under another salt: the device was made anew since")
        elif one is None or not self._may_be_lost(one, made):
            detail = f"a token was made that the broker did not record; its metadata say {_said(made)}"
            yield Finding(Verdict.NOT_IN_BROKER, what, made.at, detail)
        elif not one.accessor and one.name not in self.seen:
            self.seen[one.name] = made  # judged with the broker's side
        elif made.accessor not in self.log.revoked:
            yield self._left_over(what, made)

    def _may_be_lost(self, one: Known, made: Made) -> bool:
        """Whether an answer of `one` was lost and can have been this token; each lost answer is used up once."""
        if made.meta.get("kind") != one.kind or made.meta.get("task") != one.task:
            return False
        if one.kind == "lease":
            return not one.accessor and one.name not in self.seen
        self.lost[one.name] -= 1
        return self.lost[one.name] >= (-1 if one.pending else 0)

    def _not_made(self, one: Known) -> Finding:
        if not one.accessor:
            detail = "its answer was lost, and Vault's log does not have it either"
            return Finding(Verdict.CANNOT_TELL, one.name, one.intended, detail)
        if self.blind or not self._covers(one.intended, one.minted):
            return Finding(Verdict.CANNOT_TELL, one.name, one.intended, f"made {self._why()}")
        return Finding(Verdict.NOT_IN_VAULT, one.name, one.intended, "recorded as made; its creation is not there")

    def _not_revoked(self, one: Known, made: Made | None) -> Iterator[Finding]:
        forms = {*self._forms(one), made.accessor if made else ""}
        if forms & self.log.revoked:
            return
        if self.blind or not self._covers(max(one.intended, one.ended - REVOKE_SECONDS), one.ended):
            yield Finding(Verdict.CANNOT_TELL, one.name, one.ended, f"revoked {self._why()}")
        elif one.end == "nothing" and made is not None:
            yield self._left_over(one.name, made)
        else:
            yield Finding(Verdict.NOT_IN_VAULT, one.name, one.ended, "recorded as revoked; its revocation is not there")

    def _left_over(self, what: str, made: Made) -> Finding:
        if made.ttl and made.at + made.ttl <= self.log.last:
            return Finding(Verdict.CANNOT_TELL, what, made.at, "recorded as nothing; made, and expired by itself")
        return Finding(Verdict.NOT_IN_BROKER, what, made.at, "recorded as nothing; made, and not revoked")

    def _covers(self, start: float, end: float) -> bool:
        return self.log.first <= start - self.ask.skew and end + self.ask.skew <= self.log.last

    def _why(self) -> str:
        if self.log.unreadable:
            return "perhaps in a line that cannot be read"
        return "perhaps under another salt" if self.resalted else "outside of the log's time"

    def _forms(self, one: Known) -> tuple[str, ...]:
        """How the log may write an accessor: as an HMAC, or in clear where the device has `hmac_accessor=false`."""
        hashed = self.ask.hashed.get(one.accessor, "")
        return tuple(form for form in (one.accessor, hashed) if form)

    def _other_salt(self, made: Made) -> bool:
        """A token of the broker's carries its maker in clear and, in the same line, as an HMAC."""
        sealed = made.sealed.get("maker")
        return made.meta.get("maker") == MAKER and sealed not in (self.ask.hashed.get(MAKER), MAKER)


def _said(made: Made) -> str:
    told = [f"{key} {made.meta[key][:64]!r}" for key in ("kind", "task", "intent") if key in made.meta]
    if made.meta.get("task", "").startswith("check-"):
        told.append("as a drill of `broker vault check` would")
    return ", ".join(told) or "nothing"
