"""Layers into one table: never laxer than the base, whatever the other layers say."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.policy import combine, compiled
from secretguard.policy.combine import Compiled, compile_base, compile_tightening, notes
from secretguard.policy.examples import expand
from secretguard.policy.request import DATA, ENVIRONMENTS, OUTCOMES, Decision
from secretguard.policy.source import PACKAGED, REPOSITORY, USER, Source
from secretguard.policy.table import CELLS, STRICTEST_DATA, STRICTEST_ENVIRONMENT, Policy
from tests.secretguard.policy.sets import FACTS, RULES

UNKNOWN = '@id("a") @reason("b") @way_on("c") forbid (principal, action == Action::"x", resource);'
PATHS = ("/a", "/a/b", "/srv/x", "/sandboxes/s", "/home/u/.env", "/README.md", "/x/customers/y.csv")
PATTERNS = ("/**", "/a/**", "/srv/**", "/sandboxes/**", "**/.env", "**/README.md", "**/x/**")


def policy(base: Compiled, *layers: Compiled) -> Policy:
    return compiled.policy_of("d", combine.combine(base, layers))


@pytest.fixture(scope="module")
def base() -> Compiled:
    """The small set of the other tests."""
    return compile_base(Source(PACKAGED, "/set", RULES.encode(), FACTS.encode()))


def layer(rules: str | None = None, facts: str | None = None, name: str = REPOSITORY) -> Compiled:
    texts = [None if text is None else text.encode() for text in (rules, facts)]
    return compile_tightening(Source(name, "/layer", *texts))


patterns = st.lists(st.sampled_from(PATTERNS), max_size=3)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(ENVIRONMENTS), patterns),
    st.dictionaries(st.sampled_from(DATA), patterns),
    st.sampled_from(("", *ENVIRONMENTS)),
    st.sampled_from(("", *DATA)),
)
def test_no_facts_of_a_layer_make_a_label_laxer(
    environments: dict[str, list[str]], data: dict[str, list[str]], environment: str, kind: str
) -> None:
    """Whatever patterns and defaults it has, each path keeps all labels that it had, and may only get more."""
    lines = ["version = 1", "[environment]", *(f"{k} = {v!r}" for k, v in environments.items())]
    lines += [f'default = "{environment}"'] if environment else []
    lines += ["[data]", *(f"{k} = {v!r}" for k, v in data.items())]
    lines += [f'default = "{kind}"'] if kind else []
    below = compile_base(Source(PACKAGED, "/set", RULES.encode(), FACTS.encode())) if not _BASE else _BASE[0]
    _BASE[:] = [below]
    alone, both = policy(below), policy(below, layer(facts="\n".join(lines)))
    for path in PATHS:
        assert set(both.environments(path)) >= set(alone.environments(path))
        assert set(both.data_classes(path)) >= set(alone.data_classes(path))
        assert both.may_hold_secrets(path) == alone.may_hold_secrets(path)
        for order, labels in (
            (STRICTEST_ENVIRONMENT, both.environments(path)),
            (STRICTEST_DATA, both.data_classes(path)),
        ):
            assert list(labels) == [label for label in order if label in labels]


_BASE: list[Compiled] = []


@given(st.lists(st.lists(st.sampled_from(OUTCOMES), min_size=4, max_size=4), min_size=1, max_size=3))
def test_a_cell_is_the_strictest_of_all_layers(columns: list[list[str]]) -> None:
    """And where two agree, the higher one's rule is heard."""
    for number in range(4):
        cell = [Decision(column[number], f"r{at}", "x") for at, column in enumerate(columns)]
        found = combine._strictest(cell)
        assert OUTCOMES.index(found.outcome) == max(OUTCOMES.index(d.outcome) for d in cell)
        assert found is next(d for d in cell if d.outcome == found.outcome)


def test_every_cell_of_every_pair_of_packs_is_the_stricter_one() -> None:
    """Each pack under each other: no cell is laxer than the base, and forbids of the layer are all there."""
    texts = {name: _texts(name) for name in ("laptop", "team", "regulated")}
    for one, two in itertools.permutations(texts, 2):
        below = compile_base(Source(PACKAGED, "/one", *texts[one]))
        mine = compile_tightening(Source(USER, "/two", *texts[two]))
        both, alone = policy(below, mine), policy(below)
        for at, request in enumerate(expand("*/*/*/*")):
            outcome = OUTCOMES.index(both.decide(request).outcome)
            assert outcome >= OUTCOMES.index(alone.decide(request).outcome)
            assert outcome >= OUTCOMES.index(mine.decisions[at].outcome)


def _texts(name: str) -> tuple[bytes, bytes]:
    folder = Path(compiled.packaged(name))
    return (folder / "rules.cedar").read_bytes(), (folder / "facts.toml").read_bytes()


def test_lists_are_added_and_defaults_are_the_stricter_ones(base: Compiled) -> None:
    """Production, protected and host patterns of both count."""
    facts = (
        'version = 1\n[environment]\ndefault = "staging"\n[data]\ndefault = "public"\n[production]\n'
        'paths = ["x/**"]\n[protected]\npaths = ["**/y"]\n[hosts]\nproduction = ["h.example"]\n'
    )
    mine = layer(facts=facts)
    both = policy(base, mine)
    assert (both.environment("/nowhere"), both.data_class("/nowhere")) == ("staging", "internal")
    assert both.environment("/sandboxes/a") == "sandbox"  # a default speaks of what nobody labelled
    assert both.production_path("x/a")
    assert both.production_path("deploy/a")
    assert both.protected_path("/a/y")
    assert {both.host_environment(host) for host in ("h.example", "db.example.com")} == {"production"}
    assert notes(base, [mine]) == ["repository: data.default = public is laxer than internal, so it does not count"]


def test_a_layer_that_is_wrong_is_no_layer() -> None:
    """Types, syntax and too many patterns, with file and line."""
    for rules, facts, told in (
        ("forbid (principal", None, r"/layer/rules\.cedar:1: "),
        (
            '@id("a") @reason("b") @way_on("c") forbid (principal, action == Action::"x", resource);',
            None,
            "rules.cedar:1",
        ),
        (None, "version = 2", r"/layer/facts\.toml:1: "),
    ):
        with pytest.raises(ConfigError, match=told):
            layer(rules, facts)


def test_line_numbers_of_a_layer_are_those_of_its_file() -> None:
    """Leaving permits out moves nothing."""
    text = (
        RULES.replace('Action::"reveal"', "x") + '\n\n@id("last") @reason("r") @way_on("w")\nforbid (principal, y);\n'
    )
    with pytest.raises(ConfigError, match=rf"rules\.cedar:{text.count(chr(10)) - 1}: "):
        layer(text)
    assert [note.split(": ")[0] for note in layer(RULES).notes] == ["/layer/rules.cedar:8", "/layer/rules.cedar:12"]


def test_without_a_trial_nothing_is_held_apart(base: Compiled) -> None:
    """The table is no larger than it must be."""
    document = combine.combine(base, ())
    assert document["held"] == []
    assert len(document["cells"]) == CELLS  # type: ignore[arg-type]
