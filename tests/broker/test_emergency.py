"""Kill by Vault alone: which tokens are taken, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from broker import emergency
from broker.errors import BadRequest
from broker.issue import vault_accessors
from broker.issue.vault_accessors import Found

OURS = "ours-task"


def token(accessor: str, task: str, intent: str = "", policy: str = "notes", **more: str) -> Found:
    """A token as a sweep finds it; a parent where there is no intent."""
    kind = {"kind": "lease", "intent": intent} if intent else {"kind": "parent"}
    meta = {"maker": "secretguard", "task": task, **kind, **more}
    return Found(accessor, meta, 1.0, "auth/token/create", frozenset({policy, "more"}))


TOKENS = (
    token("p1", "task-1", policy=OURS),
    token("a", "task-1", "lease-a"),
    token("b", "task-1", "lease-b", role="reader"),
    token("p2", "task-2", policy=OURS),
    token("c", "task-2", "lease-c"),
    token("p3", "task-3", policy="theirs-task"),
    token("d", "task-3", "lease-d"),
    token("e", "task-4", "lease-e"),
)
"""Two tasks of ours, one of another broker, and a token whose parent is gone."""


class FakeVault:
    """What is alive; a parent takes its task's tokens with it, but for those that are `stubborn`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.alive = {one.accessor: one for one in TOKENS}
        self.stubborn: set[str] = set()
        monkeypatch.setattr(vault_accessors, "sweep", lambda _, wanted: [one for one in TOKENS if wanted(one.meta)])
        monkeypatch.setattr(vault_accessors, "kill", lambda _, accessor: self.kill(accessor))
        monkeypatch.setattr(vault_accessors, "kill_all", lambda _, accessors: self.kill_all(accessors))

    def kill(self, accessor: str) -> None:
        one = self.alive.get(accessor)
        if one is None:
            return
        below = [each.accessor for each in self.alive.values() if each.meta["task"] == one.meta["task"]]
        for name in below if one.meta["kind"] == "parent" else [accessor]:
            if name not in self.stubborn:
                self.alive.pop(name, None)

    def kill_all(self, accessors: Any) -> dict[str, str]:
        for accessor in accessors:
            self.kill(accessor)
        return {accessor: "a token is still alive" for accessor in accessors if accessor in self.alive}


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> FakeVault:
    """Everything alive."""
    return FakeVault(monkeypatch)


@pytest.mark.parametrize(
    ("scope", "dead", "tasks"),
    [
        ("all", {"p1", "a", "b", "p2", "c", "e"}, ("task-1", "task-2", "task-4")),
        ("task:task-1", {"p1", "a", "b"}, ("task-1",)),
        ("task:task-3", set(), ()),
        ("task:task-9", set(), ()),
        ("lease:lease-a", {"a"}, ("task-1",)),
    ],
)
def test_exactly_the_scope_dies(vault: FakeVault, scope: str, dead: set[str], tasks: tuple[str, ...]) -> None:
    """Another broker's tokens on the same server live on, a token of ours without a parent does not."""
    any_revoker: Any = None
    seen: list[tuple[int, int]] = []
    killed = emergency.kill(any_revoker, OURS, scope, lambda done, total: seen.append((done, total)))
    assert {one.accessor for one in TOKENS} - set(vault.alive) == dead
    assert (killed.tasks, killed.dead, killed.left) == (tasks, len(dead), 0)
    assert killed.engines == ("b" in dead), "what an engine made ends by itself, and that is said"
    assert seen[0][0] == 0
    assert seen[-1][0] == seen[-1][1]


def test_what_is_left_is_counted_and_said(vault: FakeVault) -> None:
    """Never called dead."""
    vault.stubborn = {"a"}
    any_revoker: Any = None
    killed = emergency.kill(any_revoker, OURS, "all", lambda *_: None)
    assert (killed.dead, killed.left, killed.problem) == (5, 1, "a token is still alive")


@pytest.mark.parametrize("scope", ["", "policy:work", "launcher:unix:0", "task:", "lease:", "all:", "everything"])
def test_a_scope_that_vault_does_not_know_kills_nothing(vault: FakeVault, scope: str) -> None:
    """Vault has no policies and no launchers; a typing error must not widen."""
    any_revoker: Any = None
    with pytest.raises(BadRequest):
        emergency.kill(any_revoker, OURS, scope, lambda *_: None)
    assert len(vault.alive) == len(TOKENS)
