"""One path of a Vault ACL policy as a value, and its HCL. Pure.

A credential source that works through Vault offers its rules in its own file (`policy_rules`, `revoker_rules`); the
table of them is `broker/issue/vault_rules.py`, and `broker/vault_plan.py` puts them into policies.
"""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Iterable, Mapping

WIDTH = 118


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """What a policy allows on `path` (as Vault's policies write it: no leading `/`, `+` for one segment). `why` is the
    comment above it. With `allowed`, only these keys may be sent, each with one of the listed values (none listed: any
    value); with `required`, these must be."""

    path: str
    capabilities: tuple[str, ...]
    why: str = ""
    required: tuple[str, ...] = ()
    allowed: Mapping[str, tuple[object, ...]] | None = None

    def hcl(self) -> str:
        """The `path` stanza, comment first, ending with a line break."""
        lines = [f"# {line}" for line in textwrap.wrap(self.why, WIDTH)]
        lines += [f"path {json.dumps(self.path)} {{", f"  capabilities = {json.dumps(list(self.capabilities))}"]
        if self.required:
            lines.append(f"  required_parameters = {json.dumps(list(self.required))}")
        if self.allowed is not None:
            lines.append("  allowed_parameters = {")
            lines += [f"    {json.dumps(key)} = {json.dumps(list(values))}" for key, values in self.allowed.items()]
            lines.append("  }")
        return "\n".join([*lines, "}\n"])


def hcl(rules: Iterable[Rule]) -> str:
    """A whole policy."""
    return "".join(rule.hcl() for rule in rules)
