"""Which files a project has now, with what lstat(2) says of each: by git where there is a repository, else by a walk.

git names the tracked and the untracked files and leaves out what is ignored; their state is read here and not by
`git status`, which would run the repository's own filters to compare contents. Of what is ignored, single files are
looked at (a `.env` is one), folders are counted. Of a `.git` folder the files that make git run something are looked
at: its configuration and hooks. Links are not followed, other file systems not entered.
"""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from secretguard.worktree.git import Git, GitFailed
from secretguard.worktree.snapshot import Row

MOST_FILES = 150_000
MOST_IGNORED = 2_000
MOST_REPOSITORIES = 30
MOST_HOOKS = 200
GIT_SECONDS = 20.0
_SKIPPED = frozenset({".git", ".hg", ".svn", ".tox", ".venv", "__pycache__", "node_modules"})
"""Folders that a walk counts and does not enter: a repository's own, and what tools fill."""
_CALLED = ("config", "config.worktree", "info/attributes", "info/exclude")


@dataclass
class Listing:
    """`files` by path from the project, rows without digests; those of them that git ignores; what was left out.

    `gaps` says in words why something may not have been seen. `means` is "git", "walk" or both.
    """

    files: dict[str, Row] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    ignored_folders: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    means: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)

    def gap(self, why: str) -> None:
        """Note that something was not seen; each reason once."""
        if why not in self.gaps:
            self.gaps.append(why)


class _Full(Exception):
    """The project has more files than are looked at, or takes too long."""


class _Lister:
    def __init__(self, project: str, deadline: float) -> None:
        self.found = Listing()
        self._project = project
        self._deadline = deadline
        self._git = Git(project, min(deadline, time.monotonic() + GIT_SECONDS))
        self._device = os.lstat(project).st_dev
        self._pending = [""]
        self._repositories = 0

    def run(self) -> None:
        """List the project and, one after the other, the repositories inside of it."""
        while self._pending:
            prefix = self._pending.pop()
            if self._has_git(prefix) and self._repositories < MOST_REPOSITORIES:
                self._repositories += 1
                try:
                    self._by_git(prefix)
                    continue
                except GitFailed as problem:
                    self.found.gap(f"{problem}; the folder was walked instead")
            elif self._has_git(prefix):
                self.found.gap(f"more than {MOST_REPOSITORIES} repositories; the others were walked")
            self._walk(prefix)

    def _has_git(self, prefix: str) -> bool:
        """Whether a repository is here; for the project itself also above it."""
        folder = self._path(prefix)
        while not os.path.lexists(os.path.join(folder, ".git")):
            if prefix or folder == "/":
                return False
            folder = os.path.dirname(folder)
        return True

    def _path(self, name: str) -> str:
        return os.path.join(self._project, name) if name else self._project

    def _by_git(self, prefix: str) -> None:
        here = self._path(prefix)
        ceiling = os.path.dirname(here) if prefix else ""

        def ask(*arguments: str, accept: tuple[int, ...] = (0,)) -> bytes:
            said, warned = self._git.ask(here, *arguments, accept=accept, ceiling=ceiling)
            if warned:
                self.found.gap("git could not read every folder")
            return said

        asked = ("--show-toplevel", "--git-dir", "--git-common-dir")
        top, *places = ask("rev-parse", "--path-format=absolute", *asked).split(b"\n")
        if not f"{os.path.realpath(here)}/".startswith(f"{os.path.realpath(os.fsdecode(top)).rstrip('/')}/"):
            raise GitFailed("the repository's work tree is elsewhere")  # its names would be those of other files
        listed = ask("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        ignored = ask("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
        head = ask("rev-parse", "-q", "--verify", "HEAD", accept=(0, 1))
        self.found.means.add("git")
        self.found.heads[prefix] = head.decode("ascii", "replace").strip()
        self._add(os.path.join(prefix, name) for name in _names(listed))
        self._add_ignored(prefix, _names(ignored))
        self._add(self._called(places))

    def _add(self, names: Iterable[str]) -> None:
        for name in names:
            row = self._row(name)
            if row is None:
                continue
            if stat.S_ISDIR(row.mode):
                self._nested(name)
            elif name not in self.found.files:
                self._keep(name, row)

    def _add_ignored(self, prefix: str, names: list[str]) -> None:
        single = [os.path.join(prefix, name) for name in names if not name.endswith("/")]
        self.found.ignored_folders += len(names) - len(single)
        if len(single) > MOST_IGNORED:
            self.found.gap(f"more than {MOST_IGNORED} ignored files")
        for name in single[:MOST_IGNORED]:
            row = self._row(name)
            if row is not None and not stat.S_ISDIR(row.mode):
                self._keep(name, row)
                self.found.ignored.add(name)

    def _called(self, places: list[bytes]) -> Iterable[str]:
        """The files of git's own folders that make git run or hide something."""
        for folder in dict.fromkeys(os.fsdecode(place) for place in places if place.startswith(b"/")):
            yield from (self._short(os.path.join(folder, name)) for name in _CALLED)
            try:
                with os.scandir(os.path.join(folder, "hooks")) as entries:
                    listed = list(itertools.islice(entries, MOST_HOOKS + 1))
            except OSError:
                continue
            if len(listed) > MOST_HOOKS:
                self.found.gap(f"more than {MOST_HOOKS} hooks of git")
            yield from (self._short(entry.path) for entry in listed if not entry.name.endswith(".sample"))

    def _short(self, path: str) -> str:
        return path.removeprefix(f"{self._project}/")

    def _nested(self, name: str) -> None:
        """A repository inside: git names it and does not look into it."""
        if os.path.isabs(name):
            return
        if os.lstat(self._path(name)).st_dev != self._device:
            self.found.gap("another file system is mounted inside")
        else:
            self._pending.append(name.rstrip("/"))

    def _row(self, name: str) -> Row | None:
        try:
            info = os.lstat(self._path(name))
        except (FileNotFoundError, NotADirectoryError):
            return None  # tracked and deleted, or gone since it was listed
        except OSError:
            self.found.gap("some files could not be looked at")
            return None
        return _row_of(info)

    def _keep(self, name: str, row: Row) -> None:
        if len(self.found.files) >= MOST_FILES:
            raise _Full(f"more than {MOST_FILES} files")
        if not len(self.found.files) % 1000 and time.monotonic() > self._deadline:
            raise _Full("the files could not be listed in time")
        self.found.files[name] = row

    def _walk(self, prefix: str) -> None:
        self.found.means.add("walk")
        folders = [prefix]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(self._path(folder)) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                self.found.gap("some folders could not be read")
                continue
            for entry in listed:
                name = os.path.join(folder, entry.name)
                row = self._row(name)
                if row is None:
                    continue
                if not stat.S_ISDIR(row.mode):
                    self._keep(name, row)
                elif entry.name in _SKIPPED:
                    self.found.ignored_folders += 1
                elif os.path.lexists(os.path.join(entry.path, ".git")) or os.path.ismount(entry.path):
                    self._nested(name)
                else:
                    folders.append(name)


def listing(project: str, deadline: float) -> Listing:
    """The files of `project` (absolute, links resolved). `deadline` is of time.monotonic().

    What could not be seen is among the gaps. Raises OSError where there is no such folder.
    """
    lister = _Lister(project, deadline)
    try:
        lister.run()
    except _Full as problem:
        lister.found.gap(str(problem))
    return lister.found


def _names(answer: bytes) -> list[str]:
    return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def _row_of(info: os.stat_result) -> Row:
    return Row(info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
