"""Pieces of a diff: wherever the stream is cut, a line has the same place."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.source import git_history as module
from secretguard.source.git import Git
from secretguard.source.git_history import Piece, _pieces, commits, diffs, is_revision, unquoted
from tests.secretguard.history.repository import Repository

STREAM = b"""\x01c1
diff --git a/one b/one
index aaa..bbb 100644
--- a/one
+++ b/one
@@ -3 +4,2 @@ context
-gone
+first
+second
@@ -9,0 +12 @@
+
+third
PADDING\\ No newline at end of file
diff --git a/two b/two
new file mode 100644
index 000..ccc
--- /dev/null
+++ "b/t\\303\\251 o"
@@ -0,0 +1,2 @@
+x
+fourth
\x01c2
diff --git a/pic b/pic
index aaa..ddd 100644
Binary files a/pic and b/pic differ
\x01c3
diff --cc one
index aaa,bbb..eee
--- a/one
+++ b/one
@@@ -1,2 -1,2 +7,3 @@@
- old
 +theirs
++fifth
diff --git a/gone b/gone
deleted file mode 100644
index aaa..000
Binary files a/gone and /dev/null differ
""".replace(b"PADDING", b"+x\n" * 100 + b"+late\n" + b"+\n" * 100 + b"+later\n")
EXPECTED = {
    b"first": ("c1", "one", "bbb", 4), b"second": ("c1", "one", "bbb", 5), b"third": ("c1", "one", "bbb", 13),
    b"late": ("c1", "one", "bbb", 114), b"later": ("c1", "one", "bbb", 215),
    b"fourth": ("c1", "té o", "ccc", 2), b"fifth": ("c3", "one", "eee", 8),
    b"gone": None, b"theirs": None, b"context": None, b"old": None,
}  # fmt: skip


def pieces(stream: bytes, step: int) -> list[Piece]:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(stream)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_READ", step)
            return list(_pieces(reading, step))
    finally:
        writer.join()
        os.close(reading)


@pytest.mark.parametrize("step", [*range(170, 200), 300, 401, 4096])
def test_places_do_not_depend_on_the_cut(step: int) -> None:
    """Commit, path, blob and line of what was added; nothing for what was removed or came from a parent.

    Cuts within a header do not happen: it is shorter than a step.
    """
    found = {}
    for piece in pieces(STREAM, step):
        for word in EXPECTED:
            at = piece.data.find(word)
            while at >= 0:
                if (
                    piece.data[at - 1 : at] in (b"+", b"-", b" ")
                    and piece.data[at + len(word) : at + len(word) + 1] != b"r"
                ):
                    place = piece.place(at)
                    found[word] = place and (place.commit, place.path, place.blob, place.line)
                at = piece.data.find(word, at + 1)
    assert found == EXPECTED
    binaries = [(p.commit, p.path, p.blob) for piece in pieces(STREAM, step) for p in piece.binaries()]
    assert binaries == [("c2", "pic", "ddd")]


@given(st.integers(1, 400))
def test_pieces_are_the_stream(step: int) -> None:
    """Nothing is lost or doubled at a cut."""
    assert b"".join(piece.data for piece in pieces(STREAM, step)) == b"\n" + STREAM


def test_a_line_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line over the cap is cut; its rest has no place, and the line after it has the right one."""
    monkeypatch.setattr("secretguard.source.git_history.LONGEST_LINE", 100_000)
    head = b"\x01c1\ndiff --git a/x b/x\nindex a..b\n--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n"
    parts = pieces(head + b"+" + b"z" * 500_000 + b"rest\n+next\n", 64)
    assert len(parts) > 2
    assert all(len(part.data) < 300_000 for part in parts)
    [rest] = [part for part in parts if b"rest" in part.data]
    assert rest.place(rest.data.index(b"rest")) is None
    last = parts[-1] if b"next" in parts[-1].data else rest
    place = last.place(last.data.index(b"next"))
    assert place is not None
    assert place.line == 2


@given(st.binary(max_size=30))
def test_unquoted(name: bytes) -> None:
    """git's quoting of a path is undone exactly; a name without quotes stays."""
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in name) + b'"'
    assert unquoted(quoted) == name
    assert unquoted(b"plain\\name") == b"plain\\name"
    assert unquoted(rb'"a\tb\"c\\d\n"') == b'a\tb"c\\d\n'


def test_options_are_not_revisions(tmp_path: Path) -> None:
    """A range that is an option of git is refused; one that git does not know is an error in git's words."""
    repo = Repository(tmp_path / "repo")
    repo.commit("a", "x\n")
    git = Git(str(repo.path))
    with pytest.raises(ConfigError, match="is an option of git"):
        commits(git, ["--output=/tmp/x"])
    with pytest.raises(ConfigError, match="nonsense"):
        commits(git, ["nonsense"])
    assert is_revision(git, "main")
    assert not is_revision(git, "nonsense")
    assert not is_revision(git, "--all")


def test_an_empty_repository(tmp_path: Path) -> None:
    """No commit, no diff, no error."""
    git = Git(str(Repository(tmp_path / "repo").path))
    listing = commits(git)
    assert listing.commits == []


def test_since(tmp_path: Path) -> None:
    """Only commits after the date; only what earlier tips do not reach."""
    repo = Repository(tmp_path / "repo")
    first = repo.commit("a", "x\n")
    for number in range(3):
        repo.commit("a", f"{number}\n")
    git = Git(str(repo.path))
    listing = commits(git)
    assert listing.since(git, [first]) == listing.commits[:3]
    assert listing.since(git, ["0" * 40]) == listing.commits
    assert len(commits(git, since="2026-01-01T00:05:30Z").commits) == 3
    assert [piece.last_commit() for piece in diffs(git, listing.commits)] == [first]
