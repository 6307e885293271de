"""The commits of a repository, and what each of them added, as raw diff text in large pieces.

The diff is scanned as it is: only where something was found is asked which commit, file and line that was. Lines of
content always start with a mark (space, + or -), so a line that starts with `diff --`, `@@` or our own commit mark is
never content, whatever a file holds.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

from secretguard.errors import ConfigError
from secretguard.source.git import Git

STEP = 4 * 1024 * 1024
"""Bytes of diff that are scanned at once. A file's diff that is longer is cut at a line end."""

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of one line of a diff that are held in memory."""

_READ = 1 << 20
MARK = b"\n\x01"
_FILE, _HUNK, _BINARY = b"\ndiff --", b"\n@@", b"\nBinary files "
_LONGEST_HEADER = 16 * 1024
"""Bytes: a path has at most 4,096, and is named up to four times, quoted."""

_LOG = (
    "log", "--stdin", "--no-walk=unsorted", "-p", "-U0", "--cc", "--no-renames", "--no-color", "--no-textconv",
    "--no-ext-diff", "--no-show-signature", "--full-index", "--inter-hunk-context=0", "--ignore-submodules=all",
    "--src-prefix=a/", "--dst-prefix=b/", "--no-notes", "--no-decorate", "--format=%x01%H",
)  # fmt: skip
_INDEX = re.compile(rb"\nindex [0-9a-f,]+\.\.([0-9a-f]+)")
_RANGES = re.compile(rb"@@+ (?:-[0-9,]+ )+\+([0-9]+)")


@dataclass(frozen=True, slots=True)
class Listing:
    """Commit ids, newest first and no parent before its child; `wanted`, the revisions that reach them; `tips`, where
    those start; `missing`, in words, what of the history is not there; `whole`, that it is all that refs reach."""

    commits: list[str]
    wanted: list[str] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    whole: bool = False

    def since(self, git: Git, tips: Sequence[str]) -> list[str]:
        """The commits that none of `tips` reaches; tips that are gone count for nothing."""
        answers = git.ask(
            "cat-file", "--batch-check=%(objecttype) %(objectname)", stdin="\n".join(tips).encode("ascii")
        )
        here = [line[7:] for line in answers.decode("ascii").splitlines() if line.startswith("commit ")]
        if not here:
            return self.commits
        reached = set(git.ask("rev-list", "--stdin", stdin="\n".join(here).encode("ascii")).decode("ascii").split())
        return [commit for commit in self.commits if commit not in reached]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line of a diff was added: commit, path (as git has it, bytes that are no UTF-8 as surrogates), the id of
    the file's new blob, and the number of the line in it, from 1."""

    commit: str
    path: str
    blob: str
    line: int


def commits(git: Git, revisions: Sequence[str] = (), since: str = "") -> Listing:
    """The commits of `revisions` as git reads them, or of every ref and every stash; only those after `since`.

    Raises ConfigError for what is no repository or no revision, and for a revision that looks like an option.
    """
    for revision in revisions:
        if revision.startswith("-"):
            raise ConfigError(f"--history: {revision!r} is an option of git, not a revision", "for example main..dev")
    wanted = list(revisions)
    if not revisions:
        stashes = git.run("log", "-g", "--format=%H", "--no-show-signature", "refs/stash", "--")
        wanted = ["--all", *stashes.stdout.decode("ascii").split()]
    options = [f"--since={since}"] if since else []
    listed = git.ask("rev-list", "--date-order", *options, *wanted, "--").decode("ascii").split()
    tips = git.ask("rev-list", "--no-walk=unsorted", *wanted, "--").decode("ascii").split() if not revisions else []
    return Listing(listed, wanted, tips, _missing(git), whole=not revisions and not since)


def _missing(git: Git) -> list[str]:
    """What a clone leaves behind."""
    missing = []
    if git.ask("rev-parse", "--is-shallow-repository").strip() == b"true":
        missing.append("the clone is shallow: what came before its oldest commits is not here")
    if git.run("config", "--get-regexp", r"^remote\..*\.(promisor|partialclonefilter)$").stdout:
        missing.append("the clone is partial: objects that were never fetched are not here")
    return missing


def is_revision(git: Git, text: str) -> bool:
    """Whether git knows a commit by this name."""
    return git.run("rev-parse", "-q", "--verify", "--end-of-options", text + "^{commit}").returncode == 0


class Incomplete(Exception):
    """git stopped in the middle: at which commit, and its own words."""

    def __init__(self, commit: str, reason: str) -> None:
        super().__init__(reason)
        self.commit = commit
        self.reason = reason


def diffs(git: Git, ids: Sequence[str], step: int = STEP) -> Iterator[Piece]:
    """What the commits `ids` added, in that order. Raises Incomplete where git cannot go on."""
    with tempfile.TemporaryFile() as errors, git.fed(*_LOG, lines=ids, stderr=errors) as process:
        stdout: IO[bytes] = process.stdout  # type: ignore[assignment]
        last = ""
        for piece in _pieces(stdout.fileno(), step):
            last = piece.last_commit()
            yield piece
        if process.wait(timeout=30):
            errors.seek(0)
            reason = errors.read(4096).decode("utf-8", "replace").strip().splitlines()
            raise Incomplete(last or ids[0], reason[0] if reason else "git failed")


