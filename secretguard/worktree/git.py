"""Questions to a git repository that nobody vouches for: nothing that its configuration names is run.

Three things hold that. Only commands are used that read the index, trees and names: none of them reads a work file, so
no filter and no text conversion has its turn. What git would start all the same is switched off on the command line,
which wins over every file. And no transport is allowed, so that a missing object is missing and not fetched.
Configuration of the user and the system is not read. Sources: git-config(1), git(1), gitattributes(5), git 2.39.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import time

from secretguard.git_settings import NOTHING_FETCHED, NOTHING_RUNS, options

TOO_LATE = "git did not answer in time"
LARGEST_ANSWER = 64 << 20
"""Bytes of one answer; a longer one is not an answer."""
_SETTINGS = {**NOTHING_RUNS, "safe.bareRepository": "explicit"}
_ENVIRONMENT = {
    **NOTHING_FETCHED,
    "HOME": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_PAGER": "cat",
}
_USUAL = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin")


class GitFailed(Exception):
    """git gave no usable answer; the message says why in a few words and quotes nothing of the repository."""


class Git:
    """git for repositories below `project`. `deadline` is of time.monotonic()."""

    def __init__(self, project: str, deadline: float) -> None:
        self._program = program(project)
        self._deadline = deadline

    def ask(
        self, directory: str, *arguments: str, accept: tuple[int, ...] = (0,), ceiling: str = ""
    ) -> tuple[bytes, bool]:
        """(standard output, whether git warned) of one command in `directory`. Raises GitFailed.

        A repository is looked for from there upwards, but not in `ceiling` or above it.
        """
        if not self._program:
            raise GitFailed("git is not installed")
        settings = options(_SETTINGS)
        command = [self._program, "--no-pager", "--literal-pathspecs", *settings, "-C", directory, *arguments]
        environment = {**_ENVIRONMENT, "PATH": os.path.dirname(self._program)}
        if ceiling:
            environment["GIT_CEILING_DIRECTORIES"] = ceiling
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        with process:
            try:
                said, warned = _read(process, self._deadline)
                status = process.wait(max(0.1, self._deadline - time.monotonic()))
            except BaseException as problem:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                if isinstance(problem, subprocess.TimeoutExpired):
                    raise GitFailed(TOO_LATE) from None
                raise
        if status not in accept:
            raise GitFailed(f"git {arguments[0]} ended with {status}")
        return said, warned


def _read(process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bool]:
    """What comes on both streams until they end. Raises GitFailed when it takes too long or is too much."""
    out, err = process.stdout.fileno(), process.stderr.fileno()  # type: ignore[union-attr]
    pieces: list[bytes] = []
    size, warned, open_ends = 0, False, {out, err}
    while open_ends:
        left = deadline - time.monotonic()
        ready = select.select(list(open_ends), [], [], left)[0] if left > 0 else []
        if not ready:
            raise GitFailed(TOO_LATE)
        for end in ready:
            piece = os.read(end, 1 << 20)
            if not piece:
                open_ends.discard(end)
            elif end == err:
                warned = True
            else:
                pieces.append(piece)
            size += len(piece)
        if size > LARGEST_ANSWER:
            raise GitFailed(f"git answered more than {LARGEST_ANSWER} bytes")
    return b"".join(pieces), warned


def program(project: str) -> str:
    """The git to use, "" where there is none: the system's own, else one on PATH that is not inside the project."""
    folders = [f for f in os.environ.get("PATH", "").split(":") if f.startswith("/") and not _inside(f, project)]
    return shutil.which("git", path=":".join((*_USUAL, *folders))) or ""


def _inside(path: str, project: str) -> bool:
    return f"{os.path.realpath(path)}/".startswith(f"{project}/")
