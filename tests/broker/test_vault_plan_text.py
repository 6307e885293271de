"""A plan as HCL and as Terraform: everything is in it, and the tools that read it agree."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from broker.grant import Grant
from broker.vault_config import IdentityTable, VaultTable
from broker.vault_plan import Plan, plan
from broker.vault_plan_text import FORMS, as_hcl, as_terraform

APPROLE = IdentityTable(role_id_file="/r", secret_id_file="/s", mount="team/approle")
POD = IdentityTable(method="kubernetes")
GRANTS = (
    Grant("notes", "vault_token", {"policy": "notes-read"}, 60),
    Grant("orders", "database", {"policy": "orders-user", "role": "orders"}, 60),
)


def made(issuer: IdentityTable = APPROLE, revoker: IdentityTable = POD) -> Plan:
    """A plan with one of everything."""
    table = VaultTable(address="https://v.example.org", prefix="team", issuer=issuer, revoker=revoker)
    return plan(table, GRANTS, 3600, ("transit", "secretguard-log"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("identity", [APPROLE, POD, IdentityTable(method="jwt", jwt_file="/j")])
def test_everything_of_the_plan_is_in_the_text(form: str, identity: IdentityTable) -> None:
    """Policies line by line, roles with their settings, and what is the owner's to write by name."""
    plan = made(identity, identity)
    text = FORMS[form](plan)
    for name, hcl in plan.policies.items():
        assert name in text
        for line in hcl.splitlines():
            assert line in text
    for path in ("auth/token/roles/team-task", f"auth/{identity.where}/role/team-issuer", "notes-read", "orders"):
        assert path in text
    assert "sys/audit-hash/file" in text
    assert "transit/keys/secretguard-log" in text
    assert text.count("sudo, because") == text.count('"sudo"') >= 2


def test_whose_token_is_meant_is_left_to_the_owner_of_the_login_method() -> None:
    """Both forms say so, with the fields to fill in."""
    for text in (as_hcl(made()), as_terraform(made())):
        assert "fill in whose token is meant" in text
        assert "bound_service_account_names" in text
        assert "SERVICE" not in text.replace("SERVICE_ACCOUNT", "")


def test_a_token_of_its_own_needs_no_login_role_and_may_renew_itself() -> None:
    """And nobody else's identity gets that right."""
    plan = made(IdentityTable(token_file="/t"), APPROLE)
    assert [login.name for login in plan.logins] == ["team-revoker"]
    assert "auth/token/renew-self" in plan.policies["team-issuer"]
    assert "auth/token/renew-self" not in plan.policies["team-revoker"]


def test_terraform_data_is_the_plans_settings() -> None:
    """What is written in `jsonencode` is what `broker vault setup` would send."""
    text = as_terraform(made())
    block = re.search(r'"auth/token/roles/team-task".*?jsonencode\(\{\n(.*?)\n  \}\)', text, re.DOTALL)
    assert block is not None
    pairs = (line.split("=", 1) for line in block[1].splitlines())
    assert {key.strip(): json.loads(value) for key, value in pairs} == dict(made().token_roles["team-task"])


def test_a_policy_cannot_become_a_template() -> None:
    """In a heredoc `${` and `%{` are Terraform's own."""
    plan = made()
    odd = Plan({"p": 'path "a/${x}/%{y}" {}\n'}, plan.token_roles, plan.logins, ())
    assert 'path "a/$${x}/%%{y}" {}' in as_terraform(odd)


@pytest.mark.parametrize("identity", [APPROLE, POD, IdentityTable(token_file="/t")])
def test_terraform_itself_would_write_it_so(identity: IdentityTable, tmp_path: Path) -> None:
    """`terraform fmt` parses it and changes nothing. (Without the program only the tests above look at it.)"""
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        pytest.skip("neither terraform nor tofu is on this machine")
    (tmp_path / "main.tf").write_text(as_terraform(made(identity, POD)))
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        [program, "fmt", "-check", "-diff", "-no-color", "main.tf"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
