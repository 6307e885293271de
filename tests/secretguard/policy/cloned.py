"""A clone whose protected branch has a policy layer, made with real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

RULE = """\
// The repository's own layer.
@id("no-staging-runs") @reason("Staging is frozen.") @way_on("do it in a development project.")
forbid (principal, action == Action::"run", resource) when { context.environment == Environment::"staging" };
"""
LABELS = 'version = 1\n[environment]\nstaging = ["**/project/**"]\n[data]\nsecret = ["**/*.vault"]\n'


def git(folder: Path, *words: str) -> str:
    """One git command as nobody in particular; its output."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def upstream(folder: Path, **files: str) -> Path:
    """A repository with one commit on `main` that holds `files` (a `__` stands for a `/`) below `.secretguard`."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, **{"README": "x", **files})
    return folder


def commit(folder: Path, **files: str) -> str:
    """A commit more, with `rules` and `facts` as the layer's files; "" removes one. Its id."""
    layer = folder / ".secretguard" / "policy"
    for name, text in files.items():
        path = {"rules": layer / "rules.cedar", "facts": layer / "facts.toml"}.get(name, folder / name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if text:
            path.write_text(text, "utf-8")
        else:
            path.unlink()
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return git(folder, "rev-parse", "HEAD")


def clone(source: Path, folder: Path) -> Path:
    """A clone of `source`, as a person makes one: origin/HEAD is set."""
    git(source, "clone", "-q", str(source), str(folder))
    return folder.resolve()
