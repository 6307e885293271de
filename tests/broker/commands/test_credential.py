"""`broker credential` as part of the installed command."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from broker.commands.credential import credential
from broker.sandbox.task_socket import TaskSocket
from tests.broker.sandbox.test_task_socket import VALUE, Session, anybody


def test_the_installed_command_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One field of the credential on standard output, status 0; a refusal is status 2."""
    served = TaskSocket(str(tmp_path / "task.sock"), Session(), anybody)
    monkeypatch.setenv("BROKER_TASK_SOCKET", str(tmp_path / "task.sock"))
    try:
        done = CliRunner().invoke(credential, ["db", "--field", "token"])
        assert (done.exit_code, done.stdout) == (0, f"{VALUE}\n")
        assert CliRunner().invoke(credential, ["refused"]).exit_code == 2
    finally:
        served.close()
