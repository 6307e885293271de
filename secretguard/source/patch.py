"""What a patch would add: `git diff`, `git format-patch`, `diff -u`. Each hunk as the text that would be in the file.

Lines that stay are there for their context; only what is added is told. A hunk is what the patch itself says, and not
what a file on this disk holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from secretguard.source.git_history import unquoted

LARGEST = 256 * 1024 * 1024
"""Bytes of one patch."""

_HUNK = re.compile(rb"@@ -\d{1,9}(?:,\d{1,9})? \+(\d{1,9})(?:,(\d{1,9}))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """The new side of one hunk: `text` without the marks, from line `line` of `path`; `added` are the numbers of the
    lines of `text`, from 0, that the patch adds."""

    path: str
    line: int
    text: bytes
    added: frozenset[int]


def hunks(patch: bytes) -> Iterator[Hunk]:
    """Every hunk that adds something, in order. Text between patches (mails, commit messages) is no hunk."""
    path, lines, at = "", patch.split(b"\n"), 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(b"+++ "):
            path = _path(line[4:])
        started = _HUNK.match(line)
        at += 1
        if started:
            end, hunk = _hunk(path, int(started[1]), int(started[2] or 1), lines, at)
            at = end
            if hunk.added:
                yield hunk


def _hunk(path: str, line: int, length: int, lines: list[bytes], at: int) -> tuple[int, Hunk]:
    """The place after a hunk of `length` new lines that starts at `lines[at]`, and the hunk."""
    text: list[bytes] = []
    added = set()
    while at < len(lines) and len(text) < length:
        mark, content = lines[at][:1], lines[at][1:]
        if mark == b"+":
            added.add(len(text))
        elif mark in (b"-", b"\\"):
            at += 1
            continue
        elif mark not in (b" ", b""):  # a mailer may have taken the blank of an empty line
            break
        text.append(content)
        at += 1
    return at, Hunk(path, line, b"\n".join(text), frozenset(added))


def _path(name: bytes) -> str:
    """The path of a `+++` line: no time stamp, no quotes, no `b/`."""
    plain = unquoted(name.split(b"\t", 1)[0].rstrip(b"\r"))
    return plain.removeprefix(b"b/").decode("utf-8", "surrogateescape")
