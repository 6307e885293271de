"""What stands round a finding, with every secret in it masked.

The file is read and scanned anew for each look: lines move, and an editor may have been at it. Where the scan cannot
vouch for every secret of the file (it is too long, it has too many findings), nothing of it is shown.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass

from secretguard.pipeline import Scanner
from secretguard.report.located import Located
from secretguard.secret import mask
from secretguard.source import text
from secretguard.source.files import Unreadable, open_file
from secretguard.terminal import printable

LARGEST = 8 * 1024 * 1024
"""Bytes of a file that is shown."""

LONGEST_LINE = 4096
"""Characters of a line that are kept, round the finding."""

SHORTEST = 6
"""Characters of a secret that is masked wherever it stands in a line; a shorter one only where it was found."""


@dataclass(frozen=True, slots=True)
class Context:
    """Lines round a finding: (number, text), masked and free of control characters. `column` is where the finding
    begins in its line's text, from 0. `found` is the finding as it is now, None when it is gone; `reason` says why
    there are no lines."""

    lines: tuple[tuple[int, str], ...] = ()
    column: int = 0
    found: Located | None = None
    reason: str = ""


def look(scanner: Scanner, finding: Located, around: int, secrets: tuple[str, ...] = ()) -> Context:
    """The lines round `finding`, `around` before and after. `secrets` are values found elsewhere, masked here too."""
    try:
        data = _read(finding.path)
    except Unreadable as error:
        inside = "!" in finding.path and not os.path.lexists(finding.path)
        return Context(found=finding if inside else None, reason="inside an archive" if inside else error.reason)
    if data is None:
        return Context(found=finding, reason=f"the file is longer than {LARGEST >> 20} MiB")
    scan = scanner.stream(finding.path, io.BytesIO(data).read, len(data))
    here = _again(scan.findings, finding)
    if here is None:
        return Context(reason="it is no longer in the file")
    if scan.skipped:
        return Context(found=here, reason=f"not all of it could be scanned: {scan.skipped[0].reason}")
    lines, number, column = _masked(data, scan.findings, here)
    first = max(0, number - around)
    known = {value for one in scan.findings for value in one.secret.reveal().splitlines()} | set(secrets)
    shown = []
    for place in range(first, min(len(lines), number + around + 1)):
        at = column if place == number else 0
        before, after = _without(lines[place][:at], known), _without(lines[place][at:], known)
        line, at = _cut(before + after, len(before))
        column = at if place == number else column
        shown.append((here.line - number + place, line))
    return Context(tuple(shown), column, here)


def _read(path: str) -> bytes | None:
    """A file as text in UTF-8; None when it is too long. Raises Unreadable."""
    fd, _ = open_file(path)
    with os.fdopen(fd, "rb") as file:
        try:
            data = file.read(LARGEST + 1)
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        return None
    kind = text.kind(data)
    if kind == text.BINARY:
        raise Unreadable("binary")
    return data if kind == text.BYTES else data.decode(kind, "replace").encode("utf-8", "replace")


def _again(found: list[Located], wanted: Located) -> Located | None:
    """The same secret under the same rule, in the nearest line."""
    same = [one for one in found if (one.rule_id, one.fingerprint) == (wanted.rule_id, wanted.fingerprint)]
    return min(same, key=lambda one: abs(one.line - wanted.line), default=None)


def _masked(data: bytes, found: list[Located], here: Located) -> tuple[list[str], int, int]:
    """All lines with masks for secrets; in which of them `here` begins (from 0), and at which character."""
    parts: list[str] = []
    reached = number = column = 0
    for one in sorted(found, key=lambda one: (one.start_offset, -one.end_offset)):
        if one.end_offset <= reached:
            if one is here:  # within one that is masked already
                number, column = _place(parts)
            continue
        parts.append(_shown(data[reached : max(reached, one.start_offset)]))
        if one is here:
            number, column = _place(parts)
        value = data[one.start_offset : one.end_offset]
        parts.append(mask(value.decode("utf-8", "backslashreplace")) + "\n" * value.count(b"\n"))
        reached = one.end_offset
    parts.append(_shown(data[reached:]))
    return "".join(parts).split("\n"), number, column


def _place(parts: list[str]) -> tuple[int, int]:
    before = "".join(parts)
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def _shown(data: bytes) -> str:
    plain = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").replace("\t", "    ")
    return "\n".join(printable(line) for line in plain.split("\n"))


def _cut(line: str, column: int) -> tuple[str, int]:
    """A piece of a long line round `column`, and where that is in it."""
    start = max(0, column - LONGEST_LINE // 2) if len(line) > LONGEST_LINE else 0
    return line[start : start + LONGEST_LINE], column - start


def _without(line: str, secrets: set[str]) -> str:
    for value in sorted(secrets, key=len, reverse=True):
        if len(value) >= SHORTEST and value in line:
            line = line.replace(value, mask(value))
    return line


def secrets_of(found: list[Located]) -> tuple[str, ...]:
    """The values of findings, for `look`."""
    return tuple({one.secret.reveal() for one in found})
