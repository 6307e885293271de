from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from secretguard.policy.change import LOOSENS, SAME
from secretguard.policy.compiled import compile_set
from secretguard.policy.difference import Change, changes, direction, in_words
from secretguard.policy.examples import expand
from secretguard.policy.request import DATA, EFFECTS, OUTCOMES, Request
from tests.secretguard.policy.sets import RULES, policy_set

REQUEST = Request("write", "plain", "production", "internal")


def test_change_is_a_sentence_with_a_direction() -> None:
    """Each step up the ladder tightens, each step down loosens."""
    assert str(Change(REQUEST, "ask", "allow")) == "production write: ask → allow (plain, internal data)"
    for lower, higher in itertools.pairwise(OUTCOMES):
        assert Change(REQUEST, lower, higher).tightens
        assert not Change(REQUEST, higher, lower).tightens


def all_of(environment: str, action: str) -> list[Request]:
    return [Request(action, effect, environment, data) for effect in EFFECTS for data in DATA]


def test_changes_that_belong_together_are_one_sentence() -> None:
    """What holds for every effect and kind of data needs no more words; the rest names exactly what it holds for."""
    whole = [Change(request, "ask", "allow") for request in all_of("production", "write")]
    assert in_words(whole) == [("production write: ask → allow", False)]
    secret = [Change(r, "allow", "deny") for r in all_of("staging", "run") if r.data == "secret"]
    assert in_words(secret) == [("staging run: allow → deny (secret data)", True)]
    sent = [Change(r, "allow", "ask") for r in all_of("staging", "run") if r.effect in ("send", "opaque")]
    assert in_words(sent) == [("staging run: allow → ask (send, opaque)", True)]
    mixed = [*secret[:1], *(Change(r, "allow", "deny") for r in all_of("staging", "run") if r.effect == "destroy")]
    assert in_words(mixed) == [
        ("staging run: allow → deny (plain; secret data)", True),
        ("staging run: allow → deny (destroy)", True),
    ]
    assert in_words([]) == []


@given(st.sets(st.integers(0, 479)))
def test_no_cell_is_lost_or_added_in_words(numbers: set[int]) -> None:
    """The sentences say exactly the cells that they are made from."""
    requests = expand("*/*/*/*")
    found = [Change(requests[number], "ask", "allow") for number in sorted(numbers)]
    said = set()
    for sentence, _ in in_words(found):
        where, _, which = sentence.partition(": ask → allow")
        environment, action = where.split()
        words = [w.removesuffix(" data").split(", ") for w in which.strip(" ()").split("; ") if w]
        effects = next((w for w in words if w[0] in EFFECTS), list(EFFECTS))
        kinds = next((w for w in words if w[0] in DATA), list(DATA))
        cells = {Request(action, e, environment, d).cell for e in effects for d in kinds}
        assert not cells & said
        said |= cells
    assert said == {change.request.cell for change in found}


def test_direction_of_several_changes() -> None:
    """One word for all of them."""
    up, down = Change(REQUEST, "allow", "ask"), Change(REQUEST, "ask", "allow")
    assert direction([]) == "changes no decision"
    assert direction([up, up]) == "tightens"
    assert direction([down]) == "loosens"
    assert direction([up, down]) == "both tightens and loosens"
    assert direction([up], [LOOSENS]) == "both tightens and loosens"
    assert direction([], [SAME]) == "changes no decision"


def test_only_cells_whose_outcome_differs_are_changes(tmp_path: Path) -> None:
    """Another reason is no change; another rung of the ladder is one for each cell that it decides."""
    old = compile_set(str(policy_set(tmp_path / "old")))
    reworded = compile_set(str(policy_set(tmp_path / "reworded", RULES.replace("Never.", "Not at all."))))
    stricter = compile_set(str(policy_set(tmp_path / "stricter", RULES.replace(">= 1", ">= 2"))))
    assert changes(old, reworded) == []
    found = changes(old, stricter)
    assert {(c.request.environment, c.old, c.new) for c in found} == {("production", "ask", "two_persons")}


def test_the_shipped_packs() -> None:
    """A pack does not differ from itself, and the way from one to the other is the mirror of the way back."""
    packs = Path(__file__).parents[3] / "secretguard" / "policy" / "packs"
    laptop, regulated = (compile_set(str(packs / name)) for name in ("laptop", "regulated"))
    assert changes(laptop, laptop) == []
    there, back = changes(laptop, regulated), changes(regulated, laptop)
    assert {(c.request.cell, c.old, c.new) for c in there} == {(c.request.cell, c.new, c.old) for c in back}
