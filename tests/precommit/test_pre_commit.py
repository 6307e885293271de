"""A real commit in a real repository through the real pre-commit, with the hook that this project publishes.

The published hook says `language: python`, for which pre-commit builds an environment from a package index. A test must
run without a network, so the manifest is used as it is but for that one word: `language: system`, with the
`secretguard` of this environment on PATH. What pre-commit does with id, entry, stages and file names is the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.detect import made_up

ROOT = Path(__file__).resolve().parents[2]
TOKEN = made_up.github("ghp_")
CONFIG = """repos:
- repo: {hooks}
  rev: {rev}
  hooks:
  - id: secretguard
    args: {args}
"""


class Project:
    """A repository whose commits pass through pre-commit."""

    def __init__(self, folder: Path) -> None:
        self.hooks = folder / "hooks"
        self.root = folder / "project"
        scripts = Path(sys.executable).parent
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.test",
            "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.test",
        }  # fmt: skip
        for place in (self.hooks, self.root):
            place.mkdir()
            self.run("git", "init", "-q", place=place)
        self._publish()

    def _publish(self) -> None:
        manifest = (ROOT / ".pre-commit-hooks.yaml").read_text()
        assert manifest.count("language: python") == 1
        (self.hooks / ".pre-commit-hooks.yaml").write_text(manifest.replace("language: python", "language: system"))
        self.run("git", "add", ".", place=self.hooks)
        self.run("git", "commit", "-qm", "hooks", place=self.hooks)

    def install(self, args: str = "[]") -> None:
        rev = self.run("git", "rev-parse", "HEAD", place=self.hooks).stdout.strip()
        config = CONFIG.format(hooks=self.hooks, rev=rev, args=args)
        (self.root / ".pre-commit-config.yaml").write_text(config)
        self.run("git", "add", ".pre-commit-config.yaml")
        self.run("pre-commit", "install")

    def run(self, *command: str, place: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=place or self.root,
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def commit(self) -> subprocess.CompletedProcess[str]:
        return self.run("git", "commit", "-m", "change", check=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


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
