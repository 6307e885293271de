"""The scan of a repository's history: every line that a commit added, each secret once, where it first came in.

1 list      the commits, newest first                                     secretguard/source/git_history.py
2 sift      workers: all versions of the files, or the raw diffs of a range
            or of a few commits, or with `--blobs` whole objects → hits   additions.py, sift.py, blobs.py
3 join      of one value in one file the oldest hit stays; what an earlier scan saw comes from its cache   cache.py
4 confirm   the whole file is scanned: exact span, blocks of several lines, pragmas                       confirm.py
5 tell      who committed it and when, and whether the file at HEAD still holds it
"""

from __future__ import annotations

from secretguard.history import blobs
from secretguard.history.additions import added
from secretguard.history.cache import Cache, Scanned
from secretguard.history.confirm import confirmed, oldest
from secretguard.history.hit import Progress, Sifted
from secretguard.history.sift import sifted
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan, Skipped
from secretguard.source.git import Git
from secretguard.source.git_history import Listing

MANY = 500
"""Commits from which on it is faster to read all versions of their files than their diffs."""


def scan_commits(
    scanner: Scanner, git: Git, listing: Listing, workers: int, progress: Progress, cache: Cache | None = None
) -> Scan:
    """Scan what the commits of `listing` added, with `workers` processes. Findings come newest commit first.

    What could not be read is in the result's `skipped`, so that an incomplete history is never a clean one. With a
    `cache` only commits are read that it does not know. Raises GuardError when a worker dies.
    """
    known = cache.load() if cache else None
    fresh = listing.since(git, known.tips) if known else listing.commits
    sift = added if listing.whole and len(fresh) >= MANY else sifted
    part = sift(scanner, git, fresh, workers, progress)
    order = {commit: place for place, commit in enumerate(listing.commits)}
    hits = oldest([*part.hits, *(hit for hit in known.hits if hit.commit in order)] if known else part.hits, order)
    if cache and not part.gaps and not listing.missing:
        cache.save(Scanned(listing.tips, hits))
    scan = _begun(git, listing, part)
    scan.findings = confirmed(scanner, git, hits, order, scan)
    scan.commits = len(listing.commits)
    return scan


def scan_blobs(
    scanner: Scanner, git: Git, listing: Listing, found: list[str], workers: int, progress: Progress
) -> Scan:
    """Scan the objects `found` whole. Findings come newest commit first, then those that no commit has."""
    part = blobs.sifted(scanner, git, found, workers, progress)
    hits = blobs.attributed(git, part.hits, listing.wanted)
    order = {commit: place for place, commit in enumerate(listing.commits)}
    scan = _begun(git, listing, part)
    scan.findings = confirmed(scanner, git, hits, order, scan)
    return scan


def _begun(git: Git, listing: Listing, part: Sifted) -> Scan:
    missing = [Skipped(git.directory, reason) for reason in listing.missing]
    return Scan([], missing + [Skipped(*gap) for gap in part.gaps], part.files, part.bytes)
