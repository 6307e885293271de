from __future__ import annotations

from importlib import resources

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.policy.cedar import DEFAULT, MAX_OPEN, MAX_STATEMENT, enumerate_cells, rules_of, statements
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, Decision, Request
from secretguard.policy.table import cell_index
from tests.secretguard.policy.sets import RULES


def decide(text: str, request: str) -> Decision:
    decisions, cells = enumerate_cells(text, "rules.cedar")
    return decisions[cells[cell_index(Request(*request.split("/")))]]


def test_schema_has_exactly_the_vocabulary() -> None:
    """The words that Cedar checks are the words of the request."""
    text = resources.files("secretguard.policy").joinpath("schema/policy.cedarschema").read_text("utf-8")
    for name, words in (("Effect", EFFECTS), ("Environment", ENVIRONMENTS), ("Data", DATA)):
        assert f"entity {name} enum [{', '.join(f'{chr(34)}{word}{chr(34)}' for word in words)}];" in text
    assert f"action {', '.join(f'{chr(34)}{word}{chr(34)}' for word in ACTIONS)} appliesTo" in text
    assert cedarpy.Schema.from_str(text)


@pytest.mark.parametrize(
    ("request_", "outcome", "rule"),
    [
        ("run/plain/development/internal", "allow", "work"),
        ("run/plain/production/internal", "ask", "one"),
        ("read/plain/development/customer", "two_persons", "two"),
        ("read/plain/production/customer", "two_persons", "two"),
        ("run/reveal/development/internal", "deny", "never"),
        ("run/reveal/production/customer", "deny", "never"),
        ("push/plain/development/internal", "deny", "default"),
    ],
)
def test_ladder_of_approvals(request_: str, outcome: str, rule: str) -> None:
    """The first number of approvals that is allowed is the outcome; forbid wins; what nobody permits is denied."""
    decision = decide(RULES, request_)
    assert (decision.outcome, decision.rule, decision.default) == (outcome, rule, rule == "default")


def test_reason_and_way_on_are_told() -> None:
    """What the rule's author wrote is what the person reads."""
    assert decide(RULES, "run/reveal/development/internal").reason == "Never. Way on: do something else."
    assert "Way on:" in DEFAULT.reason


def test_first_rule_of_the_file_is_the_one_that_is_named() -> None:
    """Where several rules decide, the answer does not depend on Cedar's own order."""
    text = "".join(f'@id("r{n}") @reason("R{n}") permit (principal, action, resource);\n' for n in range(12))
    assert decide(text, "run/plain/development/internal").rule == "r0"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('Environment::"production" && context.approvals >= 1', 'Environment::"prodution"', 8, "prodution"),
        ('Action::"read"', 'Action::"raed"', 12, "raed"),
        ("context.effect", "context.efect", 2, "efect"),
        ("context.approvals < 2", "context.approvals + 2", 5, "two"),
        ("context.approvals < 2", 'context.path like "/prod/*"', 5, "path"),
        ("when { context.effect", "whn { context.effect", 2, "not Cedar"),
        ('@id("two")', '@id("never")', 5, "used twice"),
        ('@id("two")', "", 5, "needs @id"),
        ('@id("two")', '@id("Two Persons")', 5, "needs @id"),
        ('@reason("Work.")', "", 12, "needs @reason"),
        ('@way_on("ask two.")', "", 5, "way_on"),
        ("(principal, action == ", "(principal == ?principal, action == ", 2, "template"),
    ],
)
def test_faults_are_named_with_file_and_line(old: str, new: str, line: int, told: str) -> None:
    """A typing error, an unknown word or a missing note points at the statement that has it."""
    assert old in RULES
    with pytest.raises(ConfigError) as caught:
        enumerate_cells(RULES.replace(old, new, 1), "rules.cedar")
    assert caught.value.message.startswith(f"rules.cedar:{line}: ")
    assert told in str(caught.value)