def _pieces(fd: int, step: int) -> Iterator[Piece]:
    """The stream in pieces that end at the border of a file where they can, at a line end where they cannot."""
    before = Piece(b"\n")
    data, ended = b"\n", False
    while not ended:
        parts, size = [data], len(data)
        while size < step and not ended:
            part = os.read(fd, _READ)
            ended = not part
            parts.append(part)
            size += len(part)
        data = b"".join(parts)
        cut = len(data) if ended else max(data.rfind(_FILE), 0) or max(data.rfind(b"\n"), 0)
        if not cut and len(data) < LONGEST_LINE:
            step = 2 * len(data)
            continue
        before = before.followed_by(data[: cut or len(data)])
        data = data[cut or len(data) :]
        yield before


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the stream: `data` starts with the line end before its first line; the rest is where it begins.

    After a line of more than LONGEST_LINE bytes it starts in the middle of that line, whose rest belongs to no place.
    """

    data: bytes
    commit: str = ""
    header: bytes = b""
    line: int = 0
    columns: int = 1

    def followed_by(self, data: bytes) -> Piece:
        """The next part of the same stream."""
        here = self._state(len(self.data) + 1)  # the line end there is the first byte of what follows
        return replace(here, data=data)

    def last_commit(self) -> str:
        """The commit at the end of this part."""
        return self._commit(len(self.data))

    def binaries(self) -> Iterator[Place]:
        """Files that git does not show because they look binary to it."""
        at = self.data.find(_BINARY)
        while at >= 0:
            blob = _blob(self._header(at + 1))
            if blob.strip("0"):
                end = self.data.find(b"\n", at + 1)
                names = self.data[at + len(_BINARY) : end if end >= 0 else len(self.data)].removesuffix(b" differ")
                none = b"/dev/null and "
                name = names[len(none) :] if names.startswith(none) else names[(len(names) + 5) // 2 :]  # a/X and b/X
                yield Place(self._commit(at), _plain(name), blob, 0)
            at = self.data.find(_BINARY, at + 1)

    def place(self, position: int) -> Place | None:
        """Where the line with `position` was added; None for a line that was not."""
        start = self.data.rfind(b"\n", 0, position) + 1
        if not start:
            return None
        here = self._state(start)
        if self.data[start : start + here.columns] != b"+" * here.columns or not here.line:
            return None  # in a merge: a line that one of the parents has was added there
        return Place(here.commit, _path(here.header), _blob(here.header), here.line)

    def prefix(self, position: int) -> int:
        """How many bytes of the line with `position` are marks and not content."""
        return self._state(self.data.rfind(b"\n", 0, position) + 1).columns

    def _commit(self, position: int) -> str:
        at = self.data.rfind(MARK, 0, position)
        if at < 0:
            return self.commit
        end = self.data.find(b"\n", at + 2)
        return self.data[at + 2 : end if end >= 0 else len(self.data)].decode("ascii", "replace")

    def _header(self, position: int) -> bytes:
        at = self.data.rfind(_FILE, 0, position)
        if at < 0:
            return self.header
        header = self.data[at : at + _LONGEST_HEADER]
        ends = [end for end in (header.find(_HUNK), header.find(_FILE, 1)) if end >= 0]
        return header[: min(ends, default=len(header))]

    def _state(self, position: int) -> Piece:
        """As of the line that starts at `position`: its commit, header, number and columns of marks (line 0: none)."""
        commit, header = self._commit(position), self._header(position)
        file, hunk = self.data.rfind(_FILE, 0, position), self.data.rfind(_HUNK, 0, position)
        mark = self.data.rfind(MARK, 0, position)
        if max(file, mark) > hunk:
            return Piece(b"", commit, header if file > mark else b"", 0, 1)
        if hunk < 0:
            return Piece(b"", commit, header, self._counted(0, position, self.line, self.columns), self.columns)
        end = self.data.find(b"\n", hunk + 1)
        end = end if end >= 0 else len(self.data)  # its line end is the first byte of the next part
        ranges = _RANGES.match(self.data, hunk + 1)
        if ranges is None or end >= position:
            return Piece(b"", commit, header, 0, 1)
        columns = len(self.data[hunk + 1 : end].split(b" ", 1)[0]) - 1
        return Piece(b"", commit, header, self._counted(end, position, int(ranges[1]), columns), columns)

    def _counted(self, start: int, position: int, line: int, columns: int) -> int:
        """`line` and the lines of the new file from the line end at `start` to the line that starts at `position`."""
        if not line:
            return 0
        if columns == 1:  # -U0: what is not removed is added
            return line + self.data.count(b"\n+", start, max(start, position - 1))
        if position - 1 <= start:
            return line
        lines = self.data[start + 1 : position - 1].split(b"\n")
        return line + sum(b"-" not in one[:columns] and not one.startswith(b"\\") for one in lines)


def _path(header: bytes) -> str:
    """The path in a file's header."""
    at = header.find(b"\n+++ ")
    end = header.find(b"\n", at + 1)
    name = header[at + 5 : end if end >= 0 else len(header)] if at >= 0 else b""
    return _plain(name.removesuffix(b"\t"))  # git's mark for a name with a space in it


def _plain(name: bytes) -> str:
    return unquoted(name).removeprefix(b"b/").decode("utf-8", "surrogateescape")


def _blob(header: bytes) -> str:
    """The new blob's id in a file's header."""
    found = _INDEX.search(header)
    return found[1].decode("ascii") if found else ""


_ESCAPES = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}


def unquoted(name: bytes) -> bytes:
    """A path as it is, of one that git quotes in the manner of C when it holds control characters or quotes."""
    if len(name) < 2 or name[:1] != b'"' or name[-1:] != b'"':
        return name

    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([_ESCAPES[code] if code in _ESCAPES else int(code, 8) & 255])

    return re.sub(rb'\\([abtnvfr"\\]|[0-7]{3})', plain, name[1:-1])
