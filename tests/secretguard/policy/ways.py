"""The ways on that a refusal may name, and what each needs on the machine beside the guard."""

from __future__ import annotations

from secretguard.policy.shipped import BROKER, GATE

WAYS: dict[str, frozenset[str]] = {
    # what the agent can do instead, anywhere
    "use the value without printing it": frozenset(),
    "ask for one name at a time": frozenset(),
    "let the program that needs it open it by path": frozenset(),
    "read a template of it": frozenset(),
    "`secretguard redact FILE`": frozenset(),
    "use made-up data": frozenset(),
    "write it as a plain command": frozenset(),
    "commit or copy what would be lost first": frozenset(),
    "do it in a development project": frozenset(),
    "try it in a development project": frozenset(),
    "send it from a development project": frozenset(),
    # whom it can ask, anywhere: the client's dialog, the person's own terminal, whoever keeps the policy
    "have a person approve it": frozenset(),
    "ask the person to do it in their own terminal": frozenset(),
    "have the project labelled in facts.toml": frozenset(),
    "ask the owners of the policy for a rule": frozenset(),
    # what a broken policy leaves
    "ask the person to mend the policy (`secretguard policy check` says where)": frozenset(),
    "go on with work that neither uses secrets nor sends": frozenset(),
    # what a broker adds
    "`broker run TASK -- CMD`": frozenset({BROKER}),
    "`broker approve`": frozenset({BROKER}),
    "start the task against development": frozenset({BROKER}),
    "start the task against staging": frozenset({BROKER}),
    # what a git gate adds
    "have a person review exactly that tree (`secretguard gate`)": frozenset({GATE}),
}
"""Words of a way on → what must be there for it to exist."""

IMPLIED = {"start_task": frozenset({BROKER}), "issue": frozenset({BROKER}), "push": frozenset({GATE})}
"""Who asks about these actions is there by definition: the broker, the gate."""

WHERE_A_BROKER_RUNS = "where a broker runs"
"""After these words a text may name what only a broker gives; whoever has none has read a way before them."""

WORDS_OF = {BROKER: ("broker", "sandbox", "task", "colleague"), GATE: ("gate", "review")}
"""Words that promise a part, in whatever form."""


def faults(way_on: str, has: frozenset[str]) -> list[str]:
    """What is wrong with a way on, on a machine that `has` these parts."""
    if BROKER not in has:
        way_on = way_on.partition(WHERE_A_BROKER_RUNS)[0]
    found = [] if any(words in way_on and needs <= has for words, needs in WAYS.items()) else ["no way on exists"]
    found += [f"names {words}" for words, needs in WAYS.items() if words in way_on and not needs <= has]
    missing = [word for part, words in WORDS_OF.items() if part not in has for word in words]
    return found + [f"speaks of a {word}" for word in missing if word in way_on]
