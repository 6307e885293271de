"""`broker vault cross-check` on a real Vault with a file audit device, and a broker's real record."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.commands.vault import vault
from broker.errors import MaybeIssued
from broker.issue.source import MintRequest
from broker.issue.vault_token import VaultTokenSource
from broker.lease import Minted
from broker.revoke import end_task, revoke_lease
from broker.service import Broker
from broker.task import TaskState
from broker.testing import memory_broker, task_policy
from broker.vault_audit import AUDITOR_POLICY
from broker.vault_check import check
from secretguard.errors import ConfigError
from tests.broker.scenario import active_task, issue
from tests.servers.postgres import PostgresServer
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import running_vault
from tests.vault.tasks import sources

pytestmark = [pytest.mark.vault, pytest.mark.postgres]


class Deaf(VaultTokenSource):
    """Mints, and never hears the answer."""

    def mint(self, request: MintRequest) -> Minted:
        super().mint(request)
        raise MaybeIssued("no answer")


@dataclasses.dataclass(frozen=True)
class Site:
    """A Vault whose log starts now, and a broker on it that has made nothing yet."""

    ready: Provisioned
    broker: Broker
    log: Path
    folder: Path

    def live(self) -> tuple[str, str]:
        """A task with two leases, one of them revoked: (task, the lease that lives)."""
        task = active_task(self.broker)
        first = issue(self.broker, task, grant="notes").lease
        second = issue(self.broker, task, "key-0002", "notes").lease
        revoke_lease(self.broker, first.id)
        return task.id, second.id

    def check(self, *arguments: str, log: Path | None = None) -> Result:
        """Run it over a copy of the log that ends a moment later, with the auditor's token."""
        time.sleep(0.01)
        self.ready.server.do("GET", "sys/mounts")
        copy = self.folder / "copy.log"
        copy.write_bytes((log or self.log).read_bytes())
        options = ["--config", str(self.folder / "broker.toml"), "--skew", "0", *arguments]
        if "--token-file" not in arguments:
            options += ["--token-file", str(self.folder / "auditor")]
        return CliRunner().invoke(vault, ["cross-check", str(copy), *options])

    def without(self, *words: str) -> Path:
        """A copy of the log without the answers that have all `words`."""
        lines = self.log.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not all(word in line for word in ('"type":"response"', *words))]
        assert len(kept) == len(lines) - 1
        path = self.folder / "cut.log"
        path.write_text("".join(kept))
        return path


@pytest.fixture
def site(part: Callable[[str], Path], postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Site]:
    """A server, a store, a configuration and an auditor of its own."""
    with running_vault(part("vault")) as server:
        ready = provision(server, postgres_server, tmp_path)
        log = server.folder / "audit.log"
        server.do("POST", "sys/policies/acl/auditor", {"policy": AUDITOR_POLICY.format(device="file")})
        private(tmp_path / "auditor", server.do("POST", "auth/token/create", {"policies": ["auditor"]}))
        server.do("POST", "sys/audit/file", {"type": "file", "options": {"file_path": str(log)}})
        made = sources(ready)
        notes = dataclasses.replace(ready.token_grant, max_leases=2)
        policies = {"work": task_policy(notes, ready.database_grant)}
        found = {"vault_token": made.tokens, "database": made.databases}
        broker = memory_broker(str(tmp_path), policies, found, parents=made.parents)
        broker = dataclasses.replace(broker, clock=time.time)
        lines = [
            "[server]", f'socket = "{tmp_path}/s"', "[store]", f'url = "sqlite:///{tmp_path}/broker.db"',
            "[policy]", f'directory = "{tmp_path}"', "[keys]", f'directory = "{tmp_path}"', ready.toml(),
        ]  # fmt: skip
        (tmp_path / "broker.toml").write_text("\n".join(lines))
        yield Site(ready, broker, log, tmp_path)
        broker.database.close()
        ready.vaults.close()


def private(path: Path, answer: dict[str, dict[str, str]]) -> None:
    """The token of `answer` in a file of mode 0600."""
    path.touch(0o600)
    path.write_text(answer["auth"]["client_token"])


def test_a_clean_run_matches(site: Site) -> None:
    """Leases, their parents, their revocations; also when the last line is torn, which is said."""
    task, _ = site.live()
    first = site.check()
    assert (first.exit_code, "matches: 3 tokens" in first.output) == (0, True), first.output
    end_task(site.broker, task, TaskState.ENDED, "test", "done")
    torn = site.folder / "torn.log"
    site.ready.server.do("GET", "sys/mounts")
    torn.write_bytes(site.log.read_bytes()[:-20])
    second = site.check("--format", "json", log=torn)
    told = json.loads(second.output)
    assert (second.exit_code, told["verdict"], told["matching"]) == (0, "matches", 3), second.output
    assert told["torn_last_line"] is True
    assert told["findings"] == []


