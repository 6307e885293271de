"""`secretguard scan`: find secrets in files, folders, a git index or standard input."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from secretguard import pack
from secretguard.accepted import Baseline, load
from secretguard.baseline_key import VARIABLE, read_key
from secretguard.commands.scan_repos import Others, repository_options, scan_repositories, taken
from secretguard.commands.scan_sources import Wanted, read
from secretguard.errors import CLEAN, FINDINGS, USAGE, ConfigError
from secretguard.pipeline import Scanner, fingerprint_key
from secretguard.report import made, text_report
from secretguard.report.formats import FORMATS, renderer
from secretguard.report.located import Scan
from secretguard.report.made import Made
from secretguard.terminal import printable

_LINES = ("text", "jsonl")  # text, because that is what nobody asked for

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

key_option = click.option(
    "--baseline-key",
    type=click.Path(),
    help=f"File with the key of a baseline's keyed digests; else {VARIABLE} names it.",
)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Scan what is staged in git, not the files beside it.")
@click.option(
    "--history",
    is_flag=False,
    flag_value="",
    metavar="[RANGE]",
    help="Scan what commits added: those of RANGE (main..dev), or of every ref and stash. PATHS is the repository.",
)
@click.option("--since", default="", metavar="DATE", help="With --history: only commits after DATE, as git reads it.")
@click.option(
    "--blobs", is_flag=True, help="With --history: every object of the repository, whole, also what no ref reaches."
)
@click.option(
    "--no-cache",
    "cache",
    is_flag=True,
    flag_value=False,
    default=True,
    help="With --history: read all commits again, not only those since the last scan.",
)
@click.option("--stdin", "use_stdin", is_flag=True, help="Scan standard input.")
@click.option("--patch", is_flag=True, help="PATHS (default: standard input) are patches: scan what they add.")
@click.option("--transcripts", is_flag=True, help="Scan what coding agents here have kept of their sessions.")
@click.option("--shell-history", is_flag=True, help="Scan what was typed into shells and database consoles.")
@click.option(
    "--environment",
    is_flag=False,
    flag_value="",
    metavar="[PID]",
    help="Scan the environment variables of this process, or of process PID.",
)
@click.option("--baseline", "baseline_path", type=click.Path(), help="Accepted findings, in detect-secrets format.")
@key_option
@click.option("--no-ignores", is_flag=True, help="Honour no pragma and no baseline; say what they would have accepted.")
@click.option("--format", "form", type=click.Choice(["text", *FORMATS]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(), help="Write the report to this file; the summary goes to stderr.")
@click.option("--show-secrets", is_flag=True, help="Do not mask the secrets in the report.")
@click.option("--strict", is_flag=True, help="What could not be scanned is an error (exit code 2), not a note.")
@click.option("--no-archives", is_flag=True, help="Do not look into archives and compressed files.")
@click.option(
    "--no-gitignore",
    "gitignore",
    is_flag=True,
    flag_value=False,
    default=True,
    help="Also scan what .gitignore leaves out.",
)
@plugins_option
@click.option("-j", "jobs", type=click.IntRange(0, 256), default=0, help="Processes; 0 = one a CPU, at most 8.")
@repository_options
@click.pass_context
def scan(
    ctx: click.Context,
    /,
    baseline_path: str | None,
    baseline_key: str | None,
    no_ignores: bool,
    form: str,
    output: str | None,
    show_secrets: bool,
    strict: bool,
    no_archives: bool,
    plugins: frozenset[str],
    **wanted: Any,
) -> None:
    """Find secrets in PATHS (default: the current folder).

    Exit code 0: nothing found that is not accepted; 1: findings; 2: usage, configuration, or with --strict something
    that could not be scanned; 3: internal error.
    """
    many = taken(wanted)
    if many.repos is not None:
        unfit = {"--show-secrets": show_secrets, "--plugins": plugins != {OWN}, f"--format {form}": form not in _LINES}
        others = Others(output, baseline_path, not no_archives, not no_ignores, strict, [o for o in unfit if unfit[o]])
        ctx.exit(scan_repositories(many, Wanted(**wanted), tool(open_scanner(None)), others))
    began = time.time()
    accepted = load(baseline_path, read_key(baseline_key)) if baseline_path else None
    scanner = open_scanner(accepted, plugins, not no_archives, not no_ignores)
    result = read(scanner, Wanted(**wanted))
    result.notes += accepted.notes if accepted else []
    name = baseline_path or text_report.BASELINE
    _report(result, Made(tool(scanner), began), form, output, show_secrets, name)
    ctx.exit(_status(result, strict))


def _report(result: Scan, made: Made, form: str, output: str | None, show_secrets: bool, baseline: str) -> None:
    if form == "text" and output is None and sys.stdout.isatty():
        from secretguard.report import terminal_report

        width, colour = terminal_report.columns(sys.stdout), terminal_report.coloured(sys.stdout)
        click.echo(terminal_report.render(result, width, colour, baseline, show_secrets), nl=False, color=colour)
        return
    text = (
        text_report.render(result, show_secrets, baseline)
        if form == "text"
        else renderer(form)(result, made, show_secrets)
    )
    if output is None:
        click.echo(text, nl=False)
        return
    _write(output, text)
    click.echo(text_report.summary(result), err=True)


def _write(path: str, text: str) -> None:
    """The report in `path`, whole or not at all, for this user alone: it may hold secrets. Raises ConfigError."""
    from secretguard.whole_file import replace

    try:
        replace(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ConfigError(f"--output {path}: {error.strerror}") from None


def _status(result: Scan, strict: bool) -> int:
    """Findings come first: a gap must not hide that something was found."""
    if result.open_findings:
        return FINDINGS
    if strict and result.gaps:
        first = result.gaps[0]
        click.echo(
            f"--strict: {len(result.gaps)} not scanned, the first: {printable(first.path)}: {first.reason}", err=True
        )
        return USAGE
    return CLEAN


def open_scanner(
    baseline: Baseline | None,
    plugins: frozenset[str] = frozenset({OWN}),
    archives: bool = True,
    honour: bool = True,
) -> Scanner:
    """A scanner with this installation's rules and, where asked for, the plugins of detect-secrets.

    The plugins, their limits and filters are those of the baseline, if it names any. Raises GuardError when there is
    no engine, ConfigError for a baseline that asks for what is not run.
    """
    peer = None
    if PEER in plugins:
        from secretguard.baseline_head import fresh, settings
        from secretguard.detect.detect_secrets import DetectSecrets

        peer = DetectSecrets(settings(baseline.path, baseline.document) if baseline and baseline.document else fresh())
    return Scanner(pack.open_engine(), fingerprint_key(), baseline, OWN in plugins, peer, archives, honour)


def tool(scanner: Scanner) -> dict[str, str]:
    """Who made a report with `scanner`."""
    return made.tool(scanner.engine.version, native=pack.native_module() is not None, peer=scanner.peer is not None)
