"""`secretguard baseline accept`: accept one finding, and say who does, why and until when."""

from __future__ import annotations

import re

import click

from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, normal, save
from secretguard.baseline_entries import accepted
from secretguard.commands.baseline_options import (
    check_words,
    existing_or_new,
    said,
    said_options,
    scan_options,
    scanned,
)
from secretguard.errors import ConfigError
from secretguard.report.located import Located
from secretguard.terminal import printable

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_PLACE = re.compile(r"(.+?):([0-9]{1,10})(?::([0-9]{1,10}))?", re.DOTALL)


@click.command()
@click.argument("file", type=click.Path())
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--finding",
    "wanted",
    multiple=True,
    required=True,
    metavar="FINGERPRINT|PATH:LINE[:COLUMN]",
    help="Which finding, as a report names it; may be given several times.",
)
@said_options(required=True)
@scan_options
def accept(
    file: str,
    paths: tuple[str, ...],
    wanted: tuple[str, ...],
    why: str,
    by: str | None,
    until: str,
    no_gitignore: bool,
    plugins: frozenset[str],
    baseline_key: str | None,
) -> None:
    """Accept findings by name in FILE, which is made if it does not exist.

    A fingerprint is looked for in PATHS (default: the current folder), and stands for its secret wherever it is there;
    a place is one finding.
    """
    spoken = said(why, by, until)
    if spoken is None:
        raise click.UsageError("--why needs a text")
    baseline = existing_or_new(file, baseline_key)
    places = tuple(m[1] for name in wanted if not _FINGERPRINT.fullmatch(name) and (m := _PLACE.fullmatch(name)))
    where = paths or (places if len(places) == len(wanted) else (".",))
    found = scanned(baseline, where, no_gitignore, plugins)
    chosen = [finding for name in wanted for finding in _named(name, found.findings)]
    check_words(spoken, chosen)
    _write(file, baseline, chosen, spoken)


def _named(name: str, found: list[Located]) -> list[Located]:
    """The findings that `name` stands for. Raises ConfigError where it stands for none, or a place for several."""
    if _FINGERPRINT.fullmatch(name):
        chosen = [finding for finding in found if finding.fingerprint == name]
    elif place := _PLACE.fullmatch(name):
        chosen = [
            finding
            for finding in found
            if normal(finding.path) == normal(place[1])
            and finding.line == int(place[2])
            and place[3] in (None, str(finding.column))
        ]
        if len(chosen) > 1:
            names = printable(", ".join(f"{place[1]}:{one.line}:{one.column} ({one.rule_id})" for one in chosen))
            raise ConfigError(f"--finding {printable(name)}: there are {len(chosen)}", f"name one of them: {names}")
    else:
        raise ConfigError(f"--finding {printable(name)}: neither a fingerprint of 16 digits nor PATH:LINE")
    if not chosen:
        raise ConfigError(f"--finding {printable(name)}: no such finding", "`secretguard scan` lists them")
    return chosen


def _write(file: str, baseline: Baseline, chosen: list[Located], spoken: Acceptance) -> None:
    for finding in chosen:
        baseline.document = accepted(baseline, finding, spoken)
    save(file, baseline.document)
    for finding in chosen:
        place = f"{printable(finding.path)}:{finding.line}:{finding.column}"
        click.echo(f"{file}: accepted {place}: {finding.rule_id}  {finding.masked}  [{spoken}]")
