"""Cedar rules → one decision a cell, by asking every possible question. Not on the hot path: imports `cedarpy`.

1. split the text into statements, so that every message can name a line   2. read each: its effect and annotations
3. validate the whole against the schema   4. ask each cell with 0, 1 and 2 approvals   5. first allow = the outcome
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Container, Iterator
from importlib import resources

import cedarpy

from secretguard.errors import ConfigError
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, Decision

LADDER = {0: "allow", 1: "ask", 2: "two_persons"}
"""Approvals at which the request is first allowed → outcome; never allowed: deny."""

MAX_CELLS = 2000
MAX_RULES = 500
MAX_WORDS = 1000
"""Characters of a reason or a way on: both are read in a dialog, and every hook loads them."""

DEFAULT = Decision(
    "deny",
    "default",
    "No rule of this policy allows it. Way on: ask the owners of the policy for a rule; `secretguard policy explain`"
    " shows what decides.",
    default=True,
)

AT_ONCE = 48
"""Questions in one call of Cedar."""

MAX_STATEMENT, MAX_OPEN = 8192, 100
"""Characters of one rule, and brackets that open in it, texts and remarks included. Cedar's parser calls itself for
each level and ends the process where the stack does (at about 600 brackets, or 15,000 links of a chain, in 8 MB): a
repository's rules must not be able to take the hook away."""

_TOKEN = re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*+"?|;', re.DOTALL)  # possessive: linear, also without an end
_LEADING = re.compile(r"(?:\s|//[^\n]*)*")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclasses.dataclass(frozen=True)
class Rule:
    """One Cedar statement: the line it begins at, its `@id`, whether it permits, and what a person is told."""

    line: int
    id: str
    permits: bool
    reason: str


ALLOW_ALL = '@id("nothing-forbids") @reason("No rule here forbids it.") permit (principal, action, resource);'


def statements(text: str) -> list[tuple[int, str]]:
    """(line, text) of each statement. One ends at a `;` outside of strings and comments; a rest is the last one."""
    return [(text.count("\n", 0, begin) + 1, text[begin:end]) for begin, end in _spans(text)]


def _spans(text: str) -> list[tuple[int, int]]:
    found = []
    start = 0
    for token in _TOKEN.finditer(text):
        if token.group() == ";":
            found.append((start, token.end()))
            start = token.end()
    found.append((start, len(text)))
    begins = [(_LEADING.match(text, start).end(), end) for start, end in found]  # type: ignore[union-attr]
    return [(begin, end) for begin, end in begins if begin < end]


def forbidding(text: str, rules: list[Rule], kept: Container[str] | None = None) -> str:
    """`text` as a layer that can only forbid: without its permits, and with everything permitted that is left.

    `kept` leaves only the forbids of these ids. Lines keep their numbers. `rules` are those of `text`.
    """
    for (begin, end), rule in zip(_spans(text), rules, strict=True):
        if rule.permits or (kept is not None and rule.id not in kept):
            blank = "".join("\n" if character == "\n" else " " for character in text[begin:end])
            text = text[:begin] + blank + text[end:]
    return f"{text}\n{ALLOW_ALL}\n"


def rules_of(text: str, name: str) -> list[Rule]:
    """The rules of `text` in order. Raises ConfigError `name:line:` for a statement that does not parse, an `@id` that
    is missing, malformed or used twice, a missing `@reason`, and a forbid without `@way_on`."""
    rules: list[Rule] = []
    for line, statement in statements(text):
        rule = _rule(line, statement, name)
        if any(rule.id == other.id for other in rules):
            raise ConfigError(f'{name}:{line}: @id("{rule.id}") is used twice', "give each rule its own id")
        rules.append(rule)
    if not rules:
        raise ConfigError(f"{name}:1: no rule, so everything would be denied", "start from a copy of a shipped pack")
    if len(rules) > MAX_RULES:
        raise ConfigError(f"{name}:{rules[MAX_RULES].line}: more than {MAX_RULES} rules", "merge rules by their reason")
    return rules


def _rule(line: int, statement: str, name: str) -> Rule:
    where = f"{name}:{line}"
    if len(statement) > MAX_STATEMENT or sum(map(statement.count, "([{")) > MAX_OPEN:
        raise ConfigError(
            f"{where}: a rule of more than {MAX_STATEMENT} characters or {MAX_OPEN} brackets", "make several of it"
        )
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(statement))
    except RecursionError:
        raise ConfigError(f"{where}: a condition with too many parts", "make several rules of it") from None
    except ValueError as error:
        raise ConfigError(
            f"{where}: not Cedar: {error}", "https://docs.cedarpolicy.com/policies/syntax-policy.html"
        ) from None
    if parsed["templates"] or len(parsed["staticPolicies"]) != 1:
        raise ConfigError(f"{where}: a template (?principal, ?resource) has nobody to fill it", "write a plain rule")
    policy = next(iter(parsed["staticPolicies"].values()))
    notes = {key: value or "" for key, value in policy.get("annotations", {}).items()}
    permits = policy["effect"] == "permit"
    if not _ID.fullmatch(notes.get("id", "")):
        raise ConfigError(f'{where}: a rule needs @id("kebab-case-name")', "the id is what records and refusals quote")
    if not notes.get("reason"):
        raise ConfigError(f'{where}: rule {notes["id"]} needs @reason("...")', "say why, for the person who is stopped")
    if not permits and not notes.get("way_on"):
        raise ConfigError(
            f'{where}: rule {notes["id"]} forbids and needs @way_on("...")', "every refusal names a way on"
        )
    for text in (notes["reason"], notes.get("way_on", "")):
        if len(text) > MAX_WORDS or not text.isprintable():
            raise ConfigError(
                f"{where}: rule {notes['id']} has a text of more than {MAX_WORDS} characters, or an invisible one",
                "it is read in a dialog: one short line",
            )
    way_on = f" Way on: {notes['way_on']}" if notes.get("way_on") else ""
    return Rule(line, notes["id"], permits, notes["reason"] + way_on)


