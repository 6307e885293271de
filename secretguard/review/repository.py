"""Questions to one git repository, asked of git itself: every call has a deadline and an output cap.

In a `pre-receive` hook the pushed objects are still in quarantine (githooks(5)); the environment that git gave the
hook is what makes them visible, so it is passed on unchanged.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from secretguard.errors import GuardError

ZERO = re.compile(r"^0+$")
_OID = re.compile(r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")
DEADLINE_S = 60
MAX_COMMITS = 20_000
MAX_OUTPUT_BYTES = 64 * 1024 * 1024


def is_zero(oid: str) -> bool:
    """True for the all-zero object id by which git says "does not exist"."""
    return bool(ZERO.match(oid))


def is_oid(text: str) -> bool:
    """True for a full SHA-1 or SHA-256 object id in lower-case hexadecimal."""
    return bool(_OID.match(text))


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository by its git directory. Raises GuardError when git fails, answers too much or too late."""

    path: str

    def git(self, *arguments: str, stdin: bytes = b"", accept: tuple[int, ...] = (0,)) -> bytes:
        """Standard output of `git ARGUMENTS`. Exit codes outside of `accept` are an error."""
        command = ["git", "--git-dir", self.path, *arguments]
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, timeout=DEADLINE_S, check=False)
        except FileNotFoundError:
            raise GuardError("git was not found", "install git and try again") from None
        except subprocess.TimeoutExpired:
            raise GuardError(f"git {arguments[0]} took longer than {DEADLINE_S} s") from None
        if done.returncode not in accept:
            said = done.stderr.decode("utf-8", "replace").strip()[-2000:]
            raise GuardError(f"git {arguments[0]} failed: {said or done.returncode}")
        if len(done.stdout) > MAX_OUTPUT_BYTES:
            raise GuardError(f"git {arguments[0]} answered more than {MAX_OUTPUT_BYTES} bytes")
        return done.stdout

    def text(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> str:
        """Like `git`, as stripped text."""
        return self.git(*arguments, accept=accept).decode("utf-8", "surrogateescape").strip()

    def config(self, key: str) -> list[str]:
        """All values of one configuration key of this repository alone, not of the user or the system."""
        return self.text("config", "--local", "--get-all", key, accept=(0, 1)).splitlines()

    def tree_of(self, commit: str) -> str:
        """The tree of a commit or annotated tag."""
        return self.text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    def commit_of(self, name: str) -> str:
        """The commit that a ref, tag or id stands for."""
        return self.text("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")

    def new_commits(self, old: str, new: str) -> list[str]:
        """Commits that the update brings to the ref: reachable from `new` and not from `old` (all, for a new ref)."""
        bound = [] if is_zero(old) else [f"^{old}"]
        listed = self.text("rev-list", f"--max-count={MAX_COMMITS + 1}", "--end-of-options", new, *bound).split()
        if len(listed) > MAX_COMMITS:
            raise GuardError(f"more than {MAX_COMMITS} commits in one update", "push them in smaller steps")
        return listed

    def touched_paths(self, old: str, new: str) -> list[str]:
        """Every path that the update changes, sorted.

        The union of the net difference (which sees a rollback) and of each new commit's own changes (which sees a
        change that a later commit takes back); merges by what differs from all parents (`-c`, an evil merge).
        """
        paths: set[str] = set()
        if is_zero(old):
            paths.update(_split(self.git("ls-tree", "-r", "-z", "--name-only", new)))
        else:
            paths.update(_split(self.git("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)))
        commits = "\n".join(self.new_commits(old, new)).encode()
        each = ["diff-tree", "--stdin", "--root", "-r", "-c", "-z", "--name-only", "--no-renames", "--no-commit-id"]
        paths.update(_split(self.git(*each, stdin=commits)))
        return sorted(paths)

    def people(self, old: str, new: str) -> frozenset[str]:
        """Author and committer addresses of the new commits, in lower case."""
        bound = [] if is_zero(old) else [f"^{old}"]
        listed = self.text("log", f"--max-count={MAX_COMMITS}", "--format=%ae%n%ce", new, *bound)
        return frozenset(line.strip().lower() for line in listed.splitlines() if line.strip())

    def blob(self, name: str, limit: int) -> bytes:
        """The bytes of a blob by ref, id or `commit:path`. Raises GuardError when it is larger than `limit` bytes."""
        size = int(self.text("cat-file", "-s", name))
        if size > limit:
            raise GuardError(f"{name} is larger than {limit} bytes")
        return self.git("cat-file", "blob", name)

    def exists(self, name: str) -> bool:
        """True when `name` resolves to an object."""
        return bool(self.text("rev-parse", "--verify", "--quiet", "--end-of-options", name, accept=(0, 1, 128)))

    def refs(self, pattern: str) -> list[str]:
        """Names of the refs below `pattern`, sorted."""
        return self.text("for-each-ref", "--format=%(refname)", pattern).splitlines()


def _split(listing: bytes) -> Iterable[str]:
    return (name.decode("utf-8", "surrogateescape") for name in listing.split(b"\0") if name)
