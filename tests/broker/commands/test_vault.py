"""`broker vault setup` and `broker vault check` as a person runs them, on a real Vault."""

from __future__ import annotations

import dataclasses
import json
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.commands.vault import vault
from secretguard.errors import ConfigError
from tests.servers.loopback import Request, forward, loopback, unchanged
from tests.servers.vault import VaultServer

TASK = """\
name = "docs"
environment = "development"
deadline = 1800
launchers = ["unix:*"]
[grants.notes]
source = "vault_token"
ttl = 60
[grants.notes.scope]
policy = "PREFIX-notes"
[grants.orders]
source = "database"
ttl = 60
[grants.orders.scope]
policy = "PREFIX-orders"
role = "PREFIX-role"
"""


@dataclasses.dataclass(frozen=True)
class Site:
    """A configuration and a policy directory for one prefix."""

    server: VaultServer
    prefix: str
    folder: Path

    def run(self, *arguments: str) -> Result:
        """Run `broker vault ARGUMENTS --config …`."""
        return CliRunner().invoke(vault, [*arguments, "--config", str(self.folder / "broker.toml")])

    def setup(self, *arguments: str) -> Result:
        """Run `broker vault setup` with the root token in a private file."""
        token = self.folder / "admin"
        token.write_text(self.server.root_token)
        token.chmod(0o600)
        return self.run("setup", "--token-file", str(token), *arguments)

    def own_policy(self, *statements: str) -> None:
        """The policy and the database role that the grants name, written by their owner."""
        if f"{self.prefix}-db/" not in self.server.do("GET", "sys/mounts")["data"]:
            self.server.do("POST", f"sys/mounts/{self.prefix}-db", {"type": "database"})
        role = {"db_name": "pg", "creation_statements": ["x"], "revocation_statements": list(statements)}
        self.server.do("POST", f"{self.prefix}-db/roles/{self.prefix}-role", role)
        self.server.do(
            "POST", f"sys/policies/acl/{self.prefix}-notes", {"policy": 'path "x" { capabilities = ["read"] }'}
        )


@pytest.fixture
def site(vault_server: VaultServer, tmp_path: Path) -> Site:
    """Nothing is in Vault yet."""
    prefix = f"s{secrets.token_hex(5)}"
    (tmp_path / "policy" / "tasks").mkdir(parents=True)
    (tmp_path / "policy" / "tasks" / "docs.toml").write_text(TASK.replace("PREFIX", prefix))
    lines = [
        "[server]", f'socket = "{tmp_path}/s"', "[store]", f'url = "sqlite:///{tmp_path}/b.db"',
        "[policy]", f'directory = "{tmp_path}/policy"', "[keys]", f'directory = "{tmp_path}/keys"',
        "[vault]", f'address = "{vault_server.address}"', f'prefix = "{prefix}"', f'database_mount = "{prefix}-db"',
    ]  # fmt: skip
    for who in ("issuer", "revoker"):
        lines += [f"[vault.{who}]", f'role_id_file = "{tmp_path}/{who}.r"', f'secret_id_file = "{tmp_path}/{who}.s"']
    (tmp_path / "broker.toml").write_text("\n".join(lines))
    return Site(vault_server, prefix, tmp_path)


pytestmark = pytest.mark.vault


def test_setup_then_check_works_and_a_second_setup_changes_nothing(site: Site) -> None:
    """From an empty server to a broker that can work, in two commands."""
    site.own_policy()
    first = site.setup("--credentials")
    assert first.exit_code == 0, first.output
    assert "missing" not in first.output
    checked = site.run("check")
    assert checked.exit_code == 0, checked.output
    assert checked.output.count("works") == 4
    assert "refuses" not in checked.output
    second = site.setup("--credentials")
    assert second.exit_code == 0
    assert "written" not in second.output
    assert site.run("check").exit_code == 0
    for name in ("issuer.s", "revoker.s", "admin"):
        assert (site.folder / name).read_text().strip() not in first.output + checked.output + second.output