def enumerate_cells(text: str, name: str) -> tuple[list[Decision], list[int]]:
    """(distinct decisions, one index a cell in the order of `policy.table.cell_index`) of a rule file.

    Raises ConfigError as `rules_of` does, and for what the schema refuses, an evaluation error, a request that more
    approvals would take away again, and a vocabulary of more than 2,000 cells.
    """
    rules = rules_of(text, name)
    schema = _schema()
    _validate(text, rules, schema, name)
    keys = list(itertools.product(ACTIONS, EFFECTS, ENVIRONMENTS, DATA))
    if len(keys) > MAX_CELLS:
        raise ConfigError(f"{name}:1: {len(keys)} cells, more than {MAX_CELLS}", "the vocabulary has grown too large")
    answers = _ask(text, schema, [_question(*key, approvals) for key in keys for approvals in LADDER])
    decisions: dict[tuple[str, str], Decision] = {}
    cells = []
    for key in keys:
        decision = _decision([next(answers) for _ in LADDER], rules, name, "/".join(key))
        decisions.setdefault((decision.outcome, decision.rule), decision)
        cells.append(list(decisions).index((decision.outcome, decision.rule)))
    return list(decisions.values()), cells


def _schema() -> str:
    return resources.files("secretguard.policy").joinpath("schema/policy.cedarschema").read_text("utf-8")


def _validate(text: str, rules: list[Rule], schema: str, name: str) -> None:
    errors = cedarpy.validate_policies(text, schema).errors
    if errors:
        first = errors[0]
        rule = rules[_number(first.policy_id)]
        told = first.error.replace(f"for policy `{first.policy_id}`", f"rule {rule.id}")
        raise ConfigError(f"{name}:{rule.line}: {told}", "the words that a rule may use: `secretguard policy explain`")


def _number(policy_id: str) -> int:
    """Cedar names policies `policyN` in the order of the text."""
    return int(policy_id.removeprefix("policy") or 0)


def _question(action: str, effect: str, environment: str, data: str, approvals: int) -> dict[str, object]:
    return {
        "principal": {"type": "Agent", "id": "agent"},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Target", "id": "target"},
        "context": {
            "effect": {"__entity": {"type": "Effect", "id": effect}},
            "environment": {"__entity": {"type": "Environment", "id": environment}},
            "data": {"__entity": {"type": "Data", "id": data}},
            "approvals": approvals,
        },
    }


def _ask(text: str, schema: str, questions: list[dict[str, object]]) -> Iterator[cedarpy.AuthzResult]:
    """The answers, AT_ONCE in one call: a hook's deadline takes effect between two calls, never inside one."""
    known = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]"), cedarpy.Schema.from_str(schema)
    for first in range(0, len(questions), AT_ONCE):
        yield from cedarpy.is_authorized_batch(questions[first : first + AT_ONCE], *known)


def _decision(answers: list[cedarpy.AuthzResult], rules: list[Rule], name: str, cell: str) -> Decision:
    """One cell: the first rung that is allowed. What decides is the rule that kept the rung below from being allowed,
    where one forbade it; else the rule that permitted."""
    for answer in answers:
        if answer.diagnostics.errors:
            raise ConfigError(f"{name}:1: cannot be evaluated for {cell}: {answer.diagnostics.errors[0]}")
    allowed = [answer.allowed for answer in answers]
    if allowed != sorted(allowed):
        culprit = _deciding(answers[allowed.index(True) + 1], rules)
        line = culprit.line if culprit else 1
        raise ConfigError(
            f"{name}:{line}: for {cell}, more approvals take away what fewer allow", "test approvals with < or >="
        )
    if not allowed[-1]:
        rule = _deciding(answers[-1], rules)
        return Decision("deny", rule.id, rule.reason) if rule else DEFAULT
    rung = allowed.index(True)
    below = _deciding(answers[rung - 1], rules) if rung else None
    rule = below or _deciding(answers[rung], rules)
    assert rule is not None  # noqa: S101  # Cedar allows nothing without a permit
    return Decision(LADDER[rung], rule.id, rule.reason)


def _deciding(answer: cedarpy.AuthzResult, rules: list[Rule]) -> Rule | None:
    """The first rule of the file among those that decided, so that the answer does not depend on Cedar's order."""
    numbers = sorted(_number(policy_id) for policy_id in answer.diagnostics.reasons)
    return rules[numbers[0]] if numbers else None
