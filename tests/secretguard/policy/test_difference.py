from __future__ import annotations

import itertools
from pathlib import Path

from secretguard.policy.compiled import compile_set
from secretguard.policy.difference import Change, changes, direction, label_changes
from secretguard.policy.request import OUTCOMES, Request
from tests.secretguard.policy.sets import FACTS, RULES, policy_set

REQUEST = Request("write", "plain", "production", "internal")


def test_change_is_a_sentence_with_a_direction() -> None:
    """Each step up the ladder tightens, each step down loosens."""
    assert str(Change(REQUEST, "ask", "allow")) == "production write (plain, internal data): ask → allow"
    for lower, higher in itertools.pairwise(OUTCOMES):
        assert Change(REQUEST, lower, higher).tightens
        assert not Change(REQUEST, higher, lower).tightens


def test_direction_of_several_changes() -> None:
    """One word for all of them."""
    up, down = Change(REQUEST, "allow", "ask"), Change(REQUEST, "ask", "allow")
    assert direction([]) == "changes no decision"
    assert direction([up, up]) == "tightens"
    assert direction([down]) == "loosens"
    assert direction([up, down]) == "both tightens and loosens"


def test_only_cells_whose_outcome_differs_are_changes(tmp_path: Path) -> None:
    """Another reason is no change; another rung of the ladder is one for each cell that it decides."""
    old = compile_set(str(policy_set(tmp_path / "old")))
    reworded = compile_set(str(policy_set(tmp_path / "reworded", RULES.replace("Never.", "Not at all."))))
    stricter = compile_set(str(policy_set(tmp_path / "stricter", RULES.replace(">= 1", ">= 2"))))
    assert changes(old, reworded) == []
    found = changes(old, stricter)
    assert {(c.request.environment, c.old, c.new) for c in found} == {("production", "ask", "two_persons")}


def test_labels_that_came_and_went(tmp_path: Path) -> None:
    """Patterns and defaults are compared one by one."""
    old = compile_set(str(policy_set(tmp_path / "old")))
    new = compile_set(str(policy_set(tmp_path / "new", facts=FACTS.replace('"**/.env", ', '"**/.envrc", '))))
    assert label_changes(old.facts, old.facts) == []
    assert label_changes(old.facts, new.facts) == ["data.secret: - **/.env", "data.secret: + **/.envrc"]


def test_the_shipped_packs() -> None:
    """A pack does not differ from itself, and the way from one to the other is the mirror of the way back."""
    packs = Path(__file__).parents[3] / "secretguard" / "policy" / "packs"
    laptop, regulated = (compile_set(str(packs / name)) for name in ("laptop", "regulated"))
    assert changes(laptop, laptop) == []
    there, back = changes(laptop, regulated), changes(regulated, laptop)
    assert {(c.request.cell, c.old, c.new) for c in there} == {(c.request.cell, c.new, c.old) for c in back}
