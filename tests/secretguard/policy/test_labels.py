"""Which way a change of the facts goes: judged by the rules, never by the order of the words."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.policy.change import SAME, together
from secretguard.policy.combine import combine, compile_base
from secretguard.policy.compiled import packaged, policy_of
from secretguard.policy.examples import expand
from secretguard.policy.labels import label_changes, moved
from secretguard.policy.request import DATA, ENVIRONMENTS, OUTCOMES, Decision, Request
from secretguard.policy.source import PACKAGED, Source
from secretguard.policy.table import CELLS, Policy

EMPTY: dict[str, object] = {
    "environment": {"default": "development", **{one: [] for one in ENVIRONMENTS}},
    "data": {"default": "internal", **{one: [] for one in DATA}},
    "production": {"paths": []},
    "protected": {"paths": []},
    "hosts": {one: [] for one in ENVIRONMENTS},
    "owners": {"engineering": [], "security": []},
    "observe": {"until": "", "mandatory": []},
}
PACK = Path(packaged("laptop"))
TEXTS = Source(PACKAGED, str(PACK), (PACK / "rules.cedar").read_bytes(), (PACK / "facts.toml").read_bytes())
RULES = policy_of("0" * 64, combine(compile_base(TEXTS), ()))
"""The laptop pack's: production and customer data are stricter than the rest."""


def policy(like: Policy = RULES, **facts: dict[str, object]) -> Policy:
    """The decisions of `like` with EMPTY facts but for those given."""
    merged = {name: {**value, **facts.get(name, {})} for name, value in EMPTY.items()}  # type: ignore[dict-item]
    extra = {name: value for name, value in facts.items() if name not in EMPTY}
    decisions = [like.decide(request) for request in expand("*/*/*/*")]
    return Policy("0" * 64, decisions, list(range(CELLS)), {**merged, **extra})


def way(old: Policy, new: Policy) -> str:
    """All label changes from one to the other, together."""
    return together(change.ways for change in label_changes(old, new)).word


@pytest.mark.parametrize(
    ("section", "before", "after", "expected"),
    [
        ("environment", {}, {"production": ["/srv/**"]}, "tightens"),
        ("environment", {"production": ["/srv/**"]}, {}, "loosens"),
        ("environment", {}, {"sandbox": ["/x/**"]}, "loosens"),
        ("environment", {"sandbox": ["/x/**"]}, {}, "tightens"),
        ("environment", {}, {"default": "production"}, "tightens"),
        ("environment", {"default": "production"}, {}, "loosens"),
        ("data", {}, {"secret": ["**/*.key"]}, "both"),
        ("data", {"secret": ["**/*.key"]}, {}, "loosens"),
        ("data", {"secret": ["**/*.key"]}, {"secret": ["**/*.key"], "public": ["**/x"]}, "same"),
        ("data", {"customer": ["/c/**"]}, {}, "loosens"),
        ("data", {}, {"customer": ["/c/**"]}, "tightens"),
        ("production", {}, {"paths": ["deploy/**"]}, "tightens"),
        ("production", {"paths": ["deploy/**"]}, {}, "loosens"),
        ("protected", {}, {"paths": ["/x"]}, "tightens"),
        ("protected", {"paths": ["/x"]}, {}, "loosens"),
        ("protected", {"paths": ["/x"]}, {"paths": ["/y"]}, "both"),
        ("protected", {"paths": ["/x", "/y"]}, {"paths": ["/y", "/x"]}, "same"),
        ("owners", {}, {"security": ["jwt:corp:eve"]}, "loosens"),
        ("owners", {"security": ["jwt:corp:eve"]}, {}, "loosens"),
        ("observe", {}, {"until": "2026-12-31"}, "loosens"),
        ("observe", {"until": "2026-12-31"}, {}, "tightens"),
        ("observe", {"until": "2026-12-31"}, {"until": "2026-12-01"}, "tightens"),
        ("observe", {"until": "2026-12-01"}, {"until": "2026-12-31"}, "loosens"),
        ("observe", {}, {"mandatory": ["secrets"]}, "tightens"),
        ("observe", {"mandatory": ["secrets"]}, {}, "loosens"),
        ("hosts", {}, {"production": ["db.example.com"]}, "tightens"),
        ("hosts", {"production": ["db.example.com"]}, {}, "loosens"),
        ("hosts", {}, {"sandbox": ["x.example.com"]}, "loosens"),
        ("hosts", {"sandbox": ["x.example.com"]}, {}, "tightens"),
    ],
)
def test_which_way_a_label_goes(
    section: str, before: dict[str, object], after: dict[str, object], expected: str
) -> None:
    """Under rules that are stricter about stricter labels, with each pattern, default and owner that comes or goes."""
    assert way(policy(**{section: before}), policy(**{section: after})) == expected


def test_a_label_beside_another_one_only_tightens() -> None:
    """What is decided is the strictest about any label: customer data in a secret file stays as secret as it was."""
    old, new = ({"secret": ["**/*.env"], "customer": names} for names in ([], ["/c/**"]))
    assert way(policy(data=old), policy(data=new)) == "tightens"