def test_a_token_made_behind_the_brokers_back_is_found(site: Site) -> None:
    """With the issuer's login and the metadata of a task that exists; and a child of it."""
    task, lease = site.live()
    made = sources(site.ready)
    token, _ = made.parents.open_parent(task, (site.ready.token_grant,), 300)
    body = {
        "policies": [site.ready.token_grant.scope["policy"]], "ttl": "60s", "explicit_max_ttl": "60s",
        "renewable": False, "no_default_policy": True, "meta": {"maker": "secretguard", "intent": lease},
    }  # fmt: skip
    status, _ = site.ready.server.call("POST", "auth/token/create", body, token.reveal())
    assert status == 200
    result = site.check()
    assert result.exit_code == 1
    assert result.output.count("missing in the broker's record") == 2, result.output
    assert task in result.output
    assert "matches: 3 tokens" in result.output
    assert token.reveal() not in result.output


def test_a_lease_whose_line_was_deleted_is_found(site: Site) -> None:
    """From a copy of the log: its creation, and the revocation of the other."""
    _, lease = site.live()
    gone = site.check(log=site.without(f'"intent":"{lease}"'))
    assert (gone.exit_code, f"missing in Vault's log: {lease}" in gone.output) == (1, True), gone.output
    revoked = site.check(log=site.without("auth/token/revoke-accessor"))
    assert revoked.exit_code == 1
    assert "recorded as revoked; its revocation is not there" in revoked.output


def test_what_the_log_does_not_cover_cannot_be_told(site: Site) -> None:
    """A log that was rotated, a device that was made anew, a line that cannot be read."""
    _, lease = site.live()
    lines = site.log.read_bytes().splitlines(keepends=True)
    junk = site.folder / "junk.log"
    junk.write_bytes(b"".join([*lines[:3], b"junk\n", *lines[3:]]))
    unread = site.check(log=junk)
    assert (unread.exit_code, "line 4" in unread.output) == (2, True), unread.output
    site.ready.server.do("DELETE", "sys/audit/file")
    site.ready.server.do("POST", "sys/audit/file", {"type": "file", "options": {"file_path": str(site.log)}})
    anew = site.check()
    assert (anew.exit_code, "another salt" in anew.output) == (2, True), anew.output
    rotated = site.folder / "rotated.log"
    rotated.write_bytes(site.log.read_bytes().splitlines(keepends=True)[-1])
    late = site.check(log=rotated)
    assert (late.exit_code, f"cannot tell: {lease}" in late.output) == (2, True), late.output
    assert site.check("--since", "2999-01-01").exit_code == 0


def test_database_leases_are_compared_by_their_own_token(site: Site) -> None:
    """The token that read the user is in both, and its revocation."""
    task = active_task(site.broker)
    lease = issue(site.broker, task, grant="database").lease
    assert "matches: 2 tokens" in site.check().output
    revoke_lease(site.broker, lease.id)
    assert site.check().exit_code == 0
    cut = site.check(log=site.without("auth/token/revoke-accessor"))
    assert f"missing in Vault's log: {lease.id}" in cut.output


def test_a_lease_whose_answer_was_lost_is_told_by_its_metadata(site: Site) -> None:
    """Nobody can tell before recovery; then both logs have it."""
    tokens = site.broker.sources["vault_token"]
    assert isinstance(tokens, VaultTokenSource)
    deaf = Deaf(tokens.issuer, tokens.revoker, settle_seconds=0)
    broker = dataclasses.replace(site.broker, sources={"vault_token": deaf})
    task = active_task(broker)
    with pytest.raises(MaybeIssued):
        issue(broker, task, grant="notes")
    before = site.check()
    assert (before.exit_code, "its answer is under way or was lost" in before.output) == (2, True), before.output
    assert end_task(broker, task.id, TaskState.ENDED, "test", "done").complete
    after = site.check()
    assert (after.exit_code, "matches: 2 tokens" in after.output) == (0, True), after.output


def test_a_drill_is_told(site: Site) -> None:
    """The three tokens of `broker vault check`, and nothing else; what comes later than asked for is left out."""
    before = datetime.datetime.now(datetime.UTC).isoformat()
    assert not any(probe.problem for probe in check(site.ready.table, site.ready.vaults))
    result = site.check()
    assert (result.exit_code, result.output.count("as a drill of `broker vault check` would")) == (1, 3), result.output
    assert site.check("--until", before).exit_code == 0


def test_the_revokers_login_lacks_the_right_and_is_told_so(site: Site) -> None:
    """The policy that is missing is printed; a wrong time is named."""
    site.live()
    copy = site.folder / "copy.log"
    copy.write_bytes(site.log.read_bytes())
    options = ["cross-check", str(copy), "--config", str(site.folder / "broker.toml")]
    result = CliRunner().invoke(vault, options)
    assert 'path "sys/audit-hash/file"' in str(result.exception)
    with pytest.raises(ConfigError, match="is not a time"):
        CliRunner().invoke(vault, [*options, "--since", "tomorrow"], catch_exceptions=False)
    os.remove(copy)
    with pytest.raises(ConfigError, match="cannot be read"):
        CliRunner().invoke(vault, options, catch_exceptions=False)
