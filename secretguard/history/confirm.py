"""From hits to findings: the whole file is scanned, which gives exact spans, blocks of several lines, pragmas.

Of one value in one file under one rule, the finding in the oldest commit stays; it is told with its author and whether
the file at HEAD still holds the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secretguard.history.hit import BINARY, WHOLE_FILE, Hit
from secretguard.pipeline import Scanner
from secretguard.report.located import Commit, Located, Scan, Skipped
from secretguard.source.git import Git
from secretguard.source.git_index import Blob, BlobReader

LARGEST_BINARY = 4 * 1024 * 1024
"""Bytes of a file that git calls binary and that is looked at all the same, for text in UTF-16."""

MEDIA = (
    ".7z", ".bmp", ".class", ".dll", ".eot", ".exe", ".gif", ".gz", ".ico", ".jar", ".jpeg", ".jpg", ".mo", ".mp3",
    ".mp4", ".otf", ".pdf", ".png", ".pyc", ".so", ".tgz", ".ttf", ".webp", ".woff", ".woff2", ".xz", ".zip",
)  # fmt: skip
"""Names of binary files that hold no text in UTF-16; they are not read for it."""

LARGEST_AT_HEAD = 64 * 1024 * 1024
"""Bytes of a file at HEAD that is searched for the value."""

Order = Mapping[str, int]
"""Commit → its place in the list of commits; larger is older."""


def oldest(hits: Iterable[Hit], order: Order) -> list[Hit]:
    """One hit of each value in a file; those that only the whole file can tell apart stay, one a blob and line."""
    kept: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        key = (hit.path, hit.rule, hit.value) if hit.value else (hit.path, hit.blob, str(hit.line))
        known = kept.get(key)
        if known is None or (order.get(hit.commit, 0), -hit.line) > (order.get(known.commit, 0), -known.line):
            kept[key] = hit
    return list(kept.values())


def confirmed(scanner: Scanner, git: Git, hits: list[Hit], order: Order, scan: Scan) -> list[Located]:
    """The findings that cover a hit, newest commit first. What cannot be read goes to `scan.skipped`."""
    files: dict[tuple[str, str], list[Hit]] = {}
    for hit in hits:
        files.setdefault((hit.path, hit.blob), []).append(hit)
    best: dict[tuple[str, str, str], tuple[Hit, Located]] = {}
    with BlobReader(git) as reader:
        for wanted in files.values():
            whole = _whole(scanner, reader, wanted[0], scan)
            for hit in wanted:
                for found in whole:
                    key = (found.path, found.rule_id, found.fingerprint)
                    if _covers(found, hit) and (key not in best or _age(order, best[key][0]) < _age(order, hit)):
                        best[key] = (hit, found)
    pairs = sorted(best.values(), key=lambda pair: (_age(order, pair[0]), pair[1].path, pair[1].start_offset))
    return _told(git, pairs)


def _age(order: Order, hit: Hit) -> int:
    return order.get(hit.commit, -1)


def _whole(scanner: Scanner, reader: BlobReader, hit: Hit, scan: Scan) -> list[Located]:
    """Every finding of the hit's file."""
    for read, size in reader.reading(Blob(hit.path, hit.blob)):
        if hit.rule == BINARY and (size > LARGEST_BINARY or hit.path.lower().endswith(MEDIA)):
            scan.skipped.append(Skipped(hit.path, "binary", size))
            return []
        result = scanner.stream(hit.path, read, size)
        scan.skipped += result.skipped
        return result.findings
    scan.skipped.append(Skipped(hit.path, "object is missing from the repository"))
    return []


def _covers(found: Located, hit: Hit) -> bool:
    """Whether a finding of the whole file is what the hit saw."""
    if hit.line != WHOLE_FILE and not found.line <= hit.line <= found.end_line:
        return False
    return not hit.value or (found.rule_id, found.fingerprint) == (hit.rule, hit.value)


def _told(git: Git, found: list[tuple[Hit, Located]]) -> list[Located]:
    people = _authors(git, {hit.commit for hit, _ in found if hit.commit})
    held = _at_head(git, [one for _, one in found])
    told = []
    for number, (hit, one) in enumerate(found):
        author, date = people.get(hit.commit, ("", ""))
        told.append(one._replace(commit=Commit(hit.commit, author, date, held.get(number))))
    return told


def _authors(git: Git, commits: set[str]) -> dict[str, tuple[str, str]]:
    if not commits:
        return {}
    form = "--format=%H%x00%an <%ae>%x00%aI"
    listed = git.ask("log", "--stdin", "--no-walk=unsorted", form, stdin="\n".join(sorted(commits)).encode("ascii"))
    rows = (line.split("\0") for line in listed.decode("utf-8", "replace").splitlines() if line.count("\0") == 2)
    return {commit: (author, date) for commit, author, date in rows}


def _at_head(git: Git, found: list[Located]) -> dict[int, bool]:
    """By number, whether the file of that name at HEAD holds the value; left out where that cannot be told."""
    held: dict[int, bool] = {}
    files: dict[str, list[int]] = {}
    for number, one in enumerate(found):
        if "\n" not in one.path:
            files.setdefault(one.path, []).append(number)
    with BlobReader(git) as reader:
        for path, numbers in files.items():
            held.update(dict.fromkeys(numbers, False))
            for read, size in reader.reading(Blob(path, f"HEAD:{path}")):
                data = read(size) if size <= LARGEST_AT_HEAD else b""
                for number in numbers:
                    value = found[number].secret.reveal()
                    forms = (value.encode("utf-8", "surrogateescape"), value.encode("utf-16-le", "replace"))
                    held[number] = any(form in data for form in forms)
    return held
