"""Git repositories for the tests, and canaries that a hostile configuration would run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """The output of one git command, which must succeed."""
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments], cwd=folder, env=ENVIRONMENT, check=True,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


def repository(folder: Path, **files: str) -> Path:
    """A repository in `folder` with one commit of `files` (`__` stands for a dot in their names)."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", ".")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first", "--allow-empty")
    return folder


def canary(folder: Path) -> tuple[Path, Path]:
    """(a program that leaves a mark wherever it is run from, the mark)."""
    folder.mkdir(exist_ok=True)
    mark, program = folder / "it-ran", folder / "canary"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {mark}\ncat\n')
    program.chmod(0o755)
    return program, mark
