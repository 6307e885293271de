"""A project's own layer: `.secretguard/policy` as the protected branch has it, read from git's objects. Not hot.

Never the work tree, which the agent may edit. Links and submodules are not followed: a link's blob is its target's
name, and what is no plain file there is a fault. Sizes are known before anything is read; git is asked as one that
nobody vouches for (`worktree/git.py`), with a deadline.
"""

from __future__ import annotations

import dataclasses
import os
import time

from secretguard.policy.kept import bounded
from secretguard.policy.layers import stamp
from secretguard.policy.source import EXAMPLES, FACTS, MAX_SOURCE, REPOSITORY, RULES, Source
from secretguard.worktree.git import Git, GitFailed

FOLDER = ".secretguard/policy"
REFS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
"""The protected branch, where the base's facts name no other: the first that exists."""

DEADLINE_S = 1.5
"""For all questions together; a hook has four seconds."""

_PLAIN = ("100644", "100755")
_LONGEST_POINTER = 4096
_LONGEST_PACKED_REFS = 16 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What a look at a project gave: its layer or None, why there is none, what to watch (path, stamp), and the git
    directory that the layer belongs to ("" outside of a repository)."""

    source: Source | None
    why: str
    watch: tuple[tuple[str, str], ...]
    anchor: str


def look(project: str, ref: str = "") -> Found:
    """The layer of the repository that `project` (absolute, links resolved) is in. `ref`: another than REFS.

    What cannot be told is a Source with a fault. Raises nothing.
    """
    dot_git, directory = git_directory(project)
    if not directory:
        return Found(None, "not in a git repository", ((dot_git, stamp(dot_git)),), "")
    shared = _shared(directory)
    refs = (ref,) if ref else REFS
    paths = [dot_git, *(os.path.join(shared, name) for name in ("packed-refs", "reftable/tables.list", *refs))]
    watch = [(path, stamp(path)) for path in paths]  # before the look: what moves meanwhile is seen the next time
    if not _may_exist(shared, refs):
        return Found(None, f"it has no {' or '.join(refs)}", tuple(watch), shared)
    git = _Questions(Git(project, time.monotonic() + DEADLINE_S), shared)
    try:
        name, commit, target = git.tip(refs)
        if target:
            watch.append((os.path.join(shared, target), stamp(os.path.join(shared, target))))
        if not commit:
            return Found(None, f"it has no {' or '.join(refs)}", tuple(watch), shared)
        place = f"{name.removeprefix('refs/remotes/')}@{commit[:12]}:{FOLDER}"
        source = _layer(git, commit, place)
    except GitFailed as error:
        fault = f"{shared}: the policy of its protected branch cannot be read: {error}"
        return Found(
            Source(REPOSITORY, shared, None, None, fault, "run `git fetch` and `git fsck` there"),
            "",
            tuple(watch),
            shared,
        )
    return Found(source, "" if source else f"{name} has no {FOLDER}", tuple(watch), shared)


def git_directory(project: str) -> tuple[str, str]:
    """(the nearest `.git` at or above `project`, the git directory that it is or points to); ("PROJECT/.git", "")
    where there is none."""
    folder = project
    while True:
        dot_git = os.path.join(folder, ".git")
        if os.path.isdir(dot_git):
            return dot_git, dot_git
        pointer = _line(dot_git)
        if pointer.startswith("gitdir: "):
            directory = os.path.join(folder, pointer.removeprefix("gitdir: "))
            return dot_git, os.path.realpath(directory) if _is_folder(directory) else ""
        if folder in ("/", ""):
            return os.path.join(project, ".git"), ""
        folder = os.path.dirname(folder)


class _Questions:
    """Questions to one git directory. Raises GitFailed."""

    def __init__(self, git: Git, directory: str) -> None:
        self._git, self._directory = git, directory

    def ask(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> bytes:
        try:
            return self._git.ask(self._directory, f"--git-dir={self._directory}", *arguments, accept=accept)[0]
        except OSError as error:
            raise GitFailed(f"git cannot be started: {error.strerror}") from None

    def tip(self, refs: tuple[str, ...]) -> tuple[str, str, str]:
        """(name, commit, what the name stands for where it is symbolic) of the first of `refs` that is there."""
        for name in refs:
            commit = self.ask("rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}", accept=(0, 1))
            if commit:
                target = self.ask("symbolic-ref", "-q", name, accept=(0, 1)).decode("utf-8", "surrogateescape")
                return name, commit.decode("ascii").strip(), target.strip()
        return refs[0], "", ""


def _layer(git: _Questions, commit: str, place: str) -> Source | None:
    """The files at `commit`; what stands in their place and is none of ours is a fault. Raises GitFailed."""
    texts: dict[str, bytes] = {}
    for mode, _, name, size, path in _entries(git, commit, *(f"{FOLDER}/{file}" for file in (RULES, FACTS, EXAMPLES))):
        file = os.path.basename(path)
        if mode not in _PLAIN:
            return _other(place, path, mode)
        if not size.isdigit():
            raise GitFailed(f"{path} is not among its objects")
        if int(size) > MAX_SOURCE:
            return Source(REPOSITORY, place, None, None, f"{place}/{file}:1: larger than {MAX_SOURCE} bytes")
        texts[file] = git.ask("cat-file", "blob", name)
    if RULES in texts or FACTS in texts:
        source = Source(REPOSITORY, place, texts.get(RULES), texts.get(FACTS))
        source.examples = texts.get(EXAMPLES)
        return source
    for folder in (os.path.dirname(FOLDER), FOLDER):
        for mode, kind, _, _, path in _entries(git, commit, folder):
            if kind != "tree":
                return _other(place, path, mode)
    return None


def _entries(git: _Questions, commit: str, *paths: str) -> list[tuple[str, str, str, str, str]]:
    """(mode, kind, object, size, path) of what `commit` has at exactly these paths. Raises GitFailed."""
    rows = git.ask("ls-tree", "-z", "-l", "--full-tree", commit, "--", *paths).split(b"\0")[:-1]
    described = (row.decode("utf-8", "surrogateescape").partition("\t") for row in rows)
    return [(*words.split(), path) for words, _, path in described if path in paths]  # type: ignore[misc]


def _other(place: str, path: str, mode: str) -> Source:
    what = {"120000": "a link", "160000": "a submodule", "040000": "a folder"}.get(mode, "a plain file")
    fault = f"{place.partition(':')[0]}:{path}:1: is {what}, which is not followed"
    return Source(REPOSITORY, place, None, None, fault, "put plain files there")


def _shared(directory: str) -> str:
    """The directory that all work trees of a repository share (gitrepository-layout(5), `commondir`)."""
    pointer = _line(os.path.join(directory, "commondir"))
    return os.path.realpath(os.path.join(directory, pointer)) if pointer else directory


def _may_exist(shared: str, refs: tuple[str, ...]) -> bool:
    """Whether git is worth asking: most repositories that were never cloned need no process to say so."""
    if os.path.lexists(os.path.join(shared, "reftable")):
        return True
    if any(os.path.lexists(os.path.join(shared, ref)) for ref in refs):
        return True
    try:
        packed = bounded(os.path.join(shared, "packed-refs"), _LONGEST_PACKED_REFS)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True  # cannot be told here
    return any(f" {ref}\n".encode() in packed for ref in refs)


def _is_folder(path: str) -> bool:
    try:
        return os.path.isdir(path)
    except ValueError:  # a NUL in it
        return False


def _line(path: str) -> str:
    """The one line of a small file, "" where there is none."""
    try:
        return bounded(path, _LONGEST_POINTER).decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return ""
