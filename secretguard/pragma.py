"""Pragmas: comments by which a person accepts what stands on a line, on the next line, or in a block of lines.

    key = "..."  # pragma: allowlist secret

    # pragma: allowlist nextline secret
    key = "..."

    # pragma: allowlist begin secret
    ...
    # pragma: allowlist end secret

The first two are those of detect-secrets (`whitelist` is its older word). Known beside them, with the meaning that
their tools document: on a line `gitleaks:allow`, `betterleaks:allow`, `trufflehog:ignore`, `kingfisher:ignore`,
`kingfisher:allow`, `ggignore` and `secretlint-disable-line`; before one `secretlint-disable-next-line`. A comment of
secretlint that names rules is not: it leaves the others in force. `nosec`, `noqa` and the like say nothing about
secrets. No peer has a block under our name. A block that is never closed accepts nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from secretguard.source.window import Window
from secretguard.terminal import printable

MOST_BLOCKS = 10_000
"""Blocks of one stream; what is in later ones is not accepted."""
MOST_NOTES = 20
"""Notes on blocks of one stream."""

_LINE = 16 * 1024
_HINT = b"allowlist"
_YAML = (".yaml", ".yml")
_COMMENT = rb"(?:#|//|\*|'|--(?:\[\[)?|<!--|;|%|\{-|\"|!|::|\brem |\bdnl |\[//\]: # \()[ \t]{0,8}"
"""Shells, C, blocks of C and OCaml, Visual Basic, SQL and Lua, XML and Markdown, INI and Lisp, TeX, Haskell, Vim,
Fortran, batch files twice, m4, Markdown without HTML; Jinja, Handlebars, PowerShell and JSP end in one of them."""
_ON_LINE = (
    rb"(?:pragma: ?(?:allow|white)list[ -]secret|(?:secretguard|gitleaks|betterleaks):allow|trufflehog:ignore"
    rb"|kingfisher:(?:allow|ignore)|ggignore(?!-)|secretlint-disable-line(?!-|[ \t]{1,9}@))\b"
)
_ALONE = rb"(?:pragma: ?allowlist[ -](nextline|begin|end)[ -]secret|secretlint-disable-next-line(?!-|[ \t]{1,9}@))\b"
_BEFORE = b" \t#/;%-*'\"<!:{(\xef\xbb\xbf"
"""What may stand before a pragma that is alone on its line: its comment's other characters, a byte order mark."""


def _compiled(pragma: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The pragma in any comment, and in that of YAML, where only `#` begins one."""
    return re.compile(_COMMENT + pragma, re.IGNORECASE), re.compile(rb"#[ \t]{0,8}" + pragma, re.IGNORECASE)


_SAME_LINE, _OWN_LINE = _compiled(_ON_LINE), _compiled(_ALONE)


def has_pragma(path: str, data: bytes, position: int) -> bool:
    """Whether the place `position` of `data` is marked as accepted: on its line, the line before, or round it."""
    if on_line(path, data, position):
        return True
    if _HINT not in data:
        return False
    blocks = Blocks(path)
    blocks.look(Window(data, 0, len(data), 0, 1, 0))
    blocks.finish()
    return blocks.hold(position, position)


def on_line(path: str, data: bytes, position: int) -> bool:
    """Whether the line of `data` that holds `position` is marked as accepted, on itself or on the line before.

    A pragma for the next line stands alone: text in front of it would hide what is accepted.
    """
    start = data.rfind(b"\n", 0, position) + 1
    end = data.find(b"\n", position)
    line = data[max(start, position - _LINE) : end if end >= 0 else len(data)][-_LINE:]
    if _SAME_LINE[path.endswith(_YAML)].search(line):
        return True
    before = data.rfind(b"\n", 0, max(0, start - 1)) + 1
    return start > 0 and _alone(path, data[before : start - 1][:_LINE]) == b"nextline"


def _alone(path: str, line: bytes) -> bytes:
    """`nextline`, `begin` or `end` where `line` is that pragma and nothing else before it; else nothing."""
    found = _OWN_LINE[path.endswith(_YAML)].search(line)
    if found is None or line[: found.start()].strip(_BEFORE):
        return b""
    return (found[1] or b"nextline").lower()


class Blocks:
    """The blocks of one stream, told window by window, for a time and memory that the stream's lines bound.

    `look` takes the windows in order, `finish` ends the stream; `hold` can then be asked. Offsets are those of the
    stream. `notes` name what a person got wrong.
    """

    def __init__(self, path: str) -> None:
        self.notes: list[str] = []
        self._path = path
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._open: tuple[int, int] | None = None  # offset after the line of `begin`, and that line's number

    def look(self, part: Window) -> None:
        """Take in the pragmas of a window's own part."""
        for word, line_start, line_end, number in _own_lines(self._path, part):
            if word == b"begin":
                self._unclosed()
                self._open = part.offset + line_end, number
            elif word == b"end" and self._open is not None:
                self._close(*self._open, part.offset + line_start)
                self._open = None

    def finish(self) -> None:
        """The stream has ended."""
        self._unclosed()

    def hold(self, start: int, end: int) -> bool:
        """Whether what lies from `start` to `end` is in a block that was closed."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]

    def __bool__(self) -> bool:
        return bool(self._starts)

    def _close(self, start: int, number: int, end: int) -> None:
        if len(self._starts) < MOST_BLOCKS:
            self._starts.append(start)
            self._ends.append(end)
        else:
            self._note(number, f"is the block after {MOST_BLOCKS} others")

    def _unclosed(self) -> None:
        if self._open is not None:
            self._note(self._open[1], "is never closed")
            self._open = None

    def _note(self, number: int, what: str) -> None:
        if len(self.notes) < MOST_NOTES:
            text = f"`pragma: allowlist begin secret` {what}: it accepts nothing"
            self.notes.append(f"{printable(self._path)}:{number}: {text}")


def _own_lines(path: str, part: Window) -> Iterator[tuple[bytes, int, int, int]]:
    """Each pragma that stands alone and begins in a window's own part: its word, where its line starts and where the
    next one does, in the window, and its line's number."""
    data, at, counted, number = part.data, part.begin, 0, part.line
    while (at := data.find(_HINT, at, part.end)) >= 0:
        start = data.rfind(b"\n", 0, at) + 1
        end = data.find(b"\n", at) + 1 or len(data)
        word = _alone(path, data[start : min(end, start + _LINE)])
        if word:
            number += data.count(b"\n", counted, start)
            counted = start
            yield word, start, end, number
        at = end
