"""The scan of what is inside archives, level by level. A member's path is `archive!member`, nested `!` again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secretguard.report.located import Scan, Skipped
from secretguard.source.archive import DEPTH, Budget, Damaged, Read, TooMuch, members

if TYPE_CHECKING:
    from secretguard.pipeline import Scanner

BETWEEN = "!"


@dataclass(frozen=True, slots=True)
class Inside:
    """How deep a stream lies in an outermost archive, and what that archive may still unpack to."""

    depth: int
    budget: Budget


def scan_archive(
    scanner: Scanner,
    path: str,
    kind: str,
    head: bytes,
    read: Read,
    size: int,
    inside: Inside | None,
    fd: int | None = None,
) -> Scan:
    """Scan the members of the archive `path` (of `size` bytes, 0: unknown) that starts with `head`.

    What cannot be read or is beyond a bound is in the result's `skipped`; what came before it stands. `fd` is the
    archive as a file that can be sought in, where it is one.
    """
    here = inside or Inside(0, Budget(size))
    if here.depth >= DEPTH:
        return Scan(skipped=[Skipped(path, f"nested more than {DEPTH} levels deep", size)])
    scan = Scan()
    below = Inside(here.depth + 1, here.budget)
    try:
        for member in members(kind, head, read, here.budget, fd):
            name = f"{path}{BETWEEN}{member.name}" if member.name else path
            if not member.problem:
                scan.add(scanner.stream(name, member.read, member.size, below))
            if member.problem:
                scan.skipped.append(Skipped(name, member.problem, member.size))
    except Damaged as error:
        scan.skipped.append(Skipped(path, f"{kind} archive: {error}", size))
    except TooMuch as error:
        if inside is not None:
            raise
        scan.skipped.append(Skipped(path, f"{kind} archive: {error}; the rest is not scanned", size))
    return scan
