"""Proposed policies: who agreed to exactly which one, over exactly which one. All in the caller's transaction.

Every function that writes does so alone (`broker/policy/turn.py`), so that two people's words come one after the other,
on every replica; and each records its event. A proposal comes into force in the transaction of the vote that
completes it, never half and never later.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import secrets

import sqlalchemy as sa

from broker.authenticate.identity import Identity
from broker.errors import BadRequest, BrokerError, Conflict, NotFound, Refused, TooMany
from broker.policy.difference import Difference
from broker.policy.files import PolicyFiles
from broker.policy.owners import Owners, agreed
from broker.policy.turn import alone
from broker.store.log import append
from broker.store.statements import POLICY
from broker.store.tables import policy_history, policy_in_force, policy_proposals, policy_sets, policy_votes

LIFETIME = 7 * 86400
"""How long a proposal waits for its owners, in seconds."""

MAX_WAITING, MAX_WAITING_EACH = 50, 5
"""Proposals that may wait at once, in all and of one person."""

MAX_CHANGES = 1000
"""Lines that somebody has to read."""

MAX_A_DAY = 30
"""Proposals that one person may make in a day: each of them is kept."""


class State(enum.StrEnum):
    """waiting → activated, denied or expired (too late, or overtaken by another policy)."""

    WAITING = "waiting"
    ACTIVATED = "activated"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed policy: `digest` is to take the place of `base`, and of no other; times are Unix seconds."""

    id: str
    digest: str
    base: str
    kind: str
    proposer: str
    reason: str
    state: State
    created_at: int
    expires_at: int

    @property
    def needs_both(self) -> bool:
        """Whether one of engineering and one of security must agree; else one owner. An unknown kind needs both."""
        return self.kind not in ("tightens", "same")


def in_force(tx: sa.Connection) -> str:
    """The digest of the policy in force, "" in a store that has none."""
    found = POLICY.first(tx)
    return found["digest"] if found else ""


def keep(tx: sa.Connection, files: PolicyFiles, now: int) -> str:
    """Store the files under their digest, once; the digest. The caller is alone."""
    digest = files.digest
    if tx.execute(sa.select(policy_sets.c.digest).where(policy_sets.c.digest == digest)).first() is None:
        text = json.dumps(dict(files.texts), sort_keys=True)
        tx.execute(policy_sets.insert().values(digest=digest, files=text, at=now))
    return digest


def files_of(tx: sa.Connection, digest: str) -> PolicyFiles:
    """The stored files. Raises NotFound, and BrokerError where they are not those of the digest."""
    text = tx.execute(sa.select(policy_sets.c.files).where(policy_sets.c.digest == digest)).scalar()
    if text is None:
        raise NotFound(f"no policy {digest[:64]!r}", "see `broker policy history`", rule="unknown-policy-set")
    files = PolicyFiles(json.loads(text))
    if files.digest != digest:
        raise BrokerError("a stored policy is not the one that its digest names", rule="policy-damaged")
    return files


def require_room(tx: sa.Connection, proposer: Identity, owner: bool, now: int) -> None:
    """Raises Refused for a caller who is no person, TooMany where too many proposals wait.

    What waits keeps no owner from proposing, a tightening above all; the number in a day is theirs, too.
    """
    if not proposer.may_be_person:
        fix = "propose with an OIDC token (`--token-file`)"
        raise Refused("a Unix peer proves no person, so it could be one of the approvers", fix, rule="proposer")
    waits = (policy_proposals.c.state == State.WAITING.value) & (policy_proposals.c.expires_at > now)
    mine = policy_proposals.c.proposer == proposer.id
    today = policy_proposals.c.created_at > now - 86400
    count = sa.func.count()
    query = sa.select(count.filter(waits), count.filter(waits & mine), count.filter(mine & today))
    total, waiting, made = tx.execute(query.select_from(policy_proposals)).one()
    full = total >= MAX_WAITING or waiting >= MAX_WAITING_EACH
    if (full and not owner) or made >= MAX_A_DAY:
        fix = "take one back with `broker policy deny`, or wait"
        raise TooMany(f"{waiting} of your proposals wait, {total} in all, {made} made today", fix, rule="policy-flood")


