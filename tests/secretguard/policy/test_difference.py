"""What changes between two policies: the cells, the direction, the labels."""

from __future__ import annotations

from pathlib import Path

from secretguard.policy import difference
from secretguard.policy.compiled import compile_set
from secretguard.policy.difference import Change, direction, label_changes
from secretguard.policy.request import Request

PACKS = Path(__file__).parents[3] / "secretguard" / "policy" / "packs"
REQUEST = Request("run", "destroy", "production", "internal")
TIGHTER, LOOSER = Change(REQUEST, "allow", "ask"), Change(REQUEST, "deny", "two_persons")


def test_a_change_says_which_cell_and_how() -> None:
    """The words name environment, action, effect, data, and both outcomes."""
    assert str(TIGHTER) == "production run (destroy, internal data): allow → ask"
    assert TIGHTER.tightens
    assert not LOOSER.tightens


def test_direction() -> None:
    """Tightening, loosening, both, neither."""
    assert direction([TIGHTER]) == "tightens"
    assert direction([LOOSER, LOOSER]) == "loosens"
    assert direction([TIGHTER, LOOSER]) == "both tightens and loosens"
    assert direction([]) == "changes no decision"


def test_real_packs() -> None:
    """A pack does not differ from itself; from laptop to regulated differs, and the way back is its mirror."""
    laptop, regulated = (compile_set(str(PACKS / name)) for name in ("laptop", "regulated"))
    assert difference.changes(laptop, laptop) == []
    there, back = difference.changes(laptop, regulated), difference.changes(regulated, laptop)
    assert {(c.request.cell, c.old, c.new) for c in there} == {(c.request.cell, c.new, c.old) for c in back}


def test_labels_that_came_and_went() -> None:
    """Patterns are compared one by one, whatever their order; a changed default shows both values."""
    old = {"files": {"secret": ["a", "b"], "default": "internal"}}
    new = {"files": {"secret": ["c", "a"], "default": "customer"}}
    assert label_changes(old, new) == ["files.secret: - b", "files.secret: + c", "files.default: internal → customer"]
    assert label_changes(old, {"files": {"secret": ["b", "a"], "default": "internal"}}) == []