def test_a_secret_file_that_is_no_customer_file_any_more_takes_secrets() -> None:
    """Which loosens under every rule: the guard then lets a literal secret be written there."""
    lenient = Policy("0" * 64, [Decision("allow", "x", "")], [0] * CELLS, EMPTY)
    old, new = ({"secret": ["**/*.env"], "customer": names} for names in (["/c/**"], []))
    assert way(policy(lenient, data=old), policy(lenient, data=new)) == "loosens"


def test_the_order_of_labels_is_not_taken_for_granted() -> None:
    """Under rules that allow most in production a production label loosens."""
    upside_down = [
        Decision("allow" if request.environment == "production" else "deny", "x", "") for request in expand("*/*/*/*")
    ]
    odd = Policy("0" * 64, upside_down, list(range(CELLS)), EMPTY)
    assert way(policy(odd), policy(odd, environment={"production": ["/srv/**"]})) == "loosens"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"novel": {"x": 1}}),
        ({"novel": {"x": 1}}, {}),
        ({"novel": {"x": ["a"]}}, {"novel": {"x": []}}),
        ({}, {"environment": {"canary": ["/x/**"]}}),
        ({}, {"production": {"hosts": ["x"]}}),
        ({}, {"hosts": {"canary": ["x"]}}),
        ({}, {"observe": {"quietly": True}}),
        ({"protected": {"modes": ["x"]}}, {}),
    ],
)
def test_what_is_not_understood_loosens(before: dict[str, object], after: dict[str, object]) -> None:
    """A section or key that came after this program was written, whichever way it changes; and it is shown."""
    old, new = policy(**before), policy(**after)  # type: ignore[arg-type]
    found = list(label_changes(old, new))
    assert together(change.ways for change in found).loosens
    assert all(change.text for change in found)


LABELS = st.dictionaries(st.sampled_from(ENVIRONMENTS), st.lists(st.sampled_from(["/a/**", "/b/**", "/a/b/**"])))
TABLES = st.lists(st.sampled_from(OUTCOMES), min_size=len(ENVIRONMENTS), max_size=len(ENVIRONMENTS))
PATHS = ("/a/x", "/b/x", "/a/b/x", "/c")


@settings(deadline=None)
@given(TABLES, LABELS, LABELS, st.sampled_from(ENVIRONMENTS), st.sampled_from(ENVIRONMENTS))
def test_no_path_gets_looser_by_a_change_that_does_not_loosen(
    outcomes: list[str], old: dict[str, list[str]], new: dict[str, list[str]], first: str, second: str
) -> None:
    """For any rules about environments and any change of their labels: what a path may is never more than before."""
    by_label = dict(zip(ENVIRONMENTS, outcomes, strict=True))
    decisions = [Decision(by_label[request.environment], "x", "") for request in expand("*/*/*/*")]
    odd = Policy("0" * 64, decisions, list(range(CELLS)), EMPTY)
    before, after = (
        policy(odd, environment={**old, "default": first}),
        policy(odd, environment={**new, "default": second}),
    )
    found = together(change.ways for change in label_changes(before, after))
    ranks = [tuple(_strictest(held, path) for path in PATHS) for held in (before, after)]
    if not found.loosens:
        assert all(later >= earlier for earlier, later in zip(*ranks, strict=True))
    if not found.tightens:
        assert all(later <= earlier for earlier, later in zip(*ranks, strict=True))


def _strictest(held: Policy, path: str) -> int:
    """What the guard decides: the strictest about any label of the path."""
    labels = held.environments(path)
    return max(OUTCOMES.index(held.decide(Request("read", "plain", one, "internal")).outcome) for one in labels)


def test_to_stay_is_no_move() -> None:
    """A label that turns into itself changes nothing, the secret one included."""
    for axis, labels in (("environment", ENVIRONMENTS), ("data", DATA)):
        assert {moved(axis, label, label, RULES) for label in labels} == {SAME}


def test_a_move_and_its_way_back_are_opposite() -> None:
    """Whatever gets tighter one way gets looser the other; but nothing leaves `secret` without loosening."""
    for source, target in itertools.permutations(ENVIRONMENTS, 2):
        there, back = moved("environment", source, target, RULES), moved("environment", target, source, RULES)
        assert (there.tightens, there.loosens) == (back.loosens, back.tightens)
    assert all(moved("data", "secret", other, RULES).loosens for other in DATA if other != "secret")


def test_what_a_layer_below_adds_tightens() -> None:
    """And what it no longer says loosens; the base's own facts are the same."""
    plain, raised = (
        Policy("0" * 64, [RULES.decide(r) for r in expand("*/*/*/*")], list(range(CELLS)), EMPTY, raised=more)
        for more in ({}, {"data": {"secret": ["**/*.vault"], "default": ["secret"]}})
    )
    assert [change.text for change in label_changes(plain, raised)] == [
        "data.secret, by a layer: + **/*.vault",
        "data.default, by a layer: + secret",
    ]
    assert (way(plain, raised), way(raised, plain), way(raised, raised)) == ("tightens", "loosens", "same")
