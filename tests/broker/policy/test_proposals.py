"""Proposals and their owners' words, on SQLite and PostgreSQL: only what the right people saw comes into force."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.authenticate.identity import Identity
from broker.errors import BadRequest, BrokerError, Conflict, NotFound, RecordFailed, Refused, TooMany
from broker.policy import proposals
from broker.policy.proposals import LIFETIME, MAX_A_DAY, MAX_WAITING, MAX_WAITING_EACH, State
from broker.recover import recover
from broker.store.tables import policy_history, policy_sets
from tests.broker.policy import sets
from tests.broker.policy.house import House
from tests.broker.policy.sets import ADA, BOTH, ERIN, EVE, LOOSER, SAM, TIGHTER, USER, files
from tests.broker.scenario import recorded
from tests.broker.stores import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """A store of each kind with the first policy in force."""
    return House(fresh_url(request.param, tmp_path, request))


def rule(refused: pytest.ExceptionInfo[BrokerError]) -> str:
    """The id of what refused."""
    return refused.value.rule


def test_a_loosening_needs_both_sides(house: House) -> None:
    """One of engineering is not enough, another one of security is; the record says who, from what, to what."""
    before = house.active
    made = house.propose(ADA, LOOSER)
    assert (made.kind, made.state, made.needs_both) == ("loosens", State.WAITING, True)
    assert house.approve(ERIN, made).state is State.WAITING
    assert house.active == before
    assert house.approve(SAM, made).state is State.ACTIVATED
    assert house.active == LOOSER.digest
    (record,) = [one for one in recorded(house.broker, "broker:policy:activated") if one["proposal"]]
    assert record["by"] == [ERIN.id, SAM.id]
    assert (record["from"], record["to"], record["kind"]) == (before, LOOSER.digest, "loosens")
    (proposed,) = recorded(house.broker, "broker:policy:proposed")
    assert proposed["summary"] == "loosens tasks/work: plain: ttl: 300 → 3000"
    approved = recorded(house.broker, "broker:policy:approved")
    assert [one["for"] for one in approved] == [["engineering"], ["security"]]


def test_two_of_one_side_are_not_both_sides(house: House) -> None:
    """Nor is one person who is of both: two people it must be."""
    made = house.propose(ADA, LOOSER)
    platform = Identity("jwt", "pia", "corp", ("platform",))
    house.approve(ERIN, made)
    assert house.approve(platform, made).state is State.WAITING
    other = house.propose(EVE, LOOSER)
    assert house.approve(BOTH, other).state is State.WAITING
    assert house.approve(BOTH, other).state is State.WAITING
    assert house.approve(platform, other).state is State.ACTIVATED, "one for security, another for engineering"


def test_nobody_agrees_to_their_own_loosening(house: House) -> None:
    """Not as one of two owners either."""
    made = house.propose(ERIN, LOOSER)
    with pytest.raises(Refused) as refused:
        house.approve(ERIN, made)
    assert rule(refused) == "approver-is-proposer"
    assert house.approve(SAM, made).state is State.WAITING
    assert house.approve(BOTH, made).state is State.ACTIVATED


@pytest.mark.parametrize("person", [ADA, EVE, USER])
def test_others_have_no_word(house: House, person: Identity) -> None:
    """Neither yes nor no; and that somebody tried is on record."""
    made = house.propose(Identity("jwt", "zoe", "corp"), LOOSER)
    for word in (house.approve, house.deny):
        with pytest.raises(Refused) as refused:
            word(person, made)
        assert rule(refused) == "policy-owner"
    assert len(recorded(house.broker, "broker:policy:refused")) == 2


def test_the_same_name_of_another_issuer_is_another_person(house: House) -> None:
    """Owners are named with their issuer."""
    made = house.propose(ADA, LOOSER)
    with pytest.raises(Refused):
        house.approve(Identity("jwt", "erin", "elsewhere", ("platform", "security")), made)


def test_a_tightening_needs_one_owner(house: House) -> None:
    """Proposed by anybody; by an owner it is in force at once."""
    made = house.propose(ADA, TIGHTER)
    assert made.state is State.WAITING
    assert house.approve(SAM, made).state is State.ACTIVATED
    back = files(facts="\n# x\n", task=sets.TASK.replace("ttl = 300", "ttl = 30"))
    assert house.propose(ERIN, back).state is State.ACTIVATED
    assert house.active == back.digest


def test_a_proposal_cannot_name_its_own_approvers(house: House) -> None:
    """Owners of the proposed policy mean nothing until it is in force; to change them is a loosening."""
    taken = files(owners='[owners]\nengineering = ["jwt:corp:eve"]\nsecurity = ["jwt:corp:ada"]\n')
    made = house.propose(Identity("jwt", "zoe", "corp"), taken)
    assert made.needs_both
    for person in (EVE, ADA):
        with pytest.raises(Refused):
            house.approve(person, made)
    house.approve(ERIN, made)
    house.approve(SAM, made)
    assert house.active == taken.digest
    later = house.propose(SAM, files())
    with pytest.raises(Refused):
        house.approve(ERIN, later)


def test_another_policy_in_force_ends_what_was_proposed_over_the_old_one(house: House) -> None:
    """Half an agreement does not carry over: what was read was the difference to another policy."""
    waiting = house.propose(ADA, LOOSER)
    house.approve(ERIN, waiting)
    house.propose(SAM, TIGHTER)
    with pytest.raises(Conflict) as refused:
        house.approve(SAM, waiting)
    assert rule(refused) == "policy-closed"
    assert house.active == TIGHTER.digest
    assert [one["reason"] for one in recorded(house.broker, "broker:policy:expired")] == ["another came into force"]


def test_one_no_closes_it(house: House) -> None:
    """Also of somebody who had said yes; after that no yes counts."""
    made = house.propose(ADA, LOOSER)
    house.approve(ERIN, made)
    assert house.deny(ERIN, made).state is State.DENIED
    with pytest.raises(Conflict):
        house.approve(SAM, made)
    assert house.propose(ADA, LOOSER).id != made.id


def test_a_proposer_may_take_it_back(house: House) -> None:
    """Without being an owner."""
    assert house.deny(ADA, house.propose(ADA, LOOSER)).state is State.DENIED


def test_it_waits_for_so_long(house: House) -> None:
    """After that no word counts, and the next round of recovery records it."""
    made = house.propose(ADA, LOOSER)
    house.approve(ERIN, made)
    house.clock.advance(LIFETIME)
    with pytest.raises(Conflict):
        house.approve(SAM, made)
    recover(house.broker)
    with house.database.read() as tx:
        assert proposals.find(tx, made.id).state is State.EXPIRED
    assert len(recorded(house.broker, "broker:policy:expired")) == 1


def test_asking_again_is_the_same_proposal(house: House) -> None:
    """A lost answer does no harm: of a proposal, of an approval, of one that completed it."""
    made = house.propose(ADA, LOOSER)
    assert house.propose(ADA, LOOSER) == made
    house.approve(ERIN, made)
    assert house.approve(ERIN, made).state is State.WAITING
    house.approve(SAM, made)
    assert house.approve(SAM, made).state is State.ACTIVATED
    assert house.propose(ADA, LOOSER).id == made.id
    tight = house.propose(SAM, TIGHTER)
    assert house.propose(SAM, TIGHTER) == tight
    assert len(recorded(house.broker, "broker:policy:proposed")) == 2


def test_the_policy_in_force_cannot_be_proposed(house: House) -> None:
    """There is nothing to agree to."""
    with pytest.raises(Conflict) as refused:
        house.propose(ADA, files())
    assert rule(refused) == "policy-same"


def test_a_unix_peer_proposes_nothing(house: House) -> None:
    """It could be one of those who then approve under their own name."""
    with pytest.raises(Refused) as refused:
        house.propose(USER, LOOSER)
    assert rule(refused) == "proposer"


def test_attention_and_disk_are_not_flooded(house: House) -> None:
    """A cap on what waits of one person and of all, and on what one person makes in a day."""
    for at in range(MAX_WAITING_EACH):
        house.propose(ADA, files(rules=f"\n// {at}\n"))
    with pytest.raises(TooMany):
        house.propose(ADA, files(rules="\n// one more\n"))
    for at in range(MAX_WAITING_EACH, MAX_WAITING):
        house.propose(Identity("jwt", f"p{at}", "corp"), files(rules=f"\n// {at}\n"))
    with pytest.raises(TooMany):
        house.propose(EVE, files(rules="\n// one more\n"))
    for at in range(MAX_WAITING_EACH):
        house.propose(SAM, files(task=sets.TASK.replace("ttl = 300", f"ttl = {3000 + at}")))
    assert house.propose(SAM, TIGHTER).state is State.ACTIVATED, "an owner's tightening is kept up by none of that"


def test_more_than_a_person_can_read_is_refused(house: House) -> None:
    """Not shown in part, and not agreed to unread."""
    grants = "".join(f'[grants.g{at}]\nsource = "identity"\nscope.audience = "a"\nttl = 1\n' for at in range(99))
    many = {
        f"t{at}": f'name = "t{at}"\n' + sets.TASK.partition("\n")[2].partition("[grants")[0] + grants
        for at in range(11)
    }
    with pytest.raises(BadRequest, match="more than"):
        house.propose(ADA, files(**many))


def test_sets_and_history_only_take_inserts(house: House) -> None:
    """Whatever this program's fault would be: the store refuses to change what was in force."""
    for table in (policy_sets, policy_history):
        for change in (table.update().values(digest="0" * 64), table.delete()):
            with pytest.raises(RecordFailed), house.database.write() as tx:
                tx.execute(change)