def test_rule_that_more_approvals_would_take_away_is_refused() -> None:
    """Approvals only ever help: anything else would be a trap for who approves."""
    text = (
        RULES
        + '@id("odd") @reason("R") @way_on("w") forbid (principal, action, resource)\nwhen { context.approvals == 1 };'
    )
    with pytest.raises(ConfigError, match=r"rules\.cedar:15: .* more approvals take away"):
        enumerate_cells(text, "rules.cedar")


def test_rule_that_fails_when_asked_is_refused() -> None:
    """An arithmetic overflow would make Cedar skip the rule silently; here it refuses the set."""
    huge = "context.approvals + 9223372036854775807 > 0"
    text = RULES.replace("context.approvals >= 1", huge)
    with pytest.raises(ConfigError, match="cannot be evaluated"):
        enumerate_cells(text, "rules.cedar")


def test_empty_and_endless_sets_are_refused() -> None:
    """No rule at all is an accident; hundreds of rules nobody reads are one, too."""
    for text in ("", "// nothing\n", "  \n"):
        with pytest.raises(ConfigError, match="no rule"):
            rules_of(text, "rules.cedar")
    many = "".join(f'@id("r{n}") @reason("R") permit (principal, action, resource);\n' for n in range(501))
    with pytest.raises(ConfigError, match=r"rules\.cedar:501: more than 500"):
        rules_of(many, "rules.cedar")


def test_statements_end_outside_of_strings_and_comments() -> None:
    """A semicolon in a reason or a comment ends nothing, and each statement knows its own first line."""
    text = '// a; b\n@id("a;\\"b")\npermit;\n\n// c;\nforbid; rest "x;'
    assert [(line, part.split("\n")[0]) for line, part in statements(text)] == [
        (2, '@id("a;\\"b")'),
        (6, "forbid;"),
        (6, 'rest "x;'),
    ]


def test_string_without_an_end_costs_linear_time() -> None:
    """Half a megabyte of escaped quotes is one statement, found in one pass."""
    assert len(statements('"' + '\\"' * 250_000)) == 1


@settings(max_examples=200)
@given(st.text(alphabet='permit(pncal,o) ;"/\\\n@{}?', max_size=80))
def test_any_text_is_refused_in_words(text: str) -> None:
    """Whatever the file holds, the answer is one expected error with file and line."""
    with pytest.raises(ConfigError, match=r"^rules\.cedar:\d+: "):
        enumerate_cells(text, "rules.cedar")


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 3000 + "true" + ")" * 3000,
        "[" * 3000 + "]" * 3000 + " == []",
        "{a:" * 2000 + "1" + "}" * 2000 + " == 1",
        "true" + " && true" * 20_000,
        "context" + ".environment" * 20_000 + " == 1",
        "if true then " * 10_000 + "true" + " else true" * 10_000,
        "true" + "&&true" * 1200,
        "1" + "+1" * 3500 + " == 1",
        "// " + "(" * 200 + "\ntrue",
    ],
    ids=["brackets", "sets", "records", "chain", "attributes", "ifs", "a chain that is short", "a sum", "a remark"],
)
def test_no_rule_is_deep_enough_to_end_the_process(condition: str) -> None:
    """Cedar's parser ends the process where the stack does: such a rule is refused before, with its line."""
    rule = f'\n@id("a") @reason("r") @way_on("w") forbid (principal, action, resource) when {{ {condition} }};'
    with pytest.raises(ConfigError, match=r"^x:2: a (rule of more than|condition with too many)"):
        enumerate_cells(rule, "x")


def test_brackets_and_length_up_to_the_bound_are_read() -> None:
    """Where the bound lies Cedar still answers."""
    levels = MAX_OPEN - 5
    rule = '@id("a") @reason("r") @way_on("w") forbid (principal, action, resource) when {'
    whole = rule + "(" * levels + "true" + ")" * levels + "};"
    assert len(rules_of(whole, "x")) == 1
    padded = rule + "true //" + "x" * (MAX_STATEMENT - len(rule) - 10) + "\n};"
    assert len(padded) == MAX_STATEMENT
    assert len(rules_of(padded, "x")) == 1
