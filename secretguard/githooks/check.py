"""What a git hook looks at: the index of a commit, or the commits of a push, each by the baseline that comes with it.

1 which    the blobs that a commit would hold; the commits that the receiver does not have
2 accepted the baseline file as it stands in that index, or at the tip that is pushed: no other file counts
3 scan     as `secretguard scan --staged` and `--history` do
"""

from __future__ import annotations

from collections.abc import Sequence

from secretguard import accepted_in_git, parallel
from secretguard.accepted import Baseline, normal
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

UNREAD = "commit "
"""How the path of a gap begins that is a commit, not a file (history/sift.py)."""


def staged(scanner: Scanner) -> Scan:
    """What the commit that is being made would hold beside its parent."""
    git = Git()
    accepted = accepted_in_git.read(git, accepted_in_git.find(git, [""], accepted_in_git.names(git))[0])
    own = normal(accepted.path) if accepted else ""
    found = [
        Skipped(blob.path, "the baseline itself", chosen=True) if own and normal(blob.path) == own else blob
        for blob in git_index.staged()
    ]
    scan = scanner._replace(baseline=accepted).blobs(found)
    scan.notes += accepted.notes if accepted else []
    return scan


def pushed(scanner: Scanner, arrived: Sequence[Update], others: str) -> Scan:
    """What `arrived` brings that the receiver does not have: not what its old objects reach, nor the refs of the option
    `others` (see `updates.commits`)."""
    git = Git()
    known = updates.present(git, [update.old for update in arrived if update.old])
    arriving = updates.present(git, [update.new for update in arrived])
    groups = _by_baseline(git, arriving) if updates.commits(git, arriving, known, others) else []
    scan = Scan()
    for accepted, tips in groups:
        new = updates.commits(git, tips, known, others)
        known += tips
        if new:
            workers = parallel.workers(0, len(new))
            with Progress(len(new), "commits") as progress:
                listing = Listing(new, tips)
                scan.add(scan_commits(scanner._replace(baseline=accepted), git, listing, workers, progress.advance))
            scan.notes += accepted.notes if accepted else []
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
    each = list(dict.fromkeys(tips))
    for tip, found in zip(each, accepted_in_git.find(git, each, accepted_in_git.names(git)), strict=True):
        groups.setdefault(found, []).append(tip)
    return [(accepted_in_git.read(git, found), members) for found, members in groups.items()]
