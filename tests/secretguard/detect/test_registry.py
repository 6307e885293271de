"""The registry lists every rule file, once."""

from __future__ import annotations

from pathlib import Path

from secretguard.detect import registry, rules


def test_every_rule_file_is_registered() -> None:
    """A rule that is written and not registered would never be looked for."""
    folder = Path(next(iter(rules.__path__)))
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert sorted(files) == sorted([*registry.PROVIDERS, *registry.GENERAL])
    assert sorted(registry.PROVIDERS) == registry.PROVIDERS


def test_generic_rules_come_last() -> None:
    """A provider's rule has precedence over those that only know a name."""
    kinds = (
        "secret-quoted",
        "secret-bare",
        "secret-element",
        "secret-argument",
        "secret-setting",
        "secret-prose",
        "key",
    )
    generic = ["env-secret", *(f"generic-{kind}" for kind in kinds)]
    assert [rule.id for rule in registry.RULES][-8:] == generic
