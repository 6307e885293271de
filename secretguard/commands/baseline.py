"""`secretguard baseline`: write down which findings a person has accepted, in the format of detect-secrets."""

from __future__ import annotations

import os

import click

from secretguard.accepted import Baseline, load, merged, normal, save
from secretguard.baseline_head import upgraded
from secretguard.commands.scan import open_scanner, plugins_option
from secretguard.commands.scan_sources import scan_paths
from secretguard.detect.registry import PEER_TYPES
from secretguard.errors import ConfigError
from secretguard.report.located import Scan


@click.group()
def baseline() -> None:
    """Accept findings in a baseline file, which `scan --baseline FILE` honours."""


@baseline.command()
@click.argument("file", type=click.Path())
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--no-gitignore", is_flag=True, help="Also scan what .gitignore leaves out.")
@plugins_option
def create(file: str, paths: tuple[str, ...], force: bool, no_gitignore: bool, plugins: frozenset[str]) -> None:
    """Write FILE, accepting every finding in PATHS (default: the current folder)."""
    if os.path.exists(file) and not force:
        raise ConfigError(f"{file} exists", f"secretguard baseline update {file}, or --force to start anew")
    found = _found(file, paths, None, not no_gitignore, plugins)
    save(file, merged(None, found.findings, PEER_TYPES))
    click.echo(f"{file}: {len(found.findings)} findings accepted. Read them: each one is from now on not reported.")


@baseline.command()
@click.argument("file", type=click.Path())
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--no-gitignore", is_flag=True, help="Also scan what .gitignore leaves out.")
@plugins_option
def update(file: str, paths: tuple[str, ...], no_gitignore: bool, plugins: frozenset[str]) -> None:
    """Bring FILE up to date: accept new findings in PATHS, drop entries that are gone, keep notes.

    A file in a format of detect-secrets before 1.5 is written in the current one.
    """
    old = load(file)
    old.document = upgraded(file, old.document)
    found = _found(file, paths, old, not no_gitignore, plugins)
    new = [finding for finding in found.findings if finding.accepted != "baseline"]
    document = merged(old, found.findings, PEER_TYPES)
    before = sum(len(entries) for entries in old.document["results"].values())
    if paths:
        _keep_elsewhere(old, document, paths)
    save(file, document)
    after = sum(len(entries) for entries in document["results"].values())
    click.echo(f"{file}: {len(new)} new findings accepted, {after} entries (before: {before}).")


def _found(
    file: str, paths: tuple[str, ...], old: Baseline | None, use_gitignore: bool, plugins: frozenset[str]
) -> Scan:
    """Findings that a baseline has to answer for: those with a pragma answer for themselves."""
    scanner = open_scanner(old if old is not None else Baseline(file), plugins)
    scan = scan_paths(scanner, paths or (".",), use_gitignore, 0)
    scan.findings = [finding for finding in scan.findings if finding.accepted != "pragma"]
    return scan


def _keep_elsewhere(old: Baseline, document: dict[str, dict[str, object]], paths: tuple[str, ...]) -> None:
    """An update of some paths says nothing about the others: their entries stay."""
    tops = [normal(path) for path in paths]
    for name, entries in old.document["results"].items():
        place = normal(name)
        if not any(top == "." or place == top or place.startswith(top + "/") for top in tops):
            document["results"][name] = entries
    document["results"] = dict(sorted(document["results"].items()))
