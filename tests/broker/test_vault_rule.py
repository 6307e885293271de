"""A rule as HCL, and what every source's rules have in common."""

from __future__ import annotations

import pytest

from broker.vault_rule import Rule, hcl


def test_a_rule_is_one_stanza_with_its_reason_above() -> None:
    """Long reasons are wrapped; values are written as HCL writes them."""
    rule = Rule("a/b", ("update",), "because " * 30, ("x",), {"x": (), "y": (False, "z")})
    lines = rule.hcl().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        'path "a/b" {',
        '  capabilities = ["update"]',
        '  required_parameters = ["x"]',
        "  allowed_parameters = {",
        '    "x" = []',
        '    "y" = [false, "z"]',
        "  }",
        "}",
    ]
    assert max(map(len, lines)) <= 120
    assert lines[0].startswith("# because")


@pytest.mark.parametrize("path", ['x" { }', "x\n}", 'a\\"b'])
def test_a_path_cannot_end_its_own_quotes(path: str) -> None:
    """Whatever a path holds stays inside of the string."""
    text = hcl((Rule(path, ("read",)),))
    assert text.count("\n") == 3
    assert text.endswith("}\n")
