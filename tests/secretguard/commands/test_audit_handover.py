from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard.audit.journal import Journal
from secretguard.commands.audit import audit
from secretguard.errors import ConfigError
from tests.secretguard.audit.test_handover import TASK, TaskSocket


def test_the_rest_is_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the sandbox says where to and for which task; what is left gives exit code 1."""
    folder = str(tmp_path / "audit")
    Journal(folder).append("guard:command:allowed", {"claimed_task": TASK})
    monkeypatch.setenv("BROKER_TASK_ID", TASK)
    served = TaskSocket(tmp_path / "task.sock")
    monkeypatch.setenv("BROKER_TASK_SOCKET", served.path)
    try:
        served.statuses = [500]
        refused = CliRunner().invoke(audit, ["hand-over", "--journal", folder])
        assert (refused.exit_code, "0 records" in refused.output, "2 are left" in refused.output) == (1, True, True)
        done = CliRunner().invoke(audit, ["hand-over", "--journal", folder])
        assert (done.exit_code, done.output) == (0, f"2 records handed over for {TASK}\n")
    finally:
        served.close()


def test_outside_of_a_sandbox_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody to hand over to."""
    monkeypatch.delenv("BROKER_TASK_ID", raising=False)
    result = CliRunner().invoke(audit, ["hand-over", "--task-socket", "/x"])
    assert isinstance(result.exception, ConfigError)
