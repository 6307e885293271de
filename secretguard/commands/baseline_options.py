"""What the commands that write a baseline share: options, and the checks that come before a file is written anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from secretguard import acceptance
from secretguard.acceptance import Acceptance
from secretguard.accepted import Baseline, load
from secretguard.baseline_head import upgraded
from secretguard.baseline_key import VARIABLE, read_key
from secretguard.commands.scan import key_option, open_scanner, plugins_option
from secretguard.commands.scan_sources import scan_paths
from secretguard.errors import ConfigError
from secretguard.report.located import Located, Scan

Function = Callable[..., Any]


def said_options(required: bool) -> Callable[[Function], Function]:
    """--why, --by and --until, which `said` makes an Acceptance of."""

    def add(function: Function) -> Function:
        for option in (
            click.option("--until", default="", metavar="DATE", help="The last day on which it counts: 2027-01-31."),
            click.option("--by", metavar="NAME", help="Who accepts; git's user.email if not given."),
            click.option("--why", default="", required=required, metavar="TEXT", help="Why this may stay."),
        ):
            function = option(function)
        return function

    return add


def scan_options(function: Function) -> Function:
    """What a command needs to scan for a baseline."""
    option = click.option("--no-gitignore", is_flag=True, help="Also scan what .gitignore leaves out.")
    return key_option(plugins_option(option(function)))


def said(why: str, by: str | None, until: str) -> Acceptance | None:
    """What was said, if anything was. Raises ConfigError."""
    if not why:
        if by or until:
            raise click.UsageError("--by and --until go with --why")
        return None
    return acceptance.given(by, why, until, acceptance.today())


def check_words(spoken: Acceptance | None, found: list[Located]) -> None:
    """Raises ConfigError where the reason holds a secret that it is for."""
    if spoken and any(spoken.tells(finding.secret.reveal()) for finding in found):
        raise ConfigError("--why holds the secret itself", "say why without it: the file is for others to read")


def opened(file: str, key: str | None) -> Baseline:
    """The baseline in `file`, in the current form, with all of its digests comparable.

    Raises ConfigError where the key of some is missing: what cannot be compared would be taken for gone.
    """
    old = load(file, read_key(key))
    if old.strange:
        raise ConfigError(old.notes[0], f"name the file with that key: --baseline-key FILE, or {VARIABLE}")
    old.document = upgraded(file, old.document)
    return old


def started(file: str, key: str | None, keyed: bool) -> Baseline:
    """A baseline for `file`, which does not exist yet. Raises ConfigError where `keyed` has no key."""
    secret = read_key(key)
    if keyed and secret is None:
        raise ConfigError("--keyed without a key", f"name a file: --baseline-key FILE, or {VARIABLE}")
    return Baseline(file, key=secret)


def existing_or_new(file: str, key: str | None) -> Baseline:
    """The baseline in `file`, or the start of one. Raises ConfigError."""
    return opened(file, key) if os.path.exists(file) else started(file, key, keyed=False)


def scanned(
    baseline: Baseline, paths: tuple[str, ...], no_gitignore: bool, plugins: frozenset[str], pragmas: bool = False
) -> Scan:
    """Findings in `paths`; those with a pragma, which answer for themselves, only where `pragmas` wants them."""
    scan = scan_paths(open_scanner(baseline, plugins), paths or (".",), not no_gitignore, 0)
    if not pragmas:
        scan.findings = [finding for finding in scan.findings if finding.accepted != "pragma"]
    return scan
