"""`secretguard baseline create` and `update`: a file that answers for everything that is found."""

from __future__ import annotations

import os
from typing import Any

import click

from secretguard.accepted import entries, merged, normal, save
from secretguard.commands.baseline_options import (
    check_words,
    opened,
    said,
    said_options,
    scan_options,
    scanned,
    started,
)
from secretguard.detect.registry import PEER_TYPES
from secretguard.errors import ConfigError
from secretguard.terminal import printable

lines_option = click.option(
    "--lines", is_flag=True, help="Write line numbers, which detect-secrets' own `audit` needs; they change often."
)
keyed_option = click.option(
    "--keyed", is_flag=True, help="Digests under a key (--baseline-key), so that nobody guesses a secret from the file."
)


@click.command()
@click.argument("file", type=click.Path())
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@said_options(required=False)
@keyed_option
@lines_option
@scan_options
def create(
    file: str,
    paths: tuple[str, ...],
    force: bool,
    why: str,
    by: str | None,
    until: str,
    keyed: bool,
    lines: bool,
    no_gitignore: bool,
    plugins: frozenset[str],
    baseline_key: str | None,
) -> None:
    """Write FILE, accepting every finding in PATHS (default: the current folder)."""
    if os.path.exists(file) and not force:
        raise ConfigError(f"{file} exists", f"secretguard baseline update {file}, or --force to start anew")
    spoken = said(why, by, until)
    found = scanned(started(file, baseline_key, keyed), paths, no_gitignore, plugins)
    check_words(spoken, found.findings)
    save(file, merged(None, found.findings, PEER_TYPES, lines, spoken, keyed))
    number = len(found.findings)
    click.echo(
        f"{file}: {number} finding{'s'[: number != 1]} accepted. Each is from now on not reported: look at them."
    )
    click.echo(
        f"So that branches merge: `{file} merge=union` in .gitattributes. To look at each: baseline review {file}"
    )


@click.command()
@click.argument("file", type=click.Path())
@click.argument("paths", nargs=-1, type=click.Path())
@said_options(required=False)
@keyed_option
@lines_option
@scan_options
def update(
    file: str,
    paths: tuple[str, ...],
    why: str,
    by: str | None,
    until: str,
    keyed: bool,
    lines: bool,
    no_gitignore: bool,
    plugins: frozenset[str],
    baseline_key: str | None,
) -> None:
    """Bring FILE up to date: accept new findings in PATHS, drop entries that are gone, keep what a person wrote.

    Entries that expired, and those that a person called real, stay as they are. A file in a format of detect-secrets
    before 1.5 is written in the current one.
    """
    spoken = said(why, by, until)
    old = opened(file, baseline_key)
    started(file, baseline_key, keyed)
    found = scanned(old, paths, no_gitignore, plugins)
    check_words(spoken, found.findings)
    document = merged(old, found.findings, PEER_TYPES, lines, spoken, keyed or old.keyed)
    before = sum(1 for _ in entries(file, old.document))
    if paths:
        _keep_elsewhere(old.document, document, paths)
    save(file, document)
    fresh = [one for one in found.findings if not one.accepted and not one.remark]
    after = sum(1 for _ in entries(file, document))
    click.echo(f"{file}: {len(fresh)} new findings accepted, {after} entries (before: {before}).")
    for one in found.findings:
        if one.remark and not one.accepted:
            click.echo(f"still open: {printable(one.path)}:{one.line}: {one.rule_id}: {printable(one.remark)}")


def _keep_elsewhere(old: dict[str, Any], document: dict[str, Any], paths: tuple[str, ...]) -> None:
    """An update of some paths says nothing about the others: their entries stay."""
    tops = [normal(path) for path in paths]
    for name, listed in old["results"].items():
        place = normal(name)
        if not any(top == "." or place == top or place.startswith(top + "/") for top in tops):
            document["results"].setdefault(place, []).extend(listed)
    document["results"] = dict(sorted(document["results"].items()))
