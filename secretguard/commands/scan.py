"""`secretguard scan`: find secrets in files, folders, a git index or standard input."""

from __future__ import annotations

import sys
import time
from importlib.metadata import version
from typing import Any

import click

from secretguard import pack, parallel
from secretguard.accepted import Baseline, load, normal
from secretguard.errors import CLEAN, FINDINGS
from secretguard.pipeline import Scanner, fingerprint_key
from secretguard.report import json_report, text_report
from secretguard.report.located import Scan, Skipped
from secretguard.source import files, git_index

OWN, PEER = "own", "detect-secrets"
"""What can look for secrets: our rules, and the plugins of detect-secrets as they are."""


def _chosen(_: click.Context, __: click.Parameter, value: str) -> frozenset[str]:
    names = frozenset(value.split(","))
    if names - {OWN, PEER}:
        raise click.BadParameter(f"{value!r} is not {OWN}, {PEER} or {OWN},{PEER}")
    return names


plugins_option = click.option(
    "--plugins", default=OWN, show_default=True, callback=_chosen, metavar="NAMES",
    help=f"What looks for secrets: {OWN}, {PEER} (its own plugins, slow) or both with a comma.",
)  # fmt: skip


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Scan what is staged in git, not the files beside it.")
@click.option("--stdin", "use_stdin", is_flag=True, help="Scan standard input.")
@click.option("--baseline", "baseline_path", type=click.Path(), help="Accepted findings, in detect-secrets format.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--show-secrets", is_flag=True, help="Do not mask the secrets in the report.")
@click.option("--no-gitignore", is_flag=True, help="Also scan what .gitignore leaves out.")
@plugins_option
@click.option("-j", "jobs", type=click.IntRange(0, 256), default=0, help="Processes; 0 = one a CPU, at most 8.")
@click.pass_context
def scan(
    ctx: click.Context,
    paths: tuple[str, ...],
    staged: bool,
    use_stdin: bool,
    baseline_path: str | None,
    form: str,
    show_secrets: bool,
    no_gitignore: bool,
    plugins: frozenset[str],
    jobs: int,
) -> None:
    """Find secrets in PATHS (default: the current folder).

    Exit code 0: nothing found that is not accepted; 1: findings; 2: usage or configuration; 3: internal error.
    """
    if staged and use_stdin:
        raise click.UsageError("--staged and --stdin exclude each other")
    if use_stdin and paths:
        raise click.UsageError("--stdin takes no PATHS")
    scanner = open_scanner(load(baseline_path) if baseline_path else None, plugins)
    if use_stdin:
        result = scanner.stream("<stdin>", sys.stdin.buffer.read)
    elif staged:
        result = scanner.blobs(_without_baseline(git_index.staged(paths), scanner.baseline))
    else:
        result = scan_paths(scanner, paths or (".",), not no_gitignore, jobs)
    if form == "json":
        click.echo(json_report.render(result, tool(scanner), show_secrets), nl=False)
    else:
        colour = sys.stdout.isatty()
        click.echo(text_report.render(result, colour, show_secrets), nl=False, color=colour)
    ctx.exit(FINDINGS if result.open_findings else CLEAN)


def open_scanner(baseline: Baseline | None, plugins: frozenset[str] = frozenset({OWN})) -> Scanner:
    """A scanner with this installation's rules and, where asked for, the plugins of detect-secrets.

    The plugins, their limits and filters are those of the baseline, if it names any. Raises GuardError when there is
    no engine, ConfigError for a baseline that asks for what is not run.
    """
    peer = None
    if PEER in plugins:
        from secretguard.baseline_head import fresh, settings
        from secretguard.detect.detect_secrets import DetectSecrets

        peer = DetectSecrets(settings(baseline.path, baseline.document) if baseline and baseline.document else fresh())
    return Scanner(pack.open_engine(), fingerprint_key(), baseline, OWN in plugins, peer)


def tool(scanner: Scanner) -> dict[str, str]:
    """Who made a report: name, version, the digest of all rules, the engine, and detect-secrets where it took part."""
    matcher = "re2" if pack.native_module() is None else "hyperscan"
    made = {"name": "secretguard", "version": version("secretguard"), "rules_digest": scanner.engine.version}
    made["engine"] = matcher
    return made | ({"detect_secrets": version("detect-secrets")} if scanner.peer else {})


def scan_paths(scanner: Scanner, paths: tuple[str, ...], use_gitignore: bool, jobs: int) -> Scan:
    """Scan files and folders, with a progress bar on a terminal when it takes longer than a second."""
    found: list[str] = []
    skipped: list[Skipped] = []
    for item in files.walk(paths, use_gitignore):
        if isinstance(item, Skipped):
            skipped.append(item)
        elif scanner.baseline is not None and normal(item) == normal(scanner.baseline.path):
            skipped.append(Skipped(item, "the baseline itself"))
        else:
            found.append(item)
    with _Progress(len(found)) as progress:
        result = parallel.scan_files(scanner, found, parallel.workers(jobs, len(found)), progress.advance)
    result.skipped += skipped
    return result


def _without_baseline(
    blobs: list[git_index.Blob | Skipped], baseline: Baseline | None
) -> list[git_index.Blob | Skipped]:
    """A baseline is full of digests that look like keys; it is not scanned against itself."""
    if baseline is None:
        return blobs
    own = normal(baseline.path)
    return [Skipped(b.path, "the baseline itself") if normal(b.path) == own else b for b in blobs]


class _Progress:
    """A bar on standard error, if that is a terminal, from the second second on; rich is imported only then."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._bytes = total, 0, 0
        self._began = time.monotonic()
        self._bar: Any = None
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, files_done: int, bytes_done: int) -> None:
        """Some more files and bytes are done."""
        self._done += files_done
        self._bytes += bytes_done
        if self._bar is None and self._terminal and time.monotonic() - self._began > 1.0:
            self._bar, self._task = _start_bar(self._total)
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, mib=f"{self._bytes >> 20} MiB")


def _start_bar(total: int) -> tuple[Any, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TextColumn("{task.fields[mib]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task("scan", total=total, mib="0 MiB")
