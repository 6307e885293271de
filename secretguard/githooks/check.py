"""What a git hook looks at: the index of a commit, or the commits of a push, each by the baseline that comes with it.

1 which    the blobs that a commit would hold; the commits that the receiver does not have
2 accepted the baseline file as it stands in that index, or at the tip that is pushed: no other file counts
3 scan     as `secretguard scan --staged` and `--history` do
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace

from secretguard import parallel
from secretguard.accepted import Baseline, load, normal
from secretguard.githooks import updates
from secretguard.githooks.updates import Update
from secretguard.history.scan import scan_commits
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan, Skipped
from secretguard.report.progress import Progress
from secretguard.source import git_index
from secretguard.source.git import Git
from secretguard.source.git_history import Listing
from secretguard.source.git_index import Blob, BlobReader

BASELINES = (".secrets.baseline", "baselines/secrets.baseline")
"""Where a baseline is looked for unless `git config secretguard.baseline` names the file."""

UNREAD = "commit "
"""How the path of a gap begins that is a commit, not a file (history/sift.py)."""


def staged(scanner: Scanner) -> Scan:
    """What the commit that is being made would hold beside its parent."""
    git = Git()
    accepted = _baseline(git, "")
    own = normal(accepted.path) if accepted else ""
    found = [
        Skipped(blob.path, "the baseline itself", chosen=True) if own and normal(blob.path) == own else blob
        for blob in git_index.staged()
    ]
    return replace(scanner, baseline=accepted).blobs(found)


def pushed(scanner: Scanner, arrived: Sequence[Update], others: str) -> Scan:
    """What `arrived` brings that the receiver does not have: not what its old objects reach, nor the refs of the option
    `others` (see `updates.commits`)."""
    git = Git()
    known = updates.present(git, [update.old for update in arrived if update.old])
    scan = Scan()
    for accepted, tips in _by_baseline(git, updates.present(git, [update.new for update in arrived])):
        new = updates.commits(git, tips, known, others)
        known += tips
        if new:
            workers = parallel.workers(0, len(new))
            with Progress(len(new), "commits") as progress:
                listing = Listing(new, tips)
                scan.add(scan_commits(replace(scanner, baseline=accepted), git, listing, workers, progress.advance))
    scan.add(_files(scanner, git, updates.loose(git, arrived)))
    return scan


def unread(scan: Scan) -> list[Skipped]:
    """Commits that git could not show: what they hold is not known, so they do not pass."""
    return [gap for gap in scan.gaps if gap.path.startswith(UNREAD)]


def _files(scanner: Scanner, git: Git, blobs: Sequence[Blob]) -> Scan:
    scan = Scan()
    if blobs:
        with BlobReader(git) as reader:
            for blob in blobs:
                for read, size in reader.reading(blob):
                    scan.add(scanner.stream(blob.path, read, size))
    return scan


def _by_baseline(git: Git, tips: Sequence[str]) -> list[tuple[Baseline | None, list[str]]]:
    """The tips, those with the same baseline file together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for tip in dict.fromkeys(tips):
        groups.setdefault(_baseline_blob(git, tip), []).append(tip)
    return [(_baseline(git, found[0]), found) for found in groups.values()]


def _baseline_blob(git: Git, tip: str) -> tuple[str, str]:
    """(path, object) of the baseline in the tree of `tip`, in the index where that is empty; empty: there is none."""
    configured = git.run("config", "--get", "secretguard.baseline").stdout.decode("utf-8", "surrogateescape").strip()
    names = (configured,) if configured else BASELINES
    asked = "".join(f"{tip}:{name}\n" for name in names).encode("utf-8", "surrogateescape")
    answers = git.ask("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=asked).decode("ascii", "replace")
    for name, answer in zip(names, answers.splitlines(), strict=False):
        if answer.startswith("blob "):
            return name, answer[5:]
    return "", ""


def _baseline(git: Git, tip: str) -> Baseline | None:
    """The baseline in the tree of `tip` or in the index. Raises ConfigError for a file that is none."""
    path, blob = _baseline_blob(git, tip)
    if not blob:
        return None
    with tempfile.TemporaryDirectory(prefix="secretguard-") as folder:
        copy = os.path.join(folder, os.path.basename(path))
        with open(copy, "wb") as file:
            file.write(git.ask("cat-file", "blob", blob))
        return replace(load(copy), path=path)
