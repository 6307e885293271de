"""`secretguard accept --repo`: the value that the guard named goes into the repository's baseline file."""

from __future__ import annotations

import contextlib
import os

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, save
from secretguard.accepted_in_git import names
from secretguard.baseline_entries import accepted
from secretguard.commands.baseline_options import check_words, existing_or_new, scanned
from secretguard.commands.scan import OWN
from secretguard.errors import ConfigError
from secretguard.placeholder import of_user
from secretguard.report.located import Located
from secretguard.source.git import Git
from secretguard.terminal import printable

Row = dict[str, str]


def accept_in_baseline(row: Row, said: Acceptance) -> str:
    """Find the value of `row` (of `guard/given.py`) in the files of its project, accept it where it is, and say so.

    The digests that a baseline needs are made of the value, which nobody kept: so it is looked for. Raises ConfigError.
    """
    with contextlib.chdir(_root(row["project"])):
        file = _file()
        baseline = existing_or_new(file, None)
        found = [finding for where in _places(row) for finding in _found(baseline, where, row)]
        if not found:
            raise ConfigError(
                f"{row['tag']}: this value is in no file of {os.getcwd()}", "leave --repo out: it was seen elsewhere"
            )
        check_words(said, found)
        for finding in found:
            baseline.document = accepted(baseline, finding, said)
        save(file, baseline.document)
        places = ", ".join(sorted({f"{finding.path}:{finding.line}" for finding in found}))
        return printable(f"accepted in {os.path.abspath(file)}: {places}")


def _root(project: str) -> str:
    if not os.path.isdir(project):
        raise ConfigError(f"{printable(project)} is not there any more", "leave --repo out")
    with contextlib.chdir(project):
        done = Git().run("rev-parse", "--show-toplevel")
    root = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    if done.returncode or not root:
        raise ConfigError(f"{printable(project)} is in no git repository", "leave --repo out")
    return root


def _file() -> str:
    """The repository's baseline: the one that is configured or there, else the usual name."""
    candidates = names(Git())
    return next((name for name in candidates if os.path.exists(name)), candidates[0])


def _places(row: Row) -> tuple[str, ...]:
    """Where to look: in the file in which the guard saw it, where that is in the repository; else everywhere."""
    here = os.path.realpath(".")
    path = row["path"]
    inside = bool(path) and os.path.isfile(path) and os.path.commonpath((here, path)) == here
    return (os.path.relpath(path, here),) if inside else (".",)


def _found(baseline: Baseline, where: str, row: Row) -> list[Located]:
    tags = of_user(row["project"])
    scan = scanned(baseline, (where,), False, frozenset({OWN}))
    return [f for f in scan.findings if tags.digits(f.secret.reveal().encode("utf-8", "surrogateescape")) == row["tag"]]
