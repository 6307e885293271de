"""A plan as text, for a person or for their own tooling: HCL with `vault` commands, or Terraform. Pure.

The Terraform is for the provider `hashicorp/vault`, laid out as `terraform fmt` does. Roles and key go through its
`vault_generic_endpoint`: exactly the settings of the plan, whatever that provider's own resources know of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from broker.vault_audit import AUDITOR_POLICY
from broker.vault_plan import LoginRole, Plan

AUDITOR = "for who runs `broker vault cross-check` with an audit device at file/"
BOUND: Mapping[str, Mapping[str, object]] = {
    "kubernetes": {"bound_service_account_names": ["NAME"], "bound_service_account_namespaces": ["NAMESPACE"]},
    "jwt": {"role_type": "jwt", "user_claim": "sub", "bound_subject": "SUBJECT", "bound_audiences": ["AUDIENCE"]},
}
"""What the owner of a login method has to fill in: whose token is meant."""


def as_hcl(plan: Plan) -> str:
    """Each policy as HCL, each role as the command that writes it."""
    parts = [f"# ---- policy {name}: vault policy write {name} FILE\n{hcl}" for name, hcl in plan.policies.items()]
    for name, settings in plan.token_roles.items():
        parts.append(f"# ---- token role\n{_command(f'auth/token/roles/{name}', settings)}")
    for login in plan.logins:
        whose = "login" if login.ours else f"login by {login.method} (yours: fill in whose token is meant)"
        parts.append(f"# ---- {whose}\n{_command(_role_path(login), _settings(login))}")
    if plan.needed:
        parts.append(f"# ---- policies of your own that grants name: {', '.join(plan.needed)}\n")
    if plan.log_key:
        mount, key = plan.log_key
        parts.append(f"# ---- the log's key\n# vault write -f {mount}/keys/{key} type=ed25519\n")
    if plan.owned:
        parts.append(f"# ---- roles of your own that grants name: {_owned(plan)}\n")
    parts.append(f"# ---- optional: {AUDITOR}\n{AUDITOR_POLICY.format(device='file')}")
    return "\n".join(parts)


def as_terraform(plan: Plan) -> str:
    """The same as resources. What is its owner's to write stands in comments."""
    parts = ["# Provider: hashicorp/vault. Written by `broker vault setup --print terraform`.\n"]
    parts += [_policy(name, hcl) for name, hcl in plan.policies.items()]
    for name, settings in plan.token_roles.items():
        parts.append(_endpoint("token_role", name, f"auth/token/roles/{name}", settings))
    for mount in sorted({login.mount for login in plan.logins if login.ours}):
        attributes = {"type": '"approle"', "path": json.dumps(mount)}
        parts.append(f'resource "vault_auth_backend" "{_label(mount)}" {{\n{_aligned(attributes)}}}\n')
    for login in plan.logins:
        if login.ours:
            needs = f"vault_auth_backend.{_label(login.mount)}"
            parts.append(_endpoint("login", login.name, _role_path(login), _settings(login), needs))
        else:
            block = _endpoint("login", login.name, _role_path(login), _settings(login))
            parts.append(f"# The login method {login.mount} is yours: fill in whose token is meant.\n{block}")
    if plan.log_key:
        mount, key = plan.log_key
        parts.append(_endpoint("log_key", key, f"{mount}/keys/{key}", {"type": "ed25519"}))
    if plan.needed:
        parts.append(f"# Policies of your own that grants name: {', '.join(plan.needed)}\n")
    if plan.owned:
        parts.append(f"# Roles of your own that grants name: {_owned(plan)}\n")
    auditor = _policy("secretguard-auditor", AUDITOR_POLICY.format(device="file"))
    parts.append(f"# Optional: {AUDITOR}\n{auditor}")
    return "\n".join(parts)


def _command(path: str, settings: Mapping[str, object]) -> str:
    return f"# vault write {path} - <<< '{json.dumps(settings)}'\n"


def _role_path(login: LoginRole) -> str:
    return f"auth/{login.mount}/role/{login.name}"


def _settings(login: LoginRole) -> Mapping[str, object]:
    return {**login.settings, **BOUND.get(login.method, {})}


def _owned(plan: Plan) -> str:
    return ", ".join(f"{one.mount}/roles/{one.role}" for one in plan.owned)


def _policy(name: str, hcl: str) -> str:
    return (
        f'resource "vault_policy" "{_label(name)}" {{\n  name   = {json.dumps(name)}\n'
        f"  policy = <<-EOT\n{_inner(hcl)}  EOT\n}}\n"
    )


def _endpoint(kind: str, name: str, path: str, settings: Mapping[str, object], needs: str = "") -> str:
    """A role. Vault tells more fields than were written, so those that are absent here are ignored."""
    attributes = {"depends_on": f"[{needs}]"} if needs else {}
    attributes |= {"path": json.dumps(path), "ignore_absent_fields": "true"}
    body = "".join(f"    {key} = {json.dumps(value)}\n" for key, value in _padded(settings))
    data = f"  data_json = jsonencode({{\n{body}  }})\n"
    return f'resource "vault_generic_endpoint" "{_label(f"{kind}_{name}")}" {{\n{_aligned(attributes)}{data}}}\n'


def _aligned(attributes: Mapping[str, str]) -> str:
    return "".join(f"  {key} = {value}\n" for key, value in _padded(attributes))


def _padded(pairs: Mapping[str, object]) -> list[tuple[str, object]]:
    width = max(map(len, pairs))
    return [(key.ljust(width), value) for key, value in pairs.items()]


def _inner(hcl: str) -> str:
    """A policy inside of a heredoc: indented, and nothing in it is a template."""
    plain = hcl.replace("${", "$${").replace("%{", "%%{")
    return "".join(f"    {line}" for line in plain.splitlines(keepends=True))


def _label(name: str) -> str:
    """A Terraform identifier for `name`; two names of one plan differ in more than their punctuation, or Terraform
    says so."""
    label = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return label if label[0].isalpha() or label[0] == "_" else f"_{label}"


FORMS = {"hcl": as_hcl, "terraform": as_terraform}
"""What `broker vault setup --print` can print."""
