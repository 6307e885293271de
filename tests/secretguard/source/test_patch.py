"""The new side of a patch: what it adds, where, with the lines around it."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from secretguard.source.patch import Hunk, hunks

PATCH = b"""From abc Mon Sep 17 00:00:00 2001
Subject: [PATCH] not a hunk
+not added

diff --git a/a b/a
--- a/a\t2026-01-01
+++ b/a\t2026-01-02
@@ -1,3 +10,4 @@ def f():
 stays
-goes
+comes
+comes too

@@ -20 +30,0 @@
-only goes
diff --git "a/t\\303\\251" "b/t\\303\\251"
--- /dev/null
+++ "b/t\\303\\251"
@@ -0,0 +1 @@
+++ looks like a header
\\ No newline at end of file
--
2.39.5
"""


def test_hunks() -> None:
    """Paths, lines and what is added; what only goes is no hunk; an empty line may have lost its blank."""
    assert list(hunks(PATCH)) == [
        Hunk("a", 10, b"stays\ncomes\ncomes too\n", frozenset({1, 2})),
        Hunk("té", 1, b"++ looks like a header", frozenset({0})),
    ]


LINES = st.lists(st.sampled_from(["a", "b", "", "+++ x", "--- y", "@@ -1 +1 @@", "\\ z"]), max_size=20)


@given(LINES, LINES, st.integers(0, 3))
def test_any_unified_diff(old: list[str], new: list[str], context: int) -> None:
    """Every line that a diff adds is in a hunk, at its number in the new file, whatever lines look like."""
    patch = "\n".join(difflib.unified_diff(old, new, "a/f", "b/f", n=context, lineterm="")).encode()
    added = []
    for hunk in hunks(patch):
        lines = hunk.text.decode().split("\n")
        assert lines == new[hunk.line - 1 : hunk.line - 1 + len(lines)]
        added += [hunk.line - 1 + number for number in sorted(hunk.added)]
    matched = difflib.SequenceMatcher(None, old, new).get_opcodes()
    assert added == [n for tag, _, _, low, high in matched if tag in ("insert", "replace") for n in range(low, high)]


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """What is no patch has no hunks, or some; it is never an error."""
    list(hunks(data))
    list(hunks(b"+++ b/x\n@@ -0,0 +1,9 @@\n" + data))
