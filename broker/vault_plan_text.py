"""A plan as text, for a person or for their own tooling: HCL with `vault` commands, or Terraform. Pure."""

from __future__ import annotations

import json

from broker.vault_audit import AUDITOR_POLICY
from broker.vault_plan import Plan


def as_hcl(plan: Plan) -> str:
    """Each policy as HCL, each role as the command that writes it."""
    parts = [f"# ---- policy {name}: vault policy write {name} FILE\n{hcl}" for name, hcl in plan.policies.items()]
    name, settings = plan.token_role
    parts.append(f"# ---- token role\n# vault write auth/token/roles/{name} - <<< '{json.dumps(settings)}'\n")
    for name, settings in plan.approles.items():
        parts.append(f"# ---- login\n# vault write auth/approle/role/{name} - <<< '{json.dumps(settings)}'\n")
    if plan.needed:
        parts.append(f"# ---- policies of your own that grants name: {', '.join(plan.needed)}\n")
    if plan.log_key:
        mount, key = plan.log_key
        parts.append(f"# ---- the log's key\n# vault write -f {mount}/keys/{key} type=ed25519\n")
    if plan.owned:
        roles = ", ".join(f"{one.mount}/roles/{one.role}" for one in plan.owned)
        parts.append(f"# ---- roles of your own that grants name: {roles}\n")
    optional = "# ---- optional: for who runs `broker vault cross-check` with an audit device at file/"
    parts.append(f"{optional}\n{AUDITOR_POLICY.format(device='file')}")
    return "\n".join(parts)