def propose(
    tx: sa.Connection,
    proposer: Identity,
    files: PolicyFiles,
    base: str,
    found: Difference,
    reason: str,
    owner: bool,
    now: int,
) -> Proposal:
    """Write down a proposal over `base`, which must still be in force. The same one again, by the same person, is the
    same proposal. `owner`: whether the proposer is one. Raises Conflict, Refused, TooMany, BadRequest."""
    alone(tx)
    if in_force(tx) != base:
        raise Conflict("another policy came into force meanwhile", "propose again", rule="policy-moved")
    digest = files.digest
    if digest == base:
        raise Conflict("this is the policy in force", "there is nothing to agree to", rule="policy-same")
    known = newest(tx, proposer.id, digest, now)
    if known is not None:
        return known
    require_room(tx, proposer, owner, now)
    if len(found.changes) > MAX_CHANGES:
        fix = "propose it in parts that people can read"
        raise BadRequest(f"{len(found.changes)} changes, more than {MAX_CHANGES}", fix, rule="policy-set")
    keep(tx, files, now)
    made = Proposal(
        id=f"policy-{secrets.token_hex(12)}",
        digest=digest,
        base=base,
        kind=found.kind,
        proposer=proposer.id,
        reason=reason,
        state=State.WAITING,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    said = [[change.ways.word, change.text] for change in found.changes]
    values = {**dataclasses.asdict(made), "state": made.state.value, "changes": json.dumps(said)}
    tx.execute(policy_proposals.insert().values(**values))
    told = {"kind": made.kind, "changes": len(said), "summary": _summary(found), "by": proposer.id, "reason": reason}
    _event(tx, "broker:policy:proposed", made, now, **told)
    return made


def decide(
    tx: sa.Connection, proposal_id: str, person: Identity, yes: bool, reason: str, owners: Owners, base: str, now: int
) -> Proposal:
    """Record one person's word; what has become of the proposal. `owners` are those of the policy `base`.

    A yes of somebody who said yes before changes nothing. One no closes it; its proposer may take it back so.
    Raises NotFound, Refused (no owner, their own loosening), Conflict (closed, too late, another policy in force).
    """
    alone(tx)
    moved, found = in_force(tx), find(tx, proposal_id)
    sides = _require_word(found, person, yes, owners)
    cast = votes(tx, proposal_id)
    if yes and cast.get(person.id, ("", ()))[0] == "approve":
        return found
    _require_open(found, moved, now)
    if moved != base:  # owners were read from another policy
        raise Conflict("another policy came into force meanwhile", "try again", rule="policy-moved")
    _vote(tx, found, person, "approve" if yes else "deny", sides, reason, now)
    if not yes:
        return _closed(tx, found, State.DENIED, "broker:policy:denied", now, by=person.id, reason=reason)
    told = {"by": person.id, "for": list(sides), "reason": reason}
    _event(tx, "broker:policy:approved", found, now, **told)
    agreeing = {name: one for name, (word, one) in votes(tx, proposal_id).items() if word == "approve"}
    if not agreed(found.needs_both, agreeing):
        return found
    activate(tx, found.digest, found.kind, found.id, sorted(agreeing), found.reason, now)
    return dataclasses.replace(found, state=State.ACTIVATED)


def activate(tx: sa.Connection, digest: str, kind: str, proposal_id: str, by: list[str], reason: str, now: int) -> None:
    """Put a stored policy in force. What was proposed over the old one expires. The caller is alone."""
    old = in_force(tx)
    if old:
        tx.execute(policy_in_force.update().where(policy_in_force.c.id == 1).values(digest=digest))
    else:
        tx.execute(policy_in_force.insert().values(id=1, digest=digest))
    number = (tx.execute(sa.select(sa.func.max(policy_history.c.number))).scalar() or 0) + 1
    row = {"digest": digest, "kind": kind, "proposal_id": proposal_id, "by": json.dumps(by), "reason": reason}
    tx.execute(policy_history.insert().values(number=number, at=now, **row))
    if proposal_id:
        _set_state(tx, proposal_id, State.ACTIVATED)
    event = "broker:policy:recovered" if kind == "recovered" else "broker:policy:activated"
    told = {"to": digest, "kind": kind, "proposal": proposal_id, "by": by, "reason": reason, "number": number}
    append(tx, event, "", now, {"from": old, **told})
    waiting = policy_proposals.c.state == State.WAITING.value
    for other in tx.execute(sa.select(policy_proposals).where(waiting)).all():
        _closed(tx, proposal_of(other), State.EXPIRED, "broker:policy:expired", now, reason="another came into force")


def expire(tx: sa.Connection, now: int) -> int:
    """Close what nobody completed in time; how many."""
    late = (policy_proposals.c.state == State.WAITING.value) & (policy_proposals.c.expires_at <= now)
    if tx.execute(sa.select(policy_proposals.c.id).where(late)).first() is None:
        return 0
    alone(tx)
    rows = tx.execute(sa.select(policy_proposals).where(late)).all()
    for row in rows:
        _closed(tx, proposal_of(row), State.EXPIRED, "broker:policy:expired", now, reason="nobody completed it in time")
    return len(rows)


def find(tx: sa.Connection, proposal_id: str) -> Proposal:
    """The proposal. Raises NotFound."""
    row = tx.execute(sa.select(policy_proposals).where(policy_proposals.c.id == proposal_id)).first()
    if row is None:
        fix = "list them with `broker policy list`"
        raise NotFound(f"no proposed policy {proposal_id[:64]!r}", fix, rule="unknown-proposal")
    return proposal_of(row)


def newest(tx: sa.Connection, proposer: str, digest: str, now: int) -> Proposal | None:
    """This person's proposal of this very policy that waits over the policy in force, or that put it in force."""
    active = in_force(tx)
    mine = (policy_proposals.c.proposer == proposer) & (policy_proposals.c.digest == digest)
    waits = (policy_proposals.c.state == State.WAITING.value) & (policy_proposals.c.expires_at > now)
    here = waits & (policy_proposals.c.base == active)
    done = (policy_proposals.c.state == State.ACTIVATED.value) & (policy_proposals.c.digest == active)
    query = sa.select(policy_proposals).where(mine & (here | done))
    row = tx.execute(query.order_by(policy_proposals.c.created_at.desc()).limit(1)).first()
    return None if row is None else proposal_of(row)


def votes(tx: sa.Connection, proposal_id: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Person → (`approve` or `deny`, the sides that they spoke for)."""
    rows = tx.execute(sa.select(policy_votes).where(policy_votes.c.proposal_id == proposal_id)).all()
    return {row.person: (row.decision, tuple(json.loads(row.sides))) for row in rows}


def proposal_of(row: sa.Row[tuple[object, ...]]) -> Proposal:
    """A row of the table as a value."""
    names = [field.name for field in dataclasses.fields(Proposal)]
    values = {name: row._mapping[name] for name in names}
    return Proposal(**{**values, "state": State(values["state"])})


def _summary(found: Difference) -> str:
    """What changes, the loosenings first, for the record; a long one is cut there and says so by its digest."""
    return "; ".join(f"{change.ways.word} {change.text}" for change in found.changes)


def _require_word(found: Proposal, person: Identity, yes: bool, owners: Owners) -> tuple[str, ...]:
    """The sides for which this person may speak here. Raises Refused."""
    own = person.id == found.proposer
    if yes and own and found.needs_both:
        raise Refused("nobody agrees to their own loosening", "two other owners must", rule="approver-is-proposer")
    sides = owners.sides(person)
    if not sides and not (own and not yes):
        fix = "[owners] of the policy in force names who may, by their OIDC token"
        raise Refused(f"{person.id} is no owner of the policy in force", fix, rule="policy-owner")
    return sides


def _require_open(found: Proposal, now_in_force: str, now: int) -> None:
    late = found.state is State.WAITING and (found.expires_at <= now or found.base != now_in_force)
    state = State.EXPIRED if late else found.state
    if state is not State.WAITING:
        raise Conflict(f"this proposal is {state}", "propose it again where it is still wanted", rule="policy-closed")


def _vote(
    tx: sa.Connection, found: Proposal, person: Identity, word: str, sides: tuple[str, ...], reason: str, now: int
) -> None:
    mine = (policy_votes.c.proposal_id == found.id) & (policy_votes.c.person == person.id)
    tx.execute(policy_votes.delete().where(mine))  # a no takes the place of one's own yes
    row = {"proposal_id": found.id, "person": person.id, "decision": word, "sides": json.dumps(sides)}
    tx.execute(policy_votes.insert().values(**row, reason=reason, at=now))


def _closed(tx: sa.Connection, found: Proposal, state: State, event: str, now: int, **told: object) -> Proposal:
    _set_state(tx, found.id, state)
    _event(tx, event, found, now, **told)
    return dataclasses.replace(found, state=state)


def _set_state(tx: sa.Connection, proposal_id: str, state: State) -> None:
    tx.execute(policy_proposals.update().where(policy_proposals.c.id == proposal_id).values(state=state.value))


def _event(tx: sa.Connection, event: str, found: Proposal, now: int, **told: object) -> None:
    append(tx, event, "", now, {"proposal": found.id, "from": found.base, "to": found.digest, **told})