def test_a_missing_policy_of_a_grant_is_named(site: Site) -> None:
    """Exit code 1 and the name; everything else is written, and with the policy there the next run is clean."""
    first = site.setup("--credentials")
    assert first.exit_code == 1
    assert f"missing    policy {site.prefix}-notes" in first.output
    assert f"missing    database role {site.prefix}-db/roles/{site.prefix}-role" in first.output
    site.own_policy()
    weak = site.setup()
    assert weak.exit_code == 0
    assert "weak" in weak.output
    assert "open sessions outlive" in weak.output
    site.own_policy("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'")
    assert "weak" not in site.setup().output


def test_print_sends_nothing_and_names_everything(site: Site) -> None:
    """For the owner of the Vault, who may want to write it by other means."""
    shown = site.run("setup", "--print")
    assert shown.exit_code == 0
    for name in ("issuer", "revoker", "task", "orders"):
        assert f"policy {site.prefix}-{name}" in shown.output
    assert "# sudo, because" in shown.output
    assert site.server.call("GET", f"sys/policies/acl/{site.prefix}-issuer")[0] == 404


def test_check_tells_an_identity_that_may_too_much(site: Site) -> None:
    """A policy that somebody has widened is found, and the drill is not run with it."""
    site.own_policy()
    assert site.setup("--credentials").exit_code == 0
    name = f"sys/policies/acl/{site.prefix}-revoker"
    hcl = site.server.do("GET", name)["data"]["policy"]
    site.server.do("POST", name, {"policy": hcl + 'path "auth/token/create" { capabilities = ["update"] }'})
    checked = site.run("check")
    assert checked.exit_code == 1
    assert "refuses    revoker" in checked.output
    assert "update on auth/token/create, more than it needs" in checked.output
    assert "drill" not in checked.output
    assert site.setup().exit_code == 0, "setup puts it right"
    assert site.run("check").exit_code == 0


def test_check_tells_an_identity_that_may_too_little(site: Site) -> None:
    """The missing right is named."""
    site.own_policy()
    assert site.setup("--credentials").exit_code == 0
    name = f"sys/policies/acl/{site.prefix}-issuer"
    site.server.do("POST", name, {"policy": 'path "sys/capabilities-self" { capabilities = ["update"] }'})
    checked = site.run("check")
    assert checked.exit_code == 1
    assert f"it lacks update on auth/token/create/{site.prefix}-task" in checked.output


def test_check_tells_a_login_that_fails(site: Site) -> None:
    """Without the files, and with a secret id that is not valid."""
    site.own_policy()
    assert site.setup("--credentials").exit_code == 0
    secret = site.folder / "issuer.s"
    secret.write_text("not-a-secret-id")
    assert "refuses    issuer" in site.run("check").output
    secret.unlink()
    missing = site.run("check")
    assert missing.exit_code == 1
    assert "issuer.s" in missing.output


def test_check_leaves_nothing_behind(site: Site) -> None:
    """The drill's tokens are gone; only the two logins of the check remain."""
    site.own_policy()
    assert site.setup("--credentials").exit_code == 0
    assert site.run("check").exit_code == 0
    policies = []
    for accessor in site.server.do("LIST", "auth/token/accessors")["data"]["keys"]:
        status, found = site.server.call("POST", "auth/token/lookup-accessor", {"accessor": accessor})
        policies += found["data"]["policies"] if status == 200 else []
    assert f"{site.prefix}-task" not in policies


def test_without_a_vault_table_or_a_token_it_says_what_to_do(site: Site) -> None:
    """No fall-back to the environment's VAULT_TOKEN, and no prompt where there is no terminal."""
    with pytest.raises(ConfigError, match="no administrator's token"):
        CliRunner().invoke(
            vault, ["setup", "--config", str(site.folder / "broker.toml")],
            env={"VAULT_TOKEN": site.server.root_token}, catch_exceptions=False,
        )  # fmt: skip
    text = (site.folder / "broker.toml").read_text()
    (site.folder / "broker.toml").write_text(text[: text.index("[vault]")])
    with pytest.raises(ConfigError, match=r"no \[vault\] table"):
        CliRunner().invoke(vault, ["check", "--config", str(site.folder / "broker.toml")], catch_exceptions=False)


