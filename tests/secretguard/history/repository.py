"""A real repository to be scanned, made with the real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from secretguard.detect import made_up
from secretguard.history import blobs
from secretguard.history.cache import Cache
from secretguard.history.scan import scan_blobs, scan_commits
from secretguard.pipeline import Scanner
from secretguard.report.located import Located, Scan
from secretguard.source.git import Git
from secretguard.source.git_history import commits
from tests.secretguard.detect import engines

SCANNER = Scanner(engines.hyperscan(), b"k" * 32)
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.test", "GIT_COMMITTER_NAME": "Grace",
    "GIT_COMMITTER_EMAIL": "grace@example.test", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def token(seed: object) -> str:
    """A made-up token in GitHub's format, another for each seed."""
    return made_up.github("ghp_", str(seed))


class Repository:
    """Commits are a minute apart, so that their order is what it says."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        self._minute = 0
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str) -> str:
        self._minute += 1
        date = f"2026-01-01T{self._minute // 60:02}:{self._minute % 60:02}:00Z"
        environment = {**os.environ, **IDENTITY, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=self.path, env=environment, check=True, capture_output=True, timeout=60)
        return done.stdout.decode("utf-8", "surrogateescape")

    def write(self, name: str, content: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, name: str, content: str | bytes, message: str = "change") -> str:
        """Write one file and commit everything; the commit's id."""
        self.write(name, content)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()


def scanned(path: Path, *revisions: str, workers: int = 1, cache: bool = False) -> Scan:
    """The scan of what commits added."""
    git = Git(str(path))
    kept = Cache(git, SCANNER.engine.version, SCANNER.key) if cache else None
    return scan_commits(SCANNER, git, commits(git, revisions), workers, nothing, kept)


def scanned_blobs(path: Path, workers: int = 1) -> Scan:
    """The scan of whole objects."""
    git = Git(str(path))
    return scan_blobs(SCANNER, git, commits(git), blobs.listed(git), workers, nothing)


def nothing(done: int, size: int) -> None:
    """No progress bar."""


def found(scan: Scan) -> dict[str, Located]:
    """Value → its finding; a value that was found twice is an error of the test."""
    values = [one.secret.reveal() for one in scan.findings]
    assert len(values) == len(set(values)), values
    return dict(zip(values, scan.findings, strict=True))
