"""What tokens were used for, from a real Vault's own log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.commands.vault import vault
from broker.vault_uses import MAX_PATHS, OTHERS, Token, uses
from secretguard.errors import ConfigError
from tests.broker.commands.test_vault_cross_check import Site
from tests.broker.commands.test_vault_cross_check import site as site  # the fixture
from tests.broker.scenario import active_task, issue


def used(site: Site, *arguments: str) -> Result:
    """`broker vault used` with the auditor's token."""
    options = ["--config", str(site.folder / "broker.toml"), "--token-file", str(site.folder / "auditor"), *arguments]
    return CliRunner().invoke(vault, ["used", str(site.log), *options])


@pytest.mark.vault
@pytest.mark.postgres
def test_requests_by_grant_from_vaults_own_log(site: Site) -> None:
    """Each request with a lease's token, refused ones too; a lease that nobody used counts as a lease."""
    task = active_task(site.broker)
    token = issue(site.broker, task, grant="notes").minted.fields["token"].reveal()
    issue(site.broker, task, "key-0002", "notes")
    path = f"secret/data/{site.ready.table.prefix}/one"
    for target in (path, path, "sys/mounts"):
        site.ready.server.call("GET", target, token=token)
    done = used(site, "--format", "json")
    assert done.exit_code == 0, done.output
    [notes] = [one for one in json.loads(done.stdout) if one["grant"] == "notes"]
    assert (notes["leases"], notes["seen"], notes["requests"], notes["most"]) == (2, 1, 3, 3)
    assert notes["paths"] == {f"read {path}": 2, "read sys/mounts": 1}
    text = used(site).stdout
    assert path in text
    assert token not in text


def log(path: Path, *entries: object) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in entries))
    return str(path)


def entry(accessor: str, path: str, kind: str = "response") -> dict[str, object]:
    request = {"operation": "read", "path": path}
    return {"time": "2026-11-25T08:00:00Z", "type": kind, "auth": {"accessor": accessor}, "request": request}


def test_only_what_is_known_is_counted(tmp_path: Path) -> None:
    """By the HMAC or, where the device writes accessors in clear, by itself; a request and its answer are one."""
    tokens = [Token("a", "work", "notes"), Token("b", "work", "notes"), Token("c", "work", "other")]
    lines = [entry("hmac-a", "x", "request"), entry("hmac-a", "x"), entry("b", "y"), entry("b", "y"), entry("z", "x")]
    found = uses(log(tmp_path / "l", *lines, {"no": "entry"}), tokens, {"a": "hmac-a"})
    assert [(one.grant, one.leases, one.seen, one.requests, one.most) for one in found] == [
        ("notes", 2, 2, 3, 2),
        ("other", 1, 0, 0, 0),
    ]
    assert found[0].paths == {"read x": 1, "read y": 2}


def test_paths_are_capped(tmp_path: Path) -> None:
    """Whoever holds a token chooses the paths that it is used on."""
    lines = [entry("a", f"x/{number}") for number in range(MAX_PATHS + 7)]
    [found] = uses(log(tmp_path / "l", *lines), [Token("a", "work", "notes")], {})
    assert (found.paths[OTHERS], len(found.paths)) == (7, MAX_PATHS + 1)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """Named; a folder is no log."""
    with pytest.raises(ConfigError):
        uses(str(tmp_path), [], {})
