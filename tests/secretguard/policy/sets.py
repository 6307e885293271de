"""Policy sets for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

RULES = """\
// A small set: the shape of a real one.
@id("never") @reason("Never.") @way_on("do something else.")
forbid (principal, action == Action::"run", resource) when { context.effect == Effect::"reveal" };

@id("two") @reason("Customers.") @way_on("ask two.")
forbid (principal, action, resource) when { context.data == Data::"customer" && context.approvals < 2 };

@id("one") @reason("Production.")
permit (principal, action, resource)
when { context.environment == Environment::"production" && context.approvals >= 1 };

@id("work") @reason("Work.")
permit (principal, action in [Action::"read", Action::"run"], resource)
unless { context.environment == Environment::"production" };
"""

FACTS = """\
version = 1

[environment]
default = "development"
sandbox = ["/sandboxes/**"]
production = ["~/live/**", "/srv/**"]

[data]
default = "internal"
public = ["**/README.md"]
secret = ["**/.env", "~/.ssh/**"]
customer = ["**/customers/*.csv"]

[production]
paths = ["deploy/**", "**/prod/*.yaml"]

[protected]
paths = ["~/.ssh/config"]

[hosts]
production = ["*.prod.example.com", "db.example.com"]
"""


def policy_set(directory: Path, rules: str = RULES, facts: str = FACTS, examples: str = "") -> Path:
    """Write a policy set; returns its folder."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "rules.cedar").write_text(rules, "utf-8")
    (directory / "facts.toml").write_text(facts, "utf-8")
    if examples:
        (directory / "examples.toml").write_text(examples, "utf-8")
    return directory
