"""`--blobs`: every object of the repository once, as whole files: also what no ref reaches and what only a merge holds.

1 list        all blobs, in the order of the packs
2 sift        workers: which of them hold something
3 attribute   one pass over the history: path and oldest commit of those; what no commit has is called by its id
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from secretguard.history.hit import WHOLE_FILE, Hit, Progress, Sifted
from secretguard.history.sift import in_runs
from secretguard.pipeline import CAP, Scanner
from secretguard.source import text
from secretguard.source.git import Git
from secretguard.source.git_changes import fields
from secretguard.source.window import windows

_LIST = ("cat-file", "--batch-all-objects", "--unordered", "--buffer")
_LOG = (
    "log", "--date-order", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AMT", "-m", "-z", "--no-notes",
    "--no-show-signature", "--ignore-submodules=all", "--format=%x01%H",
)  # fmt: skip
_READ = 1 << 20


def listed(git: Git) -> list[str]:
    """Every blob that is in the repository's own store."""
    lines = git.ask(*_LIST, "--batch-check=%(objecttype) %(objectname)").decode("ascii").splitlines()
    return [line[5:] for line in lines if line.startswith("blob ")]


def sifted(scanner: Scanner, git: Git, blobs: list[str], workers: int, progress: Progress) -> Sifted:
    """Hits without commit or path: one a blob that holds something. Raises GuardError when a worker dies."""
    return in_runs(blobs, workers, lambda ids: _sift(scanner, git, ids), progress)


def _sift(scanner: Scanner, git: Git, ids: list[str]) -> Iterator[Sifted]:
    for blob, size, read in reading(git, ids):
        part = Sifted(files=1, bytes=size, commits=1)
        head = read(text.SNIFFED)
        if text.kind(head) == text.BINARY:
            part = Sifted(gaps=[(f"blob {blob}", "binary", size)], commits=1)
        elif text.kind(head) != text.BYTES or _holds(scanner, read, head):
            part.hits = [Hit("", "", blob, WHOLE_FILE, "", "")]
        yield part


def _holds(scanner: Scanner, read: Reader, head: bytes) -> bool:
    return any(scanner.engine.scan_capped(part.data, CAP)[0] for part in windows(read, head=head))


class Reader:
    """`read(n)` for one object of the stream."""

    def __init__(self, pipe: IO[bytes], size: int) -> None:
        self._pipe, self._left = pipe, size

    def __call__(self, wanted: int) -> bytes:
        """At most `wanted` bytes; nothing at the end of the object."""
        part = self._pipe.read(min(wanted, self._left, _READ))
        self._left -= len(part)
        return part

    def all(self) -> bytes:
        """What is left of the object; it is held in memory whole."""
        data = self._pipe.read(self._left)
        self._left -= len(data)
        return data

    def drain(self) -> None:
        """Read what is left, and the line end after the object."""
        while self._left and self(_READ):
            pass
        self._pipe.read(1)


def reading(git: Git, ids: Sequence[str]) -> Iterator[tuple[str, int, Reader]]:
    """Each blob of `ids`: its id, size, reader. The next one starts when the one before is drained."""
    with git.fed("cat-file", "--batch", "--buffer", lines=ids) as process:
        stdout: IO[bytes] = process.stdout  # type: ignore[assignment]
        while header := stdout.readline().split():
            if len(header) != 3 or not header[2].isdigit():
                continue
            reader = Reader(stdout, int(header[2]))
            yield header[0].decode("ascii"), int(header[2]), reader
            reader.drain()


def attributed(git: Git, hits: list[Hit], revisions: list[str]) -> list[Hit]:
    """The hits with path and oldest commit; under its own id, without a commit, what no commit of `revisions` has."""
    wanted = {hit.blob for hit in hits}
    where = _first_seen(git, wanted, revisions) if wanted else {}
    return [hit._replace(commit=where[hit.blob][0], path=where[hit.blob][1]) if hit.blob in where
            else hit._replace(path=f"blob {hit.blob}") for hit in hits]  # fmt: skip


def _first_seen(git: Git, wanted: set[str], revisions: list[str]) -> dict[str, tuple[str, str]]:
    """Blob → (commit, path); the log is newest first, so that the last one written is the oldest."""
    where: dict[str, tuple[str, str]] = {}
    process = git.open(*_LOG, *revisions, "--")
    stdout: IO[bytes] = process.stdout  # type: ignore[assignment]
    process.stdin.close()  # type: ignore[union-attr]
    commit, blob = "", ""
    try:
        for field in fields(stdout):
            if blob:
                if blob in wanted:
                    where[blob] = (commit, field.decode("utf-8", "surrogateescape"))
                blob = ""
            elif field.startswith(b"\x01"):
                commit = field[1:].decode("ascii", "replace")
            elif field.lstrip(b"\n").startswith(b":"):
                blob = field.split(b" ")[3].decode("ascii", "replace")
    finally:
        process.kill()
        stdout.close()
        process.wait(30)
    return where
