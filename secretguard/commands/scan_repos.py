"""`secretguard scan --repos FILE`: many repositories, a shard each, here or over Dask."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from secretguard.commands.scan_sources import Wanted
from secretguard.errors import CLEAN, FINDINGS, USAGE
from secretguard.fleet.task import DEADLINE
from secretguard.terminal import printable

if TYPE_CHECKING:  # loaded when asked for: other scans do without
    from secretguard.fleet.run import Pool, Totals


@dataclass(frozen=True, slots=True)
class Repositories:
    """The options of `scan` that are for many repositories: the list, whether URLs may be cloned, whether shards that
    are there are made again, the Dask scheduler, and seconds for each repository."""

    repos: str | None = None
    clone: bool = False
    again: bool = False
    scheduler: str | None = None
    deadline: float = DEADLINE


@dataclass(frozen=True, slots=True)
class Others:
    """Options of every scan that count here: the folder for the shards, the name of a baseline inside each repository,
    whether archives are opened and pragmas and baselines honoured, `--strict`; and options that do not fit."""

    output: str | None
    baseline: str | None = None
    archives: bool = True
    honour: bool = True
    strict: bool = False
    unfit: Sequence[str] = ()


_OPTIONS = (
    click.option("--repos", type=click.Path(), metavar="FILE", help="Scan the repositories of a list, one a line."),
    click.option("--clone", is_flag=True, help="With --repos: fetch URLs (https, ssh, file) into a temporary folder."),
    click.option("--again", is_flag=True, help="With --repos: also those that an earlier run has done."),
    click.option("--scheduler", metavar="ADDRESS", help="With --repos: on the workers of this Dask scheduler."),
    click.option("--deadline", type=click.FloatRange(1, 604800), default=DEADLINE, show_default=True, metavar="SECONDS",
                 help="With --repos: what one repository may take."),
)  # fmt: skip


def repository_options(command: Any) -> Any:
    """The options of `Repositories`, for the command `scan`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def taken(given: dict[str, Any]) -> Repositories:
    """Take the options of `Repositories` out of `given`. Raises click.UsageError for any of them without --repos."""
    own = Repositories(**{field.name: given.pop(field.name) for field in fields(Repositories)})
    if own.repos is None and own != Repositories():
        raise click.UsageError("--clone, --again, --scheduler and --deadline are for --repos")
    return own


def scan_repositories(own: Repositories, wanted: Wanted, tool: dict[str, str], others: Others) -> int:
    """Scan them, tell the totals, and return the exit code: 2 where one failed (or, with `strict`, was not scanned
    whole), 1 for open findings. `tool` is what a shard's summary will name as its maker.

    Raises click.UsageError for what does not go with many repositories.
    """
    from secretguard.fleet import listing
    from secretguard.fleet.run import scan_all
    from secretguard.fleet.shards import Shards
    from secretguard.report.progress import Progress

    folder = _check(wanted, others)
    how = {
        "history": wanted.history is not None,
        "since": wanted.since,
        "blobs": wanted.blobs,
        "gitignore": wanted.gitignore,
        "archives": others.archives,
        "honour": others.honour,
        "baseline": others.baseline or "",
    }
    targets = listing.read(own.repos or "", own.clone)
    with Shards(folder) as shards, Progress(len(targets), "repositories") as progress:
        totals = scan_all(targets, shards, how, tool, _pool(own, wanted), progress.advance, own.again, own.deadline)
    click.echo(_told(totals, folder))
    if totals.failed or (others.strict and totals.gaps):
        return USAGE
    return FINDINGS if totals.open else CLEAN


def _check(wanted: Wanted, others: Others) -> str:
    """The folder for the shards. Raises click.UsageError for what does not go with many repositories."""
    elsewhere = (wanted.staged, wanted.use_stdin, wanted.patch, wanted.transcripts, wanted.shell_history)
    if wanted.paths or wanted.history or any(elsewhere) or wanted.environment is not None:
        raise click.UsageError("--repos takes its repositories from FILE: no PATHS, no range, no other source")
    if others.unfit:
        raise click.UsageError(f"--repos writes shards of JSON lines with masked values: no {', '.join(others.unfit)}")
    if not others.output:
        raise click.UsageError("--repos needs --output DIR, the folder for the shards")
    if wanted.history is None and (wanted.since or wanted.blobs):
        raise click.UsageError("--since and --blobs are for --history")
    if others.baseline and (os.path.isabs(others.baseline) or ".." in others.baseline.split("/")):
        raise click.UsageError("with --repos, --baseline is the name of a file inside each repository")
    return others.output


def _pool(own: Repositories, wanted: Wanted) -> Pool:
    if own.scheduler:
        from secretguard.fleet import over_dask

        return partial(over_dask.work, scheduler=own.scheduler)
    from secretguard.fleet import here
    from secretguard.platforms.here import usable_cpus

    return partial(here.work, at_once=wanted.jobs or min(8, usable_cpus()))


def _told(totals: Totals, folder: str) -> str:
    parts = [f"{totals.scanned} scanned"]
    if totals.kept:
        parts.append(f"{totals.kept} done before")
    if totals.failed:
        parts.append(f"{totals.failed} failed (see {printable(os.path.join(folder, 'errors.jsonl'))})")
    text = f"{totals.repositories} repositories: {', '.join(parts)}; "
    text += f"{totals.open} findings in {totals.with_findings} of them"
    if totals.findings > totals.open:
        text += f", {totals.findings - totals.open} accepted"
    if totals.gaps:
        text += f"; {totals.gaps} items not scanned"
    return f"{text}. Shards are in {printable(folder)}"
