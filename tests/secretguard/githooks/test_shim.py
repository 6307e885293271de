"""The text of the hooks, run by the real `sh`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from secretguard.githooks import shim


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("name", [*shim.CLIENT, *shim.PASSED_ON])
def test_it_is_a_posix_script(name: str, everywhere: bool) -> None:
    """Every shim is read by dash without complaint."""
    text = shim.text(name, "install git", everywhere)
    done = subprocess.run(["dash", "-n"], input=text, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_home_of_ones_own_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SECRETGUARD_HOME of the installation holds for the hook; quotes in it are no shell."""
    monkeypatch.setenv("SECRETGUARD_HOME", f"{tmp_path}/it's $(touch {tmp_path}/gone)")
    hook = tmp_path / "pre-commit"
    hook.write_text(shim.text(shim.COMMIT))
    subprocess.run(["sh", str(hook)], cwd=tmp_path, capture_output=True, timeout=60)
    assert not (tmp_path / "gone").exists()


def test_ours_are_known_by_their_first_lines(tmp_path: Path) -> None:
    """Another hook that only names us is not ours; nor is a folder, nor nothing."""
    (tmp_path / "a").write_text(shim.text(shim.PUSH))
    (tmp_path / "b").write_text("#!/bin/sh\n" + "#\n" * 100 + shim.MARK)
    assert shim.is_ours(str(tmp_path / "a"))
    assert not any(shim.is_ours(str(tmp_path / name)) for name in ("b", "c", "."))
