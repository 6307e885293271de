"""`/v1/policies`: the policy in force, what is proposed in its place, and its owners' words."""

from __future__ import annotations

import json
from typing import Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from broker.api.caller import Callers
from broker.api.models import Reason
from broker.authenticate.identity import Identity
from broker.errors import BadRequest, Refused
from broker.policy import proposals
from broker.policy.changing import Changing
from broker.policy.files import MAX_BYTES, MAX_FILES, PolicyFiles
from broker.policy.owners import owners_of
from broker.policy.proposals import Proposal
from broker.service import Broker
from broker.store.tables import policy_history, policy_proposals, policy_votes
from broker.toml_file import StrictModel
from secretguard.errors import ConfigError

MAX_BODY = MAX_BYTES + 128 * 1024
"""Bytes of a proposal as JSON, where each line end and quote takes two."""

LIMIT = 200
"""Lines of a list, newest first."""


class ProposePolicy(StrictModel):
    """A whole policy: its files (name → text), or the digest of one that was in force or proposed before."""

    reason: Reason
    files: dict[str, str] | None = Field(default=None, min_length=1, max_length=MAX_FILES)
    digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class Word(StrictModel):
    """Why, for the record and for the others."""

    reason: Reason


class ChangeLine(BaseModel):
    """One thing that is otherwise, and which way it goes."""

    way: Literal["loosens", "tightens", "both", "same"]
    text: str


class VoteLine(BaseModel):
    """One person's word; `sides` are those that they spoke for."""

    person: str
    decision: str
    sides: list[str]
    reason: str
    at: int


class ProposedPolicy(BaseModel):
    """A proposal: `digest` over `base`. `needs`: `both` (one of engineering, another one of security) or `one` owner.
    `state` is waiting, activated, denied or expired. Times are Unix seconds."""

    proposal_id: str
    digest: str
    base: str
    kind: str
    needs: Literal["both", "one"]
    state: str
    proposer: str
    reason: str
    created_at: int
    expires_at: int


class ProposalDetail(ProposedPolicy):
    """With everything that changes, the loosenings first, and who has said what."""

    changes: list[ChangeLine]
    votes: list[VoteLine]


class PolicyList(BaseModel):
    """The policy in force with its owners, and the proposals that wait."""

    in_force: str
    engineering: list[str]
    security: list[str]
    proposals: list[ProposedPolicy]


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker. Nothing is agreed to by GET."""
    api = APIRouter(prefix="/v1/policies")
    changing = Changing(broker)
    _propose(api, broker, callers, changing)
    _decide(api, callers, changing)
    _read(api, broker, callers, changing)
    return api


def _propose(api: APIRouter, broker: Broker, callers: Callers, changing: Changing) -> None:
    @api.post("", status_code=201)
    def propose(body: ProposePolicy, request: Request, response: Response) -> ProposedPolicy:
        person = callers.identity(request)
        if (body.files is None) == (body.digest is None):
            raise BadRequest("give either files or digest", rule="request-shape")
        made = changing.propose(person, _files(broker, body), body.reason)
        response.headers["Location"] = f"/v1/policies/{made.id}"
        return _shown(made)


def _files(broker: Broker, body: ProposePolicy) -> PolicyFiles:
    if body.digest is not None:
        with broker.database.read() as tx:
            return proposals.files_of(tx, body.digest)
    try:
        return PolicyFiles(dict(body.files or {}))
    except ConfigError as error:
        raise BadRequest(error.message, error.fix, rule="policy-set") from None


def _decide(api: APIRouter, callers: Callers, changing: Changing) -> None:
    @api.post("/{proposal_id}/approve")
    def approve(proposal_id: str, body: Word, request: Request) -> ProposedPolicy:
        return _shown(changing.decide(proposal_id, callers.identity(request), True, body.reason))

    @api.post("/{proposal_id}/deny")
    def deny(proposal_id: str, body: Word, request: Request) -> ProposedPolicy:
        return _shown(changing.decide(proposal_id, callers.identity(request), False, body.reason))


def _read(api: APIRouter, broker: Broker, callers: Callers, changing: Changing) -> None:
    @api.get("")
    def waiting(request: Request) -> PolicyList:
        _reader(callers, request)
        held, now = changing.stored.current(), int(broker.clock())
        owners = owners_of(held.rules)
        open_now = (policy_proposals.c.state == "waiting") & (policy_proposals.c.expires_at > now)
        query = sa.select(policy_proposals).where(open_now & (policy_proposals.c.base == held.digest))
        with broker.database.read() as tx:
            rows = tx.execute(query.order_by(policy_proposals.c.created_at).limit(LIMIT)).all()
        return PolicyList(
            in_force=held.digest,
            engineering=list(owners.engineering),
            security=list(owners.security),
            proposals=[_shown(proposals.proposal_of(row)) for row in rows],
        )

    @api.get("/history")
    def history(request: Request) -> dict[str, list[dict[str, object]]]:
        _reader(callers, request)
        query = sa.select(policy_history).order_by(policy_history.c.number.desc()).limit(LIMIT)
        with broker.database.read() as tx:
            rows = [dict(row._mapping) for row in tx.execute(query).all()]
        return {"history": [{**row, "by": json.loads(row["by"])} for row in rows]}

    @api.get("/sets/{digest}")
    def files(digest: str, request: Request) -> dict[str, object]:
        _reader(callers, request)
        with broker.database.read() as tx:
            return {"digest": digest, "files": dict(proposals.files_of(tx, digest).texts)}

    @api.get("/{proposal_id}")
    def show(proposal_id: str, request: Request) -> ProposalDetail:
        _reader(callers, request)
        with broker.database.read() as tx:
            found = proposals.find(tx, proposal_id)
            query = sa.select(policy_proposals.c.changes).where(policy_proposals.c.id == proposal_id)
            said = json.loads(tx.execute(query).scalar_one())
            cast = tx.execute(sa.select(policy_votes).where(policy_votes.c.proposal_id == proposal_id)).all()
        votes = [VoteLine(**{**row._mapping, "sides": json.loads(row.sides)}) for row in cast]
        changes = [ChangeLine(way=way, text=text) for way, text in said]
        return ProposalDetail(**_shown(found).model_dump(), changes=changes, votes=votes)


def _reader(callers: Callers, request: Request) -> Identity:
    """A person or an operator. Raises Refused: a policy says where production and customer data are."""
    caller = callers.identity(request)
    if not caller.may_be_person and not callers.is_operator(caller):
        raise Refused(f"{caller.id} proves no person", "ask with an OIDC token (`--token-file`)", rule="policy-reader")
    return caller


def _shown(made: Proposal) -> ProposedPolicy:
    return ProposedPolicy(
        proposal_id=made.id,
        digest=made.digest,
        base=made.base,
        kind=made.kind,
        needs="both" if made.needs_both else "one",
        state=made.state.value,
        proposer=made.proposer,
        reason=made.reason,
        created_at=made.created_at,
        expires_at=made.expires_at,
    )
