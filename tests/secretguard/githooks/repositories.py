"""Real repositories with our hooks in them, and a real bare one to push to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from secretguard.detect import made_up

ROOT = Path(__file__).resolve().parents[3]
TOKEN = made_up.github("ghp_")
LEAK = f"TOKEN = '{TOKEN}'\n"


class Repository:
    """A work tree whose git sees nothing of the person who runs the tests."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def environment(self) -> dict[str, str]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return {
            "GIT_CONFIG_GLOBAL": os.devnull,
            **plain,
            **{key: value for key, value in os.environ.items() if key == "GIT_CONFIG_GLOBAL"},
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "t",
            "GIT_AUTHOR_EMAIL": "t@example.test",
            "GIT_COMMITTER_NAME": "t",
            "GIT_COMMITTER_EMAIL": "t@example.test",
            "GIT_EDITOR": "true",
            "GIT_ALLOW_PROTOCOL": "file",
        }

    def run(self, *command: str, place: Path | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=place or self.folder, env=self.environment(), input=stdin, capture_output=True, timeout=120
        )
        out, err = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(command, done.returncode, out, err)

    def git(self, *arguments: str, place: Path | None = None) -> str:
        done = self.run("git", *arguments, place=place)
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout.strip()

    def tries(self, *arguments: str, place: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments, place=place)

    def secretguard(self, *arguments: str, place: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-I", "-m", "secretguard", *arguments, place=place)

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", name)
        return path

    def past(self, name: str, text: str, *options: str) -> str:
        """A commit that no hook saw; its id."""
        self.put(name, text)
        self.git("commit", "-q", "--no-verify", "-m", f"put {name}", *options)
        return self.git("rev-parse", "HEAD")

    def head(self) -> str:
        return self.tries("rev-parse", "-q", "--verify", "HEAD").stdout.strip()

    @property
    def hooks(self) -> Path:
        return self.folder / ".git" / "hooks"


def bare(folder: Path) -> Path:
    """An empty bare repository."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True, timeout=30)
    return folder


def guarded(folder: Path) -> Repository:
    """A repository with our hooks and one clean commit."""
    here = Repository(folder)
    done = here.secretguard("install", "git")
    assert done.returncode == 0, done.stderr
    here.past("README", "hello\n")
    return here
