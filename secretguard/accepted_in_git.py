"""The baseline file as git has it: in a commit's tree or in the index, not the file of the work tree beside it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace

from secretguard.accepted import Baseline, load
from secretguard.baseline_key import read_key
from secretguard.errors import ConfigError
from secretguard.source.git import Git

NAMES = (".secrets.baseline", "baselines/secrets.baseline")
"""Where a baseline is looked for unless `git config secretguard.baseline` names the file."""


def names(git: Git) -> Sequence[str]:
    """The files that may be the baseline of a repository, by its configuration or by habit."""
    configured = git.run("config", "--get", "secretguard.baseline").stdout.decode("utf-8", "surrogateescape").strip()
    return (configured,) if configured and "\n" not in configured else NAMES


def find(git: Git, tips: Sequence[str], wanted: Sequence[str]) -> list[tuple[str, str]]:
    """For each of `tips` (a commit, or the index where it is empty): (path, object) of the first of the files `wanted`
    in its tree; two empty texts where there is none. One question to git, however many tips there are."""
    asked = "".join(f"{tip}:{name}\n" for tip in tips for name in wanted).encode("utf-8", "surrogateescape")
    answers = git.ask("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=asked).decode("ascii", "replace")
    lines = answers.split("\n")
    return [_first(wanted, lines[at * len(wanted) :]) for at in range(len(tips))]


def _first(wanted: Sequence[str], answers: Sequence[str]) -> tuple[str, str]:
    for name, answer in zip(wanted, answers, strict=False):
        if answer.startswith("blob "):
            return name, answer[5:]
    return "", ""


def read(git: Git, found: tuple[str, str]) -> Baseline | None:
    """The baseline that `find` found. Raises ConfigError for a file that is none."""
    path, blob = found
    if not blob:
        return None
    with tempfile.TemporaryDirectory(prefix="secretguard-") as folder:
        copy = os.path.join(folder, os.path.basename(path))
        with open(copy, "wb") as file:
            file.write(git.ask("cat-file", "blob", blob))
        try:
            return replace(load(copy, read_key(None)), path=path)
        except ConfigError as error:
            raise ConfigError(error.message.replace(copy, path), error.fix.replace(copy, path)) from None
