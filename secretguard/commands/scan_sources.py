"""What `secretguard scan` reads: one function a source, chosen by the options that were given."""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from secretguard import parallel
from secretguard.accepted import Baseline, normal
from secretguard.errors import ConfigError
from secretguard.pipeline import Scanner
from secretguard.report.located import Scan, Skipped
from secretguard.report.progress import Progress
from secretguard.source import files

if TYPE_CHECKING:
    from secretguard.source.git_index import Blob

ITSELF = "the baseline itself"
"""A baseline is full of digests that look like keys; it is not scanned against itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of `scan` that say what is read."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    history: str | None = None
    since: str = ""
    blobs: bool = False
    cache: bool = True
    use_stdin: bool = False
    patch: bool = False
    transcripts: bool = False
    shell_history: bool = False
    environment: str | None = None
    gitignore: bool = True
    jobs: int = 0


def read(scanner: Scanner, wanted: Wanted) -> Scan:
    """Scan what is wanted. Raises click.UsageError for options that exclude each other."""
    given = [name for name, (is_given, _) in SOURCES.items() if is_given(wanted)]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other")
    if wanted.history is None and (wanted.since or wanted.blobs or not wanted.cache):
        raise click.UsageError("--since, --blobs and --no-cache are for --history")
    if given and given[0] in _NO_PATHS and wanted.paths:
        raise click.UsageError(f"{given[0]} takes no PATHS")
    return SOURCES[given[0]][1](scanner, wanted) if given else _files(scanner, wanted)


def _files(scanner: Scanner, wanted: Wanted) -> Scan:
    return scan_paths(scanner, wanted.paths or (".",), wanted.gitignore, wanted.jobs)


def scan_paths(scanner: Scanner, paths: tuple[str, ...], use_gitignore: bool, jobs: int) -> Scan:
    """Scan files and folders, with a progress bar on a terminal when it takes longer than a second."""
    found: list[str] = []
    skipped: list[Skipped] = []
    for item in files.walk(paths, use_gitignore):
        if isinstance(item, Skipped):
            skipped.append(item)
        elif scanner.baseline is not None and normal(item) == normal(scanner.baseline.path):
            skipped.append(Skipped(item, ITSELF, chosen=True))
        else:
            found.append(item)
    result = _listed(scanner, found, jobs)
    result.skipped += skipped
    return result


def _listed(scanner: Scanner, found: list[str], jobs: int) -> Scan:
    with Progress(len(found)) as progress:
        return parallel.scan_files(scanner, found, parallel.workers(jobs, len(found)), progress.advance)


def _stdin(scanner: Scanner, _: Wanted) -> Scan:
    return scanner.stream("<stdin>", sys.stdin.buffer.read)


def _staged(scanner: Scanner, wanted: Wanted) -> Scan:
    from secretguard.source import git_index

    return scanner.blobs(_without_baseline(git_index.staged(wanted.paths), scanner.baseline))


def _without_baseline(blobs: list[Blob | Skipped], baseline: Baseline | None) -> list[Blob | Skipped]:
    if baseline is None:
        return blobs
    own = normal(baseline.path)
    return [Skipped(b.path, ITSELF, chosen=True) if normal(b.path) == own else b for b in blobs]


def _history(scanner: Scanner, wanted: Wanted) -> Scan:
    """The history of the repository at the one path given, or here."""
    from secretguard.history.blobs import listed
    from secretguard.history.cache import Cache
    from secretguard.history.scan import scan_blobs, scan_commits
    from secretguard.source.git import Git
    from secretguard.source.git_history import commits, is_revision

    paths, revisions = wanted.paths, wanted.history or ""
    if revisions and not paths and os.path.isdir(revisions) and not is_revision(Git(), revisions):
        paths, revisions = (revisions,), ""  # `--history DIR`: an option with an optional value takes what follows it
    if len(paths) > 1:
        raise click.UsageError("--history scans one repository")
    git = Git(paths[0] if paths else ".")
    listing = commits(git, revisions.split(), wanted.since)
    if wanted.blobs:
        found = listed(git)
        with Progress(len(found), "objects") as progress:
            count = parallel.workers(wanted.jobs, len(found))
            return scan_blobs(scanner, git, listing, found, count, progress.advance)
    cached = wanted.cache and not revisions and not wanted.since
    kept = Cache(git, scanner.engine.version, scanner.key) if cached else None
    count = parallel.workers(wanted.jobs, len(listing.commits))
    with Progress(len(listing.commits), "commits") as progress:
        return scan_commits(scanner, git, listing, count, progress.advance, kept)


def _patch(scanner: Scanner, wanted: Wanted) -> Scan:
    """What patches would add; the files named, or standard input."""
    from secretguard.source.patch import LARGEST, hunks

    scan = Scan()
    for name in wanted.paths or ("-",):
        data = _patch_bytes(name, LARGEST)
        scan.files += 1
        scan.bytes += len(data)
        for hunk in hunks(data):
            part = scanner.stream(hunk.path, io.BytesIO(hunk.text).read, len(hunk.text))
            scan.skipped += part.skipped
            for one in part.findings:
                if any(number in hunk.added for number in range(one.line - 1, one.end_line)):
                    above = hunk.line - 1
                    scan.findings.append(one._replace(line=one.line + above, end_line=one.end_line + above))
    return scan


def _patch_bytes(name: str, largest: int) -> bytes:
    try:
        if name == "-":
            data = sys.stdin.buffer.read(largest + 1)
        else:
            with open(name, "rb") as file:
                data = file.read(largest + 1)
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None
    if len(data) > largest:
        raise ConfigError(f"{name}: a patch of more than {largest} bytes", "split it, or scan the files themselves")
    return data


def _transcripts(scanner: Scanner, wanted: Wanted) -> Scan:
    from secretguard.source.transcripts import TRANSCRIPTS, found

    return _clients(scanner, list(found(TRANSCRIPTS)), wanted.jobs)


def _shell_history(scanner: Scanner, wanted: Wanted) -> Scan:
    from secretguard.source.transcripts import HISTORIES, found

    return _clients(scanner, list(found(HISTORIES)), wanted.jobs)


def _clients(scanner: Scanner, found: list[tuple[str, str]], jobs: int) -> Scan:
    """Files of clients; of one value in one file the first place stays: a transcript says the same thing many times."""
    scan = _listed(scanner, [path for _, path in found], jobs)
    first = {(one.path, one.rule_id, one.fingerprint): one for one in reversed(scan.findings)}
    scan.findings = [one for one in scan.findings if first[one.path, one.rule_id, one.fingerprint] is one]
    client = {path: name for name, path in found}
    secrets = Counter(name for name, _ in {(client[one.path], one.fingerprint) for one in scan.open_findings})
    counted = Counter(name for name, _ in found)
    scan.notes += [f"{name}: {secrets[name]} secrets in {files} files" for name, files in counted.items()]
    return scan


def _environment(scanner: Scanner, wanted: Wanted) -> Scan:
    from secretguard.source.environment import variables

    pid = wanted.environment or ""
    if pid and not pid.isdecimal():
        raise click.UsageError(f"--environment: {pid!r} is no process number")
    scan = Scan()
    for name, entry in variables(int(pid) if pid else None):
        scan.add(scanner.stream(f"environment{'!' + pid if pid else ''}!{name}", io.BytesIO(entry).read, len(entry)))
    return scan


Source = Callable[[Scanner, Wanted], Scan]

SOURCES: dict[str, tuple[Callable[[Wanted], bool], Source]] = {
    "--stdin": (lambda wanted: wanted.use_stdin, _stdin),
    "--staged": (lambda wanted: wanted.staged, _staged),
    "--history": (lambda wanted: wanted.history is not None, _history),
    "--patch": (lambda wanted: wanted.patch, _patch),
    "--transcripts": (lambda wanted: wanted.transcripts, _transcripts),
    "--shell-history": (lambda wanted: wanted.shell_history, _shell_history),
    "--environment": (lambda wanted: wanted.environment is not None, _environment),
}
"""The option, whether it was given, what it reads. Without any of them PATHS are files and folders."""

_NO_PATHS = ("--stdin", "--transcripts", "--shell-history", "--environment")
