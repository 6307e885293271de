"""What commits added, without a diff of files: a secret is new where a version has it and no version before has it.

It gives what the scan of diffs gives (`sift.py`) of a whole history, where of one value in one file the oldest commit
stays. Of a range it would not: a line that moved is an added one to a diff, and holds nothing new here.

1 which files each commit changed, from what blob to what blob     secretguard/source/git_changes.py
2 what each of these blobs holds                                    versions.py
3 what the new one has and none of the old ones
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from secretguard.errors import ConfigError
from secretguard.history.hit import BINARY, WHOLE_FILE, Hit, Progress, Sifted
from secretguard.history.sift import sifted
from secretguard.history.versions import Versions, seen
from secretguard.pipeline import NOTEBOOK, Scanner
from secretguard.source.git import Git
from secretguard.source.git_changes import Change, changes

CHUNK = 20_000
"""Commits whose changes are in memory at a time."""


def added(scanner: Scanner, git: Git, commits: Sequence[str], workers: int, progress: Progress) -> Sifted:
    """Every hit in what `commits` added. Raises GuardError when a worker dies."""
    whole = Sifted()
    for at in range(0, len(commits), CHUNK):
        whole.add(_chunk(scanner, git, commits[at : at + CHUNK], workers, progress))
    return whole


def _chunk(scanner: Scanner, git: Git, commits: Sequence[str], workers: int, progress: Progress) -> Sifted:
    try:
        changed = list(changes(git, commits, workers))
    except ConfigError:
        return sifted(scanner, git, commits, workers, progress)  # which goes on after a commit that cannot be shown
    blobs = _by_file(changed)
    done = 0

    def advanced(read: int, size: int) -> None:
        nonlocal done
        before, done = done, done + read
        share = len(commits) / max(1, len(blobs))
        progress(int(done * share) - int(before * share), size)

    notebooks = {one.blob for one in changed if one.path.endswith(NOTEBOOK)}
    known = seen(scanner, git, blobs, notebooks, workers, advanced)
    part = Sifted(_hits(changed, known), files=known.files, bytes=known.bytes, commits=len(commits))
    unread = set(known.unread)
    left = list(dict.fromkeys(one.commit for one in changed if one.blob in unread))
    if left:
        rest = sifted(scanner, git, left, workers, lambda _, size: progress(0, size))
        rest.commits = 0
        part.add(rest)
    return part


def _by_file(changed: Iterable[Change]) -> list[str]:
    """Every blob once, the versions of a file one after the other, newest first as git packs them."""
    files: dict[str, dict[str, None]] = {}
    for one in changed:
        files.setdefault(one.path, {}).update(dict.fromkeys((one.blob, *one.before)))
    return list(dict.fromkeys(blob for versions in files.values() for blob in versions))


def _hits(changed: Iterable[Change], known: Versions) -> list[Hit]:
    odd = set(known.odd)
    hits = []
    for one in changed:
        if one.blob in odd:
            hits.append(Hit(one.commit, one.path, one.blob, WHOLE_FILE, BINARY, ""))
        here = known.values.get(one.blob)
        if here:
            old = {value for blob in one.before for value in known.values.get(blob, ())}
            hits += [Hit(one.commit, one.path, one.blob, WHOLE_FILE, *value) for value in here if value not in old]
    return hits