def scratch_check(site: Site, address: str, *arguments: str, token: str | None = None) -> Result:
    """`broker vault check ADDRESS` with the root token on stdin."""
    given = ["check", address, "--token-file", "-", *arguments]
    return CliRunner().invoke(vault, given, input=f"{token or site.server.root_token}\n", catch_exceptions=False)


def test_check_of_an_address_needs_nothing_but_an_administrators_token(site: Site) -> None:
    """One line a case, and the token on none of them; as JSON the same."""
    shown = scratch_check(site, site.server.address)
    assert shown.exit_code == 0, shown.output
    assert "works      recover: a lost answer is found by its intent" in shown.output
    assert "refuses" not in shown.output
    told = scratch_check(site, site.server.address, "--format", "json")
    document = json.loads(told.output)
    assert document["works"] is True
    assert {case["verdict"] for case in document["cases"]} <= {"works", "works with"}
    assert len(document["cases"]) == len(shown.output.splitlines())
    assert site.server.root_token not in shown.output + told.output


def test_check_of_an_address_that_refuses_has_exit_code_1(site: Site) -> None:
    """Also as JSON, with the reason."""
    wrong = scratch_check(site, site.server.address, "--format", "json", token="not-a-token")
    assert wrong.exit_code == 1
    document = json.loads(wrong.output)
    assert document["works"] is False
    assert any("403" in case["because"] for case in document["cases"])
    gone = scratch_check(site, "http://127.0.0.1:1")
    assert gone.exit_code == 1
    assert gone.output.startswith("refuses    the server answers and is unsealed, because it could not be reached")


def test_check_wants_an_address_or_a_configuration(site: Site) -> None:
    """One of them; an address that would show the token to a network is refused before anything is sent."""
    for arguments in (["check"], ["check", "http://127.0.0.1:1", "--config", str(site.folder / "broker.toml")]):
        with pytest.raises(ConfigError, match="say which server"):
            CliRunner().invoke(vault, arguments, catch_exceptions=False)
    with pytest.raises(ConfigError, match="plain http"):
        scratch_check(site, "http://vault.example.org:8200")


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("sys/mounts/sgcheck", signal.SIGTERM),
        ("auth/token/create/sgcheck", signal.SIGINT),
        ("-pki/root/generate", signal.SIGTERM),
    ],
)
def test_an_interrupted_check_takes_its_place_away(site: Site, moment: str, number: signal.Signals) -> None:
    """In the middle of a call, while it sets up and while it tries: exit code 2, and nothing named sgcheck- is left."""
    reached, go_on = threading.Event(), threading.Event()
    straight = forward(site.server.address, unchanged)

    def play(request: Request) -> Iterable[bytes] | None:
        if moment in request.path and not reached.is_set():
            reached.set()
            go_on.wait(20)
        return straight(request)

    command = [sys.executable, "-m", "broker", "vault", "check", "ADDRESS", "--token-file", "-"]
    with loopback(play) as proxy:
        command[5] = proxy.address
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert running.stdin is not None
        running.stdin.write(site.server.root_token.encode() + b"\n")
        running.stdin.close()
        running.stdin = None
        assert reached.wait(30)
        running.send_signal(number)
        go_on.set()
        running.send_signal(number)
        shown, told = running.communicate(timeout=60)
    assert (running.returncode, b"nothing is left behind" in told) == (2, True), (shown, told)
    names = site.server.do("LIST", "sys/policies/acl")["data"]["keys"]
    names += [*site.server.do("GET", "sys/mounts")["data"], *site.server.do("GET", "sys/auth")["data"]]
    assert not [name for name in names if name.startswith("sgcheck-")]
