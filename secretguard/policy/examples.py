"""`examples.toml`: example requests beside the rules, run whenever a policy is compiled; one that fails refuses it.

[[example]]
request = "run/destroy/development/*"    # action/effect/environment/data; * stands for every value
outcome = "ask"
rule = "destroy-needs-a-person"          # optional: the rule that must decide
"""

from __future__ import annotations

import itertools

from secretguard.errors import ConfigError
from secretguard.policy.facts import toml_of
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES, Request
from secretguard.policy.table import Policy

VOCABULARY = (ACTIONS, EFFECTS, ENVIRONMENTS, DATA)


def check(policy: Policy, text: str, name: str) -> int:
    """Run the examples of `text` against `policy`; how many requests were asked.

    Raises ConfigError `name:line:` for the first example that is malformed or that the policy decides otherwise.
    """
    document = toml_of(text, name)
    examples = document.get("example", [])
    if set(document) - {"example"} or not isinstance(examples, list):
        raise ConfigError(f"{name}:1: only [[example]] tables belong here")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[example]]")]
    asked = 0
    for number, example in enumerate(examples):
        where = f"{name}:{lines[number] if len(lines) == len(examples) else 1}"
        asked += _check_one(policy, example, where)
    return asked


def _check_one(policy: Policy, example: dict[str, object], where: str) -> int:
    unknown = set(example) - {"request", "outcome", "rule"}
    if unknown:
        raise ConfigError(f"{where}: unknown key {sorted(unknown)[0]}", "known: request, outcome, rule")
    if example.get("outcome") not in OUTCOMES:
        raise ConfigError(f"{where}: outcome must be one of {', '.join(OUTCOMES)}")
    requests = expand(str(example.get("request", "")))
    if not requests:
        raise ConfigError(f"{where}: request must be action/effect/environment/data, each a known word or *")
    for request in requests:
        decision = policy.decide(request)
        expected = (example["outcome"], example.get("rule", decision.rule))
        if (decision.outcome, decision.rule) != expected:
            raise ConfigError(
                f"{where}: {request.cell} should be {' by '.join(map(str, expected))}, and is"
                f" {decision.outcome} by {decision.rule}",
                "change the rule or the example: one of them says what is not meant",
            )
    return len(requests)


def expand(pattern: str) -> list[Request]:
    """The requests that `a/e/n/d` stands for, `*` being every word in its place; empty where a word is unknown."""
    words = pattern.split("/")
    if len(words) != len(VOCABULARY):
        return []
    choices = [
        known if word == "*" else tuple(w for w in known if w == word)
        for word, known in zip(words, VOCABULARY, strict=True)
    ]
    return [Request(*combination) for combination in itertools.product(*choices)]
