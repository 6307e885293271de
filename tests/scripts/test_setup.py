"""When `make setup` does what: nothing, the project alone, or a new environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts import setup


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A checkout of two files, and a list of what setup did to its environment."""
    did: list[str] = []
    (tmp_path / ".venv").mkdir()
    (tmp_path / "requirements.lock").write_text("one")
    (tmp_path / "pyproject.toml").write_text("one")
    for name, path in (("ROOT", ""), ("VENV", ".venv"), ("LOCK", "requirements.lock"), ("STAMP", ".venv/made-from")):
        monkeypatch.setattr(setup, name, tmp_path / path)
    monkeypatch.setattr(setup, "make_environment", lambda: did.append("environment"))
    monkeypatch.setattr(setup, "_pip", lambda *_: did.append("project"))
    return did


def test_the_first_time_makes_everything(done: list[str]) -> None:
    """Without a stamp the environment is made and the project installed."""
    assert setup.main() == 0
    assert done == ["environment", "project"]


def test_nothing_changed_does_nothing(done: list[str]) -> None:
    """With a stamp of the same files nothing runs."""
    setup.main()
    done.clear()
    assert setup.main() == 0
    assert done == []


def test_a_changed_project_is_installed_again(done: list[str]) -> None:
    """A changed pyproject.toml renews the project's install and leaves the environment."""
    setup.main()
    done.clear()
    (setup.ROOT / "pyproject.toml").write_text("two")
    setup.main()
    assert done == ["project"]


def test_a_changed_lock_makes_a_new_environment(done: list[str]) -> None:
    """A changed lock leaves nothing of the old environment."""
    setup.main()
    done.clear()
    setup.LOCK.write_text("two")
    setup.main()
    assert done == ["environment", "project"]


def test_a_failure_leaves_no_stamp(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A step that fails is named, the status is 1, and the next run starts again."""

    def broken() -> None:
        raise subprocess.CalledProcessError(2, ["pip", "install"])

    monkeypatch.setattr(setup, "make_environment", broken)
    assert setup.main() == 1
    assert "`pip install ...` ended with 2" in capsys.readouterr().err
    assert not setup.STAMP.exists()
    assert done == []
