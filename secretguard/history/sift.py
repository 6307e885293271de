"""From commits to hits: workers scan the raw diffs of contiguous runs of commits (git's delta caches stay warm)."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from secretguard.history.hit import BINARY, WHOLE_FILE, Hit, Progress, Sifted
from secretguard.pipeline import NOTEBOOK, Scanner, fingerprint
from secretguard.source.git import Git
from secretguard.source.git_history import Incomplete, Piece, diffs
from secretguard.workers import Say, fan_out

CAP = 10_000
"""Findings of one rule in one piece of a diff; more are counted."""

RUNS = 4
"""Runs of commits a worker, so that one long run does not keep the last worker busy alone."""

RESTARTS = 50
"""How often a run goes on after a commit at which git stopped; then the rest is a gap."""

_BLOCK, _BEGIN = b"PRIVATE KEY", b"-----BEGIN"


def sifted(scanner: Scanner, git: Git, commits: Sequence[str], workers: int, progress: Progress) -> Sifted:
    """Every hit in what `commits` added. Raises GuardError when a worker dies."""
    return in_runs(commits, workers, lambda ids: sift(scanner, git, ids), progress)


def in_runs(
    ids: Sequence[str], workers: int, work: Callable[[list[str]], Iterator[Sifted]], progress: Progress
) -> Sifted:
    """`work` on contiguous runs of `ids`, by several processes where that is worth it."""
    size = max(1, -(-len(ids) // max(1, workers * RUNS)))
    runs = [list(ids[at : at + size]) for at in range(0, len(ids), size)]
    whole = Sifted()
    if workers <= 1:
        for run in runs:
            for part in work(run):
                _add(whole, part, progress)
        return whole

    def one(number: int, say: Say) -> None:
        for run in runs[number::workers]:
            for part in work(run):
                hits = [tuple(hit) for hit in part.hits]
                say(marshal.dumps((hits, part.gaps, part.files, part.bytes, part.commits)))

    with closing(fan_out(workers, one)) as frames:
        for frame in frames:
            hits, *rest = marshal.loads(frame)  # noqa: S302  # our own child, over our own pipe
            _add(whole, Sifted([Hit(*hit) for hit in hits], *rest), progress)
    return whole


def _add(whole: Sifted, part: Sifted, progress: Progress) -> None:
    whole.add(part)
    progress(part.commits, part.bytes)


def sift(scanner: Scanner, git: Git, ids: list[str]) -> Iterator[Sifted]:
    """The hits of one run of commits. Where git stops at a commit, that is a gap, and it goes on after it."""
    left = ids
    for _ in range(RESTARTS):
        if not left:
            return
        try:
            for number, piece in enumerate(diffs(git, left)):
                part = _piece(scanner, piece)
                part.bytes -= number == 0  # the line end before the first line is ours
                yield part
            yield Sifted(commits=len(left))
            return
        except Incomplete as error:
            stopped = left.index(error.commit) if error.commit in left else 0
            gap = (f"commit {left[stopped]}", f"git could not show it whole: {error.reason}", 0)
            yield Sifted(gaps=[gap], commits=stopped + 1)
            left = left[stopped + 1 :]
    if left:
        yield Sifted(gaps=[(f"commit {left[0]}", f"git stopped too often: {len(left)} commits not scanned", 0)])


def _piece(scanner: Scanner, piece: Piece) -> Sifted:
    data = piece.data
    content = data.replace(b"\n+", b"\n ")  # a plus before a key reads as a part of it
    findings, unexamined = scanner.engine.scan_capped(content, CAP)
    at = f"commit {piece.last_commit()}"
    gaps = [(at, f"more than {CAP} hits of {rule}: {count} not looked at", 0) for rule, count in unexamined.items()]
    hits = []
    for finding in findings:
        place = piece.place(finding.start)
        if place is not None:
            seen = ("", "")  # in a notebook the value is another one when the whole file is read
            if not place.path.endswith(NOTEBOOK):
                seen = (finding.rule_id, fingerprint(scanner.key, finding))
            hits.append(Hit(place.commit, place.path, place.blob, place.line, *seen))
    for position in _blocks(data):
        place = piece.place(position)
        if place is not None:
            hits.append(Hit(place.commit, place.path, place.blob, place.line, "", ""))
    hits += [Hit(place.commit, place.path, place.blob, WHOLE_FILE, BINARY, "") for place in piece.binaries()]
    return Sifted(hits, gaps, data.count(b"\ndiff --"), len(data))


def _blocks(data: bytes) -> Iterator[int]:
    """Where a private key's header stands: its block has a mark on every line here, and is read from the file."""
    at = data.find(_BLOCK)
    while at >= 0:
        if _BEGIN in data[max(0, at - 80) : at]:
            yield at
        at = data.find(_BLOCK, at + 1)