def test_proposals_of_one_day_are_counted(house: House) -> None:
    """Those that were taken back, too: each is kept."""
    for at in range(MAX_A_DAY):
        house.deny(ADA, house.propose(ADA, files(rules=f"\n// {at}\n")))
        house.clock.advance(300)
    with pytest.raises(TooMany):
        house.propose(ADA, LOOSER)
    house.clock.advance(86400)
    house.propose(ADA, LOOSER)


def test_an_unknown_proposal_is_not_found(house: House) -> None:
    """And a made-up digest is no policy."""
    with pytest.raises(NotFound):
        house.changing.decide("policy-x", SAM, True, "x")
    with house.database.read() as tx, pytest.raises(NotFound):
        proposals.files_of(tx, "0" * 64)


def test_a_stored_policy_that_is_another_one_is_not_used(house: House) -> None:
    """Its digest is computed again when it is read."""
    digest = house.active
    with house.database.write() as tx:
        row = tx.execute(policy_sets.select().where(policy_sets.c.digest == digest)).one()
        changed = row.files.replace("ttl = 300", "ttl = 3000")
        assert changed != row.files
        on = " ON policy_sets" if house.database.kind == "postgresql" else ""
        tx.exec_driver_sql(f"DROP TRIGGER policy_sets_append_only{on}")
        tx.execute(policy_sets.update().where(policy_sets.c.digest == digest).values(files=changed))
    with pytest.raises(BrokerError) as refused:
        House(house.url).stored.current()
    assert rule(refused) == "policy-damaged"
