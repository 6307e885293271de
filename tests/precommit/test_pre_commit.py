"""A real commit in a real repository through the real pre-commit and the real prek, with the hook as published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.detect import made_up
from tests.precommit.project import Project

TOKEN = made_up.github("ghp_")


@pytest.fixture(params=["pre-commit", "prek"])
def project(request: pytest.FixtureRequest, tmp_path: Path, part: Callable[[str], Path]) -> Project:
    """A project with the hook run by each of the two programs."""
    runner: str = request.param
    return Project(tmp_path, str(part("prek")) if runner == "prek" else runner)


def test_commit_with_a_secret_is_stopped(project: Project) -> None:
    """The commit does not happen; the message names place, rule and the way on, and not the secret."""
    project.install()
    (project.root / "settings.py").write_text(f"A = 1\nTOKEN = '{TOKEN}'\n")
    project.run("git", "add", "settings.py")
    done = project.commit()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "settings.py:2:10: github-token" in said
    assert "revoke" in said
    assert "pragma: allowlist secret" in said
    assert TOKEN not in said
    assert project.run("git", "rev-parse", "-q", "--verify", "HEAD", check=False).returncode != 0


def test_clean_commit_passes(project: Project) -> None:
    """A commit without secrets goes through, even with a secret in a file that is not staged."""
    project.install()
    (project.root / "clean.py").write_text("A = 1\n")
    project.run("git", "add", "clean.py")
    (project.root / "untracked.py").write_text(f"TOKEN = '{TOKEN}'\n")
    done = project.commit()
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_staged_counts(project: Project) -> None:
    """A secret that was staged and then removed from the file is still stopped."""
    project.install()
    (project.root / "settings.py").write_text(f"TOKEN = '{TOKEN}'\n")
    project.run("git", "add", "settings.py")
    (project.root / "settings.py").write_text("TOKEN = None\n")
    assert project.commit().returncode != 0


def test_baselined_secret_passes(project: Project) -> None:
    """A finding that the baseline accepts goes through; a second one beside it does not."""
    project.install('["--baseline", "base"]')
    (project.root / "settings.py").write_text(f"TOKEN = '{TOKEN}'\n")
    project.run("secretguard", "baseline", "create", "base", ".")
    project.run("git", "add", "settings.py", "base")
    done = project.commit()
    assert done.returncode == 0, done.stdout + done.stderr
    (project.root / "settings.py").write_text(f"TOKEN = '{TOKEN}'\nSECOND = '{made_up.github('ghp_', 'b')}'\n")
    project.run("git", "add", "settings.py")
    done = project.commit()
    assert done.returncode != 0
    assert "settings.py:2:" in done.stdout + done.stderr
