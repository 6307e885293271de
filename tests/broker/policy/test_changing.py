"""The steps around a proposal: what is refused before anything is compiled, and that it is on record."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from broker.errors import BadRequest, Conflict, Refused, TooMany
from broker.log.refusals import EACH
from broker.policy.changing import Changing
from broker.policy.files import PolicyFiles
from broker.policy.policy_set import PolicySet
from broker.testing import memory_broker
from tests.broker.policy.house import House, sqlite
from tests.broker.policy.sets import ADA, LOOSER, SAM, TASK, TIGHTER, USER, files, quick
from tests.broker.scenario import recorded


@pytest.fixture
def house(tmp_path: Path) -> House:
    """The first policy is in force."""
    return House(sqlite(tmp_path))


class Proceeded(Exception):  # no error: it got as far as that
    """The compiler was reached."""


def never(_files: PolicyFiles) -> PolicySet:
    """A compiler that must not be asked."""
    pytest.fail("compiled")


def test_who_may_not_ask_costs_no_compilation(house: House) -> None:
    """Neither does one who asks again for what waits already."""
    changing = Changing(house.broker, check=never)
    with pytest.raises(Refused):
        changing.propose(USER, LOOSER, "x")
    made = house.propose(ADA, LOOSER)
    assert changing.propose(ADA, LOOSER, "x") == made
    (record,) = recorded(house.broker, "broker:policy:refused")
    assert (record["by"], record["rule"], record["what"]) == (USER.id, "proposer", LOOSER.digest)


def test_refusals_without_end_are_counted(house: House) -> None:
    """They do not fill the store one by one."""
    made = house.propose(SAM, LOOSER)
    for _ in range(EACH + 10):
        with pytest.raises(Refused):
            house.approve(ADA, made)
    assert len(recorded(house.broker, "broker:policy:refused")) == EACH


def test_a_source_that_this_broker_does_not_have_is_refused(house: House) -> None:
    """It could never be served."""
    with pytest.raises(BadRequest, match=r"^tasks/work\.toml:6: grants\.plain\.source") as refused:
        house.propose(ADA, files(task=TASK.replace('"identity"', '"database"')))
    assert refused.value.rule == "policy-set"


def test_one_policy_is_compiled_at_a_time(house: House) -> None:
    """The second caller is told to come back; a compiler that fails does not block the next one."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(found: PolicyFiles) -> PolicySet:
        if found is TIGHTER:
            raise Proceeded
        inside.set()
        go_on.wait(20)
        return quick(found)

    changing = Changing(house.broker, check=slow)
    first = threading.Thread(target=changing.propose, args=(ADA, LOOSER, "x"))
    first.start()
    inside.wait(20)
    with pytest.raises(TooMany) as refused:
        changing.propose(ADA, files(rules="\n// y\n"), "x")
    assert refused.value.rule == "policy-busy"
    with pytest.raises(Proceeded):
        Changing.propose(changing, SAM, TIGHTER, "an owner waits for no one else")
    go_on.set()
    first.join(20)
    with pytest.raises(BadRequest):
        changing.propose(ADA, files(task=TASK.replace('"identity"', '"database"')), "x")
    changing.propose(ADA, files(rules="\n// y\n"), "x")


def test_a_broker_that_reads_its_policy_from_disk_takes_no_proposals(tmp_path: Path) -> None:
    """`broker dev`: the way on is the file."""
    broker = memory_broker(str(tmp_path / "s"), {}, {})
    with pytest.raises(Conflict) as refused:
        Changing(broker, check=never).propose(ADA, LOOSER, "x")
    assert "edit the files" in refused.value.fix
