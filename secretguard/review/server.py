"""Putting the gate into a plain bare repository on a git server, and looking whether it is still there."""

from __future__ import annotations

import fnmatch
import os
import secrets
import shlex
import sys
from dataclasses import dataclass

from secretguard.errors import ConfigError
from secretguard.githooks import shim
from secretguard.review.gate import IDENTITY, protecting
from secretguard.review.repository import Repository
from secretguard.whole_file import replace

MARK = "# secretguard gate"
_HOOK = """#!/bin/sh
{mark}: refuses a push that touches production paths without a recorded review. Installed by
# `secretguard install git --server`; remove it with `--remove`. It fails closed: no interpreter, no push.
if [ ! -x {python} ]; then
    echo "secretguard: the gate's interpreter is gone, so nothing can be pushed." >&2
    echo "  install secretguard again and run: secretguard install git --server {path}" >&2
    exit 1
fi
exec {python} -I -m secretguard gate pre-receive
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """What `install` did: the hook file, the folder for reviewers and journal, and whether anything changed."""

    hook: str
    folder: str
    changed: bool


def bare_repository(path: str) -> Repository:
    """The repository at `path`. Raises ConfigError when it is not a bare one: a gate belongs on a server."""
    repository = Repository(os.path.abspath(path))
    if not os.path.isdir(path) or repository.text("rev-parse", "--is-bare-repository", accept=(0, 128)) != "true":
        raise ConfigError(
            f"{path} is not a bare git repository", "make one with `git init --bare`, or name the server's"
        )
    return repository


def install(path: str, protect: tuple[str, ...] = ()) -> Installed:
    """Write the `pre-receive` hook, the repository's id and the protected branches. Safe to repeat.

    Raises ConfigError where another pre-receive hook stands: it is not touched.
    """
    repository = bare_repository(path)
    hook = _hook(repository)
    folder = gate_folder(repository)
    text = _HOOK.format(mark=MARK, python=shlex.quote(sys.executable), path=shlex.quote(repository.path))
    before = _read(hook)
    if before and MARK not in before:
        raise ConfigError(
            f"{hook} already exists and is not ours", "call it from a wrapper of your own, or move it away"
        )
    os.makedirs(folder, mode=0o750, exist_ok=True)
    if not repository.exists(IDENTITY):
        blob = repository.git("hash-object", "-w", "--stdin", stdin=secrets.token_hex(16).encode()).decode().strip()
        repository.git("update-ref", IDENTITY, blob, "")
    known = repository.config("secretguard.protect")
    added = [name for name in protect if name not in known]
    for name in added:
        repository.git("config", "--local", "--add", "secretguard.protect", name)
    if before != text:
        _write_executable(hook, text)
    return Installed(hook, folder, before != text or bool(added))


def remove(path: str) -> bool:
    """Take our hook away; reviews, reviewers and journal stay. False when there was none."""
    hook = _hook(bare_repository(path))
    if MARK not in _read(hook):
        return False
    os.unlink(hook)
    return True


def faults(path: str) -> list[str]:
    """What keeps the gate at `path` from protecting, in words; empty when nothing does."""
    repository = bare_repository(path)
    hook = _hook(repository)
    found = []
    text = _read(hook)
    if MARK not in text:
        found.append(f"{hook} is missing or not ours: run `secretguard install git --server {path}`")
    elif not os.access(hook, os.X_OK):
        found.append(f"{hook} is not executable, so git ignores it: chmod +x it")
    elif shlex.quote(sys.executable) not in text:
        found.append(f"{hook} names another interpreter than this one: install it again if that one is gone")
    if repository.config("core.hooksPath"):
        found.append("core.hooksPath is set in this repository: git runs the hooks there, not ours")
    branches, patterns = repository.refs("refs/heads"), protecting(repository)
    if branches and not any(fnmatch.fnmatchcase(ref, pattern) for ref in branches for pattern in patterns):
        found.append(
            f"none of its branches is protected, as {patterns[0] if patterns else 'HEAD'} is not among them: "
            f"`git symbolic-ref HEAD {branches[0]}` there, or install again with --protect"
        )
    signers = os.path.join(gate_folder(repository), "allowed_signers")
    if not os.path.isfile(signers):
        found.append(f"{signers} is missing: nobody can review, so no production path can be pushed")
    elif os.stat(signers).st_mode & 0o022:
        found.append(f"{signers} is writable by others: whoever can write it can name themselves a reviewer")
    return found


def gate_folder(repository: Repository) -> str:
    """Where a gated repository keeps its reviewers' file and journal: inside the git directory, never in a tree."""
    return os.path.join(repository.path, "secretguard")


def _hook(repository: Repository) -> str:
    """The gate's file: where the scan for secrets stands in that place, the one that it runs after itself."""
    hook = os.path.join(repository.path, "hooks", "pre-receive")
    return hook + shim.KEPT if shim.is_ours(hook) else hook


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(65536)
    except FileNotFoundError:
        return ""


def _write_executable(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    replace(path, text.encode(), mode=0o755)  # git runs hooks as whoever pushes, and ignores what is not executable
