"""Any order of calls by anybody, with crashes: a policy looser than the one before has two owners behind it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from broker.authenticate.identity import Identity
from broker.errors import BrokerError
from broker.policy.difference import difference
from broker.recover import recover
from broker.store.database import open_database
from broker.testing import CrashError, FaultyDatabase, ManualClock
from tests.broker.policy import sets
from tests.broker.policy.house import House, sqlite
from tests.broker.policy.sets import ADA, BOTH, ERIN, EVE, SAM, USER, files, quick
from tests.broker.scenario import recorded

POLICIES = [
    files(),
    sets.TIGHTER,
    sets.LOOSER,
    sets.LOOSER_STILL,
    files(owners='[owners]\nengineering = ["jwt:corp:eve"]\nsecurity = ["jwt:corp:eve", "jwt:corp:ada"]\n'),
]
PEOPLE = [ADA, EVE, ERIN, SAM, BOTH, Identity("jwt", "pia", "corp", ("platform",)), USER]
SIDES = {
    ADA.id: (False, True),
    EVE.id: (True, True),
}
"""Who owns the last policy; all others are owned by `sets.OWNERS`."""


def is_owner(person: Identity, policy: str) -> tuple[bool, bool]:
    """(engineering, security), said once more and by hand, for the policy in force that has this digest."""
    if policy == POLICIES[4].digest:
        return SIDES.get(person.id, (False, False))
    return (
        person.id == ERIN.id or "platform" in person.groups,
        person.id == SAM.id or "security" in person.groups,
    )


class Model(RuleBasedStateMachine):
    """One broker that may die at any write, and a list of everything that anybody said to it."""

    people = PEOPLE

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        self.said: dict[str, list[Identity]] = {}
        self.ids: list[str] = []
        self.start()
        self.held = self.house.active

    def start(self) -> None:
        url = sqlite(Path(self.folder.name))
        self.house = House(url, clock=self.clock, database=FaultyDatabase(open_database(url).engine))

    @contextlib.contextmanager
    def surviving(self) -> Iterator[None]:
        """A refusal is an answer; a crash is followed by a restart."""
        try:
            yield
        except BrokerError:
            pass
        except CrashError:
            self.house.database.close()
            self.start()

    @rule(data=st.data())
    def propose(self, data: st.DataObject) -> None:
        person, found = data.draw(st.sampled_from(self.people)), data.draw(st.sampled_from(POLICIES))
        with self.surviving():
            made = self.house.propose(person, found)
            if made.id not in self.ids:
                self.ids.append(made.id)
        self.said.setdefault(f"{person.id} {found.digest}", []).append(person)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), yes=st.integers(0, 4))
    def word(self, data: st.DataObject, yes: int) -> None:
        person, at = data.draw(st.sampled_from(self.people)), data.draw(st.sampled_from(self.ids))
        if yes:
            self.said.setdefault(at, []).append(person)
        with self.surviving():
            self.house.changing.decide(at, person, bool(yes), "x")

    @rule(seconds=st.sampled_from([60, 86400, 8 * 86400]))
    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds)
        with self.surviving():
            recover(self.house.broker)

    @rule(at=st.integers(0, 3), how=st.sampled_from(["refuse", "crash", "crash_after"]))
    def break_a_write(self, at: int, how: str) -> None:
        database = self.house.database
        assert isinstance(database, FaultyDatabase)
        database.fail_at, database.how = database.writes + at, how

    @invariant()
    def looser_only_by_two(self) -> None:
        """Whatever came into force since the last look had the right people behind it, and is on record once."""
        records = recorded(self.house.broker, "broker:policy:activated")
        assert len({record["number"] for record in records}) == len(records)
        assert records[-1]["to"] == self.house.active
        if self.house.active == self.held:
            return
        record = records[-1]
        assert record["from"] == self.held, "one step at a time"
        old, new = (quick(next(one for one in POLICIES if one.digest == d)) for d in (self.held, self.house.active))
        self.check(record, old.digest, difference(old, new).kind in ("loosens", "both"))
        self.held = self.house.active

    def check(self, record: dict[str, object], base: str, loosens: bool) -> None:
        """By what was said, not by what the broker recorded of it."""
        proposer = self.proposer(str(record["proposal"]))
        voices = [one for one in self.said.get(str(record["proposal"]), []) if one.may_be_person]
        if not loosens:
            voices += [one for one in PEOPLE if one.id == proposer]
            assert any(any(is_owner(one, base)) for one in voices)
            return
        others = [one for one in voices if one.id != proposer]
        pairs = [(a, b) for a in others for b in others if a.id != b.id]
        assert any(is_owner(a, base)[0] and is_owner(b, base)[1] for a, b in pairs)

    def proposer(self, proposal: str) -> str:
        (record,) = [
            one for one in recorded(self.house.broker, "broker:policy:proposed") if one["proposal"] == proposal
        ]
        return str(record["by"])

    def teardown(self) -> None:
        self.house.database.close()
        self.folder.cleanup()


class Alone(Model):
    """The same with nobody but one person who owns both sides, and people who own nothing: nothing gets looser."""

    people = [BOTH, ADA, EVE, USER]  # noqa: RUF012  # hypothesis reads it

    @invariant()
    def never_looser(self) -> None:
        assert self.house.active in (files().digest, sets.TIGHTER.digest)


TestModel, TestAlone = Model.TestCase, Alone.TestCase
TestModel.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestAlone.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
