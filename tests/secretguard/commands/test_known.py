"""`secretguard known` as a person types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard import person
from tests.secretguard.guard.events import records
from tests.secretguard.known.projects import OTHER, PASSWORD, knows, write
from tests.servers.vault import VaultServer


def run(*arguments: str, cwd: Path, stdin: bytes = b"", **more: str) -> tuple[int, str]:
    """(exit status, everything it said)."""
    environment = {**os.environ, **more}
    command = [sys.executable, "-m", "secretguard", "known", *arguments]
    done = subprocess.run(command, cwd=cwd, input=stdin, env=environment, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one password of its own."""
    write(tmp_path / "app" / ".env", f"PORT=8080\nDB_PASSWORD={PASSWORD}\nPIN_TOKEN=sunshine\n")
    return (tmp_path / "app").resolve()


def test_list_shows_no_value(project: Path) -> None:
    """File, line, variable and length; and when it was indexed."""
    status, said = run("list", cwd=project)
    assert status == 0
    assert f".env:2  DB_PASSWORD  {len(PASSWORD)} bytes\n" in said
    assert ".env:3  PIN_TOKEN  8 bytes, counts only beside a name that says secret" in said
    assert "2 values known" in said
    assert PASSWORD not in said
    assert "8080" not in said


def test_sync_from_vault_and_from_a_pipe(project: Path, vault_server: VaultServer, own_home: Path) -> None:
    """Known from there on, recorded by its store, and the value is nowhere on the disk."""
    vault_server.do("POST", "secret/data/shop", {"data": {"password": OTHER, "user": "app"}})
    environment = {"VAULT_ADDR": vault_server.address, "VAULT_TOKEN": vault_server.root_token}
    status, said = run("sync", "--vault", "secret/shop", cwd=project, **environment)
    assert (status, "vault secret/shop: 1 values known" in said) == (0, True)
    assert "no secret by their look: user" in said
    assert knows(project, OTHER)
    issued = "xK9!mQ2vB7nn"
    status, _ = run("sync", "--stdin", "broker", cwd=project, stdin=json.dumps({"token": issued}).encode())
    assert status == 0
    assert knows(project, issued)
    stores = [record["stores"] for record in records("guard:known:changed")]
    assert stores == [["vault secret/shop"], ["stdin broker"]]
    for path in own_home.rglob("*"):
        assert not path.is_file() or OTHER.encode() not in path.read_bytes()


def test_sync_of_a_file_elsewhere(project: Path, tmp_path: Path) -> None:
    """A file outside of the project, as `~/.netrc` would be."""
    write(tmp_path / "other.env", f"TOKEN={OTHER}\n")
    assert run("sync", "--file", str(tmp_path / "other.env"), cwd=project)[0] == 0
    assert knows(project, OTHER)


def test_forget_needs_a_person(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from a script; a person's is recorded before it happens."""
    run("sync", "--stdin", "broker", cwd=project, stdin=f"T={OTHER}\n".encode())
    status, said = run("forget", "stdin broker", cwd=project)
    assert (status, "needs a person" in said) == (2, True)
    assert knows(project, OTHER)
    monkeypatch.setattr(person, "must_be_there", lambda command: None)
    from click.testing import CliRunner

    from secretguard.commands.known import known

    wrong = CliRunner().invoke(known, ["forget", "nothing", "--project", str(project)])
    assert "nothing was synced from nothing" in str(wrong.exception)
    done = CliRunner().invoke(known, ["forget", "stdin broker", "--project", str(project)], catch_exceptions=False)
    assert done.output == "forgotten: stdin broker\n"
    assert not knows(project, OTHER)
    assert [record["change"] for record in records("guard:known:changed")] == ["synced", "forgotten"]


@pytest.mark.parametrize("arguments", [("sync",), ("forget",), ("forget", "a", "--all"), ("sync", "--file", "none")])
def test_wrong_use(project: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 2 and what to give instead."""
    assert run(*arguments, cwd=project)[0] == 2


def test_what_cannot_be_recorded_does_not_happen(project: Path, own_home: Path) -> None:
    """Record, then act."""
    (own_home / "state").mkdir(mode=0o700, exist_ok=True)
    (own_home / "state" / "audit").write_text("no folder")
    assert run("sync", "--stdin", "broker", cwd=project, stdin=f"T={OTHER}\n".encode())[0] == 2
    assert not knows(project, OTHER)
