"""`broker store backup` and `restored` on SQLite; with Vault and PostgreSQL in `tests/vault/test_operation.py`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.errors import BrokerError
from secretguard.errors import ConfigError
from tests.broker.commands.test_used import TASK
from tests.broker.served import Served


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """Files of a broker that does not run yet."""
    (tmp_path / "b").mkdir()
    return Served(tmp_path / "b", f"sqlite:///{tmp_path}/b/s/broker.db", {"work": TASK})


def store(served: Served, *arguments: str) -> Result:
    """A `broker store` command in this process."""
    place = ["--config", str(served.config)]
    return CliRunner().invoke(cli, ["store", arguments[0], *place, *arguments[1:]])


def test_a_task_of_the_copy_does_not_go_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is alive in the copy and, once that is put back and made right, killed; a second run has nothing to do."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(served.folder / "home"))
    copy = served.folder / "copy"
    client = served.client()
    with served.running():
        started = client.start_task("work", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        saved = store(served, "backup", str(copy))
        assert (saved.exit_code, saved.stdout.endswith("records, checked\n")) == (0, True), saved.output
        session.end()
    shutil.copy(copy, served.folder / "s" / "broker.db")
    done = store(served, "restored", "--reason", "a test")
    assert done.exit_code == 0, done.output
    assert "1 tasks killed, 0 requests closed, no Vault to look through" in done.stdout
    assert "0 tasks killed" in store(served, "restored", "--reason", "again").stdout
    with served.running(), client:
        assert client.task(started.task_id)["state"] == "killed"
        with pytest.raises(BrokerError):
            session.credentials("plain")


def test_what_is_not_said_is_not_done(served: Served) -> None:
    """A reason that is none, and a copy over a file that is there."""
    assert isinstance(store(served, "restored", "--reason", "").exception, ConfigError)
    assert isinstance(store(served, "restored", "--reason", "x" * 501).exception, ConfigError)
    assert isinstance(store(served, "backup", str(served.config)).exception, ConfigError)
