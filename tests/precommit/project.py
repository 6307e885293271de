"""A project whose commits pass through pre-commit or prek, with the hooks that this project publishes.

The published hooks say `language: python`, for which both build an environment from a package index. A test must run
without a network, so the manifest is used as it is but for that one word: `language: system`, with the `secretguard` of
this environment on PATH. What is done with id, entry, stages and file names is the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """repos:
- repo: {hooks}
  rev: v1
  hooks:
  - id: {hook}
    args: {args}
"""


class Project:
    """A repository with a hook in force; `runner` is the program that runs it."""

    def __init__(self, folder: Path, runner: str = "pre-commit") -> None:
        self.runner = runner
        self.hooks = folder / "hooks"
        self.root = folder / "project"
        scripts = Path(sys.executable).parent
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "PREK_HOME": str(folder / "prek"),
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
        assert manifest.count("language: python") == manifest.count("- id: ") == 2
        (self.hooks / ".pre-commit-hooks.yaml").write_text(manifest.replace("language: python", "language: system"))
        self.run("git", "add", ".", place=self.hooks)
        self.run("git", "commit", "-qm", "hooks", place=self.hooks)
        self.run("git", "tag", "v1", place=self.hooks)

    def install(self, args: str = "[]", hook: str = "secretguard") -> None:
        """Put `hook` in force, with `args` as YAML writes a list."""
        config = CONFIG.format(hooks=self.hooks, hook=hook, args=args)
        (self.root / ".pre-commit-config.yaml").write_text(config)
        self.run("git", "add", ".pre-commit-config.yaml")
        self.run(self.runner, "install")

    def run(self, *command: str, place: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One command in the project."""
        return subprocess.run(
            command,
            cwd=place or self.root,
            env=self.environment,
            check=check,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def stage(self, name: str, text: str) -> None:
        """Write a file and add it to the index."""
        (self.root / name).write_text(text)
        self.run("git", "add", name)

    def commit(self) -> subprocess.CompletedProcess[str]:
        """Try to commit what is staged."""
        return self.run("git", "commit", "-m", "change", check=False)
