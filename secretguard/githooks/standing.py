"""Which of our hooks stand in a repository, and what keeps them from working: for `status` and `doctor`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from secretguard.agents.claude_checks import FAULT, GOOD, Sign
from secretguard.detect import made_up
from secretguard.errors import ConfigError
from secretguard.githooks import shim
from secretguard.githooks.place import Place, find
from secretguard.source.git import Git

PATIENCE = 120
"""Seconds that a hook has for one small file, the first compilation of the rules included."""


def line(path: str) -> str:
    """One line about the repository at `path` for `status`; empty where there is none."""
    try:
        place = find(path)
    except ConfigError:
        return ""
    standing = [name for name in shim.CLIENT if shim.is_ours(os.path.join(place.folder, name))]
    where = "for all your repositories" if place.everywhere else place.folder
    if standing:
        return f"{', '.join(standing)} guarded ({where})"
    if place.scope:
        return f"hooks are in {place.folder} (core.hooksPath): `secretguard install git` says how to guard them"
    return "commits are not guarded: `secretguard install git`"


def signs(path: str) -> Iterator[Sign]:
    """What `doctor` says about the repository at `path`: nothing where there is none."""
    try:
        place = find(path)
    except ConfigError:
        return
    standing = [name for name in shim.CLIENT if shim.is_ours(os.path.join(place.folder, name))]
    if not standing:
        yield from _elsewhere(place)
        return
    faults = list(_faults(place))
    yield from faults
    if not faults:
        yield from _proof()


def _elsewhere(place: Place) -> Iterator[Sign]:
    if place.scope and any(shim.is_ours(os.path.join(place.own, name)) for name in shim.CLIENT):
        yield Sign(
            FAULT,
            f"git hooks: ours are in {place.own}, but core.hooksPath ({place.scope}) makes git run those of "
            f"{place.folder}",
            "`secretguard install git` says what to write there",
        )
    else:
        yield Sign(GOOD, f"git hooks: {line(place.root)}")


def _faults(place: Place) -> Iterator[Sign]:
    again = "secretguard install git" + (" --global" if place.everywhere else "")
    for name in shim.CLIENT:
        hook = os.path.join(place.folder, name)
        if not shim.is_ours(hook):
            yield Sign(FAULT, f"git hooks: {hook} is missing or not ours, though others of ours are there", again)
        elif not os.access(hook, os.X_OK):
            yield Sign(FAULT, f"git hooks: {hook} is not executable, so git passes over it", f"chmod +x {hook}")
        elif _text(hook) != shim.text(name, again.removeprefix("secretguard "), place.everywhere):
            yield Sign(FAULT, f"git hooks: {hook} is of another installation of secretguard, or was changed", again)


def _text(hook: str) -> str:
    with open(hook, encoding="utf-8", errors="surrogateescape") as file:
        return file.read(65536)


def _proof() -> Iterator[Sign]:
    """A commit of a made-up secret, as git would ask about it, in a repository that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="secretguard-") as folder:
        git = Git(folder)
        git.ask("init", "-q")
        with open(os.path.join(folder, "canary"), "w", encoding="utf-8") as file:
            file.write(made_up.github("ghp_"))
        git.ask("add", "canary")
        command = [sys.executable, *shim.flags(), "-m", "secretguard", "git-hook", shim.COMMIT]
        plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=plain,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            stopped = done.returncode == 1 and b"canary:1:1" in done.stderr
        except (OSError, subprocess.TimeoutExpired):
            stopped = False
    if stopped:
        yield Sign(GOOD, "git hooks: a commit of a made-up secret was stopped")
    else:
        yield Sign(FAULT, "git hooks: a commit of a made-up secret was not stopped", "run the hook by hand and look")
