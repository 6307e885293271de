"""Looking tokens up while they come and go, on answers as Vault gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from broker.errors import SourceFailed
from broker.issue import vault_accessors
from broker.vault_answer import Answer, understood

HALF_MADE = understood(403, b'{"errors":["1 error occurred:\\n\\t* permission denied\\n\\n"]}')
GONE = understood(400, b'{"errors":["1 error occurred:\\n\\t* invalid accessor\\n\\n"]}')
ALIVE = understood(200, json.dumps({"data": {"meta": {"maker": "secretguard"}, "creation_time": 7}}).encode())


class Scripted:
    """A Vault that gives the given answers in turn, and the last one from then on."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), 0

    def ask(self, *_: object, **__: object) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_accessors, "HALF_MADE_PAUSE", 0.0)


@pytest.mark.parametrize(("then", "alive"), [(ALIVE, True), (GONE, False)])
def test_a_half_made_token_is_looked_at_again(then: Answer, alive: bool) -> None:
    """A 403 in the middle of a token's making or end is not taken for an answer; what comes after it is."""
    vault: Any = Scripted(HALF_MADE, HALF_MADE, then)
    assert (vault_accessors.look_up(vault, "a") is not None) is alive
    assert vault.asked == 3


def test_a_spent_token_that_vault_is_about_to_end_is_waited_for() -> None:
    """Revoking it is answered as an error and the look-up as if it lived; what comes after that decides."""
    ending = understood(400, b'{"errors":["token not found"]}')
    spent = understood(200, b'{"data":{"meta":{},"num_uses":-1}}')
    vault: Any = Scripted(ending, spent, spent, GONE)
    vault_accessors.kill(vault, "a")
    assert vault.asked == 4
    stuck: Any = Scripted(ending, spent)
    with pytest.raises(SourceFailed, match="still alive"):
        vault_accessors.kill(stuck, "a")


def test_a_missing_right_stays_an_error() -> None:
    """A 403 that does not go away is never taken for a dead token."""
    vault: Any = Scripted(HALF_MADE)
    with pytest.raises(SourceFailed):
        vault_accessors.look_up(vault, "a")
    assert vault.asked == 1 + vault_accessors.HALF_MADE_TRIES


class Several:
    """A Vault that has an answer for each accessor."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers

    def ask(self, method: str, *_: object, body: dict[str, str] | None = None, **__: object) -> Answer:
        if method == "list":
            return understood(200, json.dumps({"data": {"keys": list(self.answers)}}).encode())
        return self.answers[(body or {})["accessor"]]


def test_a_sweep_passes_an_accessor_that_was_left_behind() -> None:
    """One accessor without a token does not hide the others, wherever it stands in the list."""
    for vault in (Several(left=HALF_MADE, own=ALIVE, gone=GONE), Several(own=ALIVE, left=HALF_MADE)):
        asked: Any = vault
        assert [found.accessor for found in vault_accessors.sweep(asked, lambda meta: True)] == ["own"]


def test_a_sweep_without_the_right_sees_nothing_and_says_so() -> None:
    """Where every look-up is forbidden the sweep fails: it never calls an unseen token dead."""
    vault: Any = Several(one=HALF_MADE, two=HALF_MADE)
    with pytest.raises(SourceFailed):
        vault_accessors.sweep(vault, lambda meta: True)


@pytest.mark.parametrize(("answer", "alive"), [(ALIVE, True), (GONE, False)])
def test_a_clear_answer_is_asked_once(answer: Answer, alive: bool) -> None:
    """No second call where the first one was clear."""
    vault: Any = Scripted(answer)
    assert (vault_accessors.look_up(vault, "a") is not None) is alive
    assert vault.asked == 1


class Living:
    """A Vault that knows which accessors live, and counts what it is asked. `deaf` ones outlive their revocation."""

    def __init__(self, *alive: str) -> None:
        self.alive, self.deaf = list(alive), set[str]()
        self.asked: list[str] = []

    def ask(self, method: str, *path: str, body: dict[str, str] | None = None, **_: object) -> Answer:
        self.asked.append("list" if method == "list" else path[-1])
        if method == "list":
            return understood(200, json.dumps({"data": {"keys": ["own", *self.alive]}}).encode())
        accessor = (body or {})["accessor"]
        if accessor not in ("own", *self.alive):
            return GONE
        if path[-1] == "revoke-accessor" and accessor not in self.deaf:
            self.alive.remove(accessor)
        return ALIVE if path[-1] == "lookup-accessor" else understood(204, b"")


def test_many_that_died_with_their_parent_cost_one_list() -> None:
    """Each is seen dead, and none is asked about by itself."""
    vault: Any = Living("another")
    assert vault_accessors.kill_all(vault, [f"a{number}" for number in range(100)]) == {}
    assert set(vault.asked) == {"list"}
    assert vault.alive == ["another"]


def test_many_are_revoked_and_those_that_live_on_are_named() -> None:
    """Dead is what Vault's list leaves out; the rest is looked at one by one and never called dead."""
    names = [f"a{number}" for number in range(20)]
    vault: Any = Living("another", *names)
    vault.deaf = {"a3", "a7"}
    left = vault_accessors.kill_all(vault, names)
    assert set(left) == {"a3", "a7"}
    assert all("alive" in why for why in left.values())
    assert set(vault.alive) == {"another", "a3", "a7"}
    assert vault.asked.count("lookup-accessor") == 2


def test_a_second_sweep_looks_at_what_is_new_alone() -> None:
    """A token's metadata never changes; that it lives is asked each time."""
    vault: Any = Living("a", "b")
    assert len(vault_accessors.sweep(vault, lambda _: True)) == 3
    vault.alive = ["b", "c"]
    vault.asked.clear()
    assert {found.accessor for found in vault_accessors.sweep(vault, lambda _: True)} == {"own", "b", "c"}
    assert vault.asked == ["list", "lookup-accessor"]


def test_a_right_that_is_lost_later_is_noticed() -> None:
    """What is known already does not hide that nothing new can be looked at."""
    vault: Any = Several(own=ALIVE)
    vault_accessors.sweep(vault, lambda _: True)
    vault.answers = {"own": HALF_MADE, "new": HALF_MADE}
    with pytest.raises(SourceFailed):
        vault_accessors.sweep(vault, lambda _: True)
