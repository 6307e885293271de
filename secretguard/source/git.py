"""git as a source of bytes: no program that a repository names is run, no transport is opened, nothing waits for ever.

A repository that is scanned may be hostile: its configuration can name programs for many things (git-config(1)). What
git would start is switched off on the command line, which wins over every file; a missing object of a partial clone is
missing and not fetched. The user's own configuration is read, because `safe.directory` stands there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from typing import IO

from secretguard.errors import ConfigError
from secretguard.git_settings import NOTHING_FETCHED, NOTHING_RUNS, options
from secretguard.platforms.here import widen

DEADLINE = 120.0
"""Seconds that git may take for one answer; a stream is bounded by whoever reads it."""

_SETTINGS = {
    **NOTHING_RUNS,
    "core.quotePath": "false",
    "log.showRoot": "true",
}


class Git:
    """git in the folder `directory`: a work tree, a bare repository, or below one."""

    def __init__(self, directory: str = ".") -> None:
        self.directory = directory

    def ask(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Standard output of one command. Raises ConfigError with git's own first words where it fails."""
        done = self.run(*arguments, stdin=stdin)
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ConfigError(f"git {arguments[0]}: {words[0] if words else 'failed'}", _advice(words))
        return done.stdout

    def run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """One command, whatever its exit status. Raises ConfigError where git is missing or takes too long."""
        try:
            return subprocess.run(
                self._command(arguments),
                input=stdin,
                capture_output=True,
                timeout=DEADLINE,
                check=False,
                env=_environment(),
            )
        except FileNotFoundError:
            raise ConfigError("git is not installed", "install git, or scan files without it") from None
        except subprocess.TimeoutExpired:
            raise ConfigError(f"git {arguments[0]} did not answer in {DEADLINE:.0f} s") from None

    def open(self, *arguments: str, stderr: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """One command that is written to and read from as it goes; its errors go to the file `stderr`, if given."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self._command(arguments), stdin=pipe, stdout=pipe, stderr=stderr, env=_environment())

    @contextlib.contextmanager
    def fed(
        self, *arguments: str, lines: Sequence[str], stderr: IO[bytes] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """As `open`, with `lines` (ASCII) written to it by a thread, since it answers while it is asked.

        Left early, it is ended; that it ended early itself its exit status and the end of its answers tell.
        """
        process = self.open(*arguments, stderr=stderr)
        widen(process.stdout.fileno())  # type: ignore[union-attr]  # a pipe, as `open` makes it
        feeding = threading.Thread(target=_feed, args=(process.stdin, lines), daemon=True)
        feeding.start()
        try:
            yield process
        finally:
            process.kill()
            feeding.join(30)
            process.stdout.close()  # type: ignore[union-attr]
            process.wait(30)

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return ["git", "-C", self.directory, "--no-pager", *options(_SETTINGS), *arguments]


def _feed(stdin: IO[bytes], lines: Sequence[str]) -> None:
    with contextlib.suppress(OSError), stdin as pipe:
        pipe.write("\n".join(lines).encode("ascii") + b"\n")


def _environment() -> dict[str, str]:
    return {**os.environ, **NOTHING_FETCHED}


def _advice(words: list[str]) -> str:
    """What helps against git's most frequent refusals."""
    text = " ".join(words)
    if "dubious ownership" in text:
        return "it belongs to somebody else: `git config --global --add safe.directory DIR` if that is as it should be"
    return "run it inside a git repository" if "not a git repository" in text else ""
