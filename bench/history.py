"""The repository that scanners are measured on: real source files replayed as commits, made once and kept in the cache.

Each file grows as a person would write it: it begins with a part of its lines, then commits insert the next ones,
take some away and write some anew. The longer a file, the more often it changes, as in real projects. Files move;
branches of a few commits are merged; forty authors take turns. All of it is drawn from one seed: the same sources give
the same repository.

Matched to two real ones that were measured: paramiko (6,281 commits, 0.9 kB of added lines a commit) and nats-server
(19,978 commits, 7.5 kB of diff a commit, versions of files of 103 kB); here it is 3.6 kB of diff, and versions of
26 kB. It is packed anew, as a server packs what is cloned: fast-import's own pack keeps versions nearly whole, 54 MB
where 2 MB do, and a later `git gc` leaves that as it is (git-fast-import(1), "Packfile Optimization").
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.tree import cache, tree

COMMITS = 6_000
FILES = 500
AUTHORS = 40
_FORMAT = 3
_BEGAN = 1_600_000_000  # seconds since 1970; a commit a minute
_LONGEST = 200_000  # bytes of a file that is replayed


@dataclass(slots=True, eq=False)
class Grown:
    """A file on its way to what it is in the end: the lines it has, and those that are to come."""

    path: str
    lines: list[bytes]
    coming: list[bytes]

    def step(self, chance: random.Random) -> None:
        """One commit's work on it: some lines more, some changed, some gone."""
        at = chance.randrange(len(self.lines) + 1)
        more = chance.randint(2, 40)
        self.lines[at:at] = self.coming[:more]
        del self.coming[:more]
        if self.lines and chance.random() < 0.5:
            at = chance.randrange(len(self.lines))
            self.lines[at : at + 3] = [line.replace(b"    ", b"  ") for line in self.lines[at : at + 3]]
        if len(self.lines) > 60 and chance.random() < 0.3:
            at = chance.randrange(len(self.lines))
            self.coming += self.lines[at : at + 12]
            del self.lines[at : at + 12]

    def move(self, number: int) -> str:
        """Give it another place; returns the old one."""
        old, self.path = self.path, f"moved{number % 17}/{Path(self.path).name}"
        return old


@dataclass(slots=True)
class Made:
    """The repository and what is in it."""

    folder: Path
    commits: int


@dataclass(slots=True)
class _Stream:
    """A `git fast-import` stream in the making (git-fast-import(1))."""

    parts: list[bytes] = field(default_factory=list)
    mark: int = 0

    def commit(self, branch: str, parents: list[int], changes: list[bytes]) -> int:
        """One commit; the first of `parents` is what it is made from. Returns its mark."""
        self.mark += 1
        who = f"Author {self.mark % AUTHORS} <a{self.mark % AUTHORS}@example.org> {_BEGAN + 60 * self.mark} +0000"
        head = f"commit refs/heads/{branch}\nmark :{self.mark}\ncommitter {who}\n"
        message = f"Change {self.mark}\n\nSigned-off-by: {self.mark % AUTHORS}\n".encode()
        self.parts.append(head.encode() + _data(message))
        for word, parent in zip(("from", "merge"), parents, strict=False):
            self.parts.append(f"{word} :{parent}\n".encode())
        self.parts += [*changes, b"\n"]
        return self.mark


def repository() -> Made:
    """The bare repository; made first where it is not there, which takes a minute. Raises Needs without sources."""
    folder = cache() / f"history-{_FORMAT}-{COMMITS}.git"
    if not folder.exists():
        chance = random.Random(7)
        files = _files(chance)
        fresh = Path(tempfile.mkdtemp(prefix="history-new-", dir=cache()))
        try:
            _git(fresh, "init", "-q", "--bare", "-b", "main")
            _git(fresh, "fast-import", "--quiet", stdin=b"".join(_stream(files, chance)))
            _git(fresh, "repack", "-a", "-d", "-f", "-q")
            _git(fresh, "pack-refs", "--all")
            fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return Made(folder, int(_git(folder, "rev-list", "--count", "--all")))


def _files(chance: random.Random) -> list[Grown]:
    folder, _ = tree()
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= _LONGEST)
    grown = []
    for number, path in enumerate(chance.sample(paths, min(FILES, len(paths)))):
        lines = path.read_bytes().splitlines(keepends=True)
        begun = len(lines) // 5
        grown.append(Grown(f"src{number % 23}/{number}-{path.name}", lines[:begun], lines[begun:]))
    return grown


def _stream(files: list[Grown], chance: random.Random) -> Iterator[bytes]:
    made = _Stream()
    tip = made.commit("main", [], [_modify(file) for file in files])
    while made.mark < COMMITS:
        if chance.random() < 0.05:
            tip = _branch(made, files, chance, tip)
        else:
            tip = made.commit("main", [tip], _changes(made.mark, files, chance))
        yield from made.parts
        made.parts.clear()


def _branch(made: _Stream, files: list[Grown], chance: random.Random, tip: int) -> int:
    """A few commits on a branch while main goes on with other files, and their merge, which has both sides' files."""
    half = len(files) // 2
    side, ours = tip, tip
    touched: list[bytes] = []
    for _ in range(chance.randint(1, 6)):
        changes = _changes(made.mark, files[half:], chance)
        touched += changes
        side = made.commit("topic", [side], changes)
        ours = made.commit("main", [ours], _changes(made.mark, files[:half], chance))
    return made.commit("main", [ours, side], touched)


def _changes(number: int, files: list[Grown], chance: random.Random) -> list[bytes]:
    changes = []
    weights = [len(file.lines) + len(file.coming) for file in files]
    for file in dict.fromkeys(chance.choices(files, weights, k=chance.choice((1, 1, 1, 2, 3)))):
        if chance.random() < 0.02:
            old = file.move(number)
            changes.append(f'R "{old}" "{file.path}"\n'.encode())
        file.step(chance)
        changes.append(_modify(file))
    return changes


def _modify(file: Grown) -> bytes:
    return f'M 100644 inline "{file.path}"\n'.encode() + _data(b"".join(file.lines))


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["git", "-C", str(folder), *arguments], input=stdin, capture_output=True, timeout=900)
    if done.returncode:
        raise AssertionError(f"git {arguments[0]}: {done.stderr.decode(errors='replace')[:400]}")
    return done.stdout
