"""`secretguard baseline review`: one finding after the other on a screen, decided with one key."""

from __future__ import annotations

import os

import click

from secretguard.acceptance import given, today
from secretguard.accepted import Baseline
from secretguard.commands.baseline_options import existing_or_new, scan_options, scanned
from secretguard.commands.scan import open_scanner
from secretguard.terminal import printable


@click.command()
@click.argument("file", type=click.Path())
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--all", "everything", is_flag=True, help="Also what is decided already.")
@click.option("--by", metavar="NAME", help="Who decides; git's user.email if not given.")
@scan_options
def review(
    file: str,
    paths: tuple[str, ...],
    everything: bool,
    by: str | None,
    no_gitignore: bool,
    plugins: frozenset[str],
    baseline_key: str | None,
) -> None:
    """Look at each finding in PATHS (default: the current folder) and accept it, or call it real, in FILE.

    Secrets are masked. Each decision is written at once, so that a session can be left at any time; the next one goes
    on with what is not decided.
    """
    from secretguard.triage.context import secrets_of
    from secretguard.triage.session import Session, items
    from secretguard.triage.terminal import Terminal

    def opened() -> Baseline:
        return existing_or_new(file, baseline_key)

    screen, baseline = Terminal(), opened()
    who = given(by, "review", "", today()).by
    found = scanned(baseline, paths, no_gitignore, plugins, pragmas=True).findings
    waiting = items(baseline, found, everything)
    if not waiting:
        click.echo(f"{printable(file)}: nothing to decide; --all shows what is decided already")
        return
    scanner = open_scanner(baseline, plugins)
    with screen:
        session = Session(opened, scanner, waiting, who, screen, not os.environ.get("NO_COLOR"), secrets_of(found))
        session.run()
    accepted, real = session.counts
    left = len(waiting) - accepted - real
    click.echo(f"{printable(file)}: {accepted} accepted, {real} real, {left} not decided")
