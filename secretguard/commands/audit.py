"""`secretguard audit`: verify, pin and tail the guard's journal; its other subcommands are in the files beside."""

from __future__ import annotations

import json
import sys
from itertools import chain

import click

from secretguard.audit import pin as pins
from secretguard.audit import reader
from secretguard.audit.story import record_line
from secretguard.audit.verify import INCOMPLETE, INTACT, NOTE, TAMPERED, UNKNOWN, Result
from secretguard.audit.verify import verify as verify_journal
from secretguard.commands.audit_export import events, export
from secretguard.commands.audit_handover import handover
from secretguard.commands.audit_keep import erase, prune, rotate, rotate_key
from secretguard.commands.audit_options import bytes_of, format_option, journal_of, journal_option, styled, write_text
from secretguard.commands.audit_prove import prove, verify_proof
from secretguard.commands.audit_ship import ship
from secretguard.commands.audit_show import show, timeline
from secretguard.terminal import printable

COLOURS = {INTACT: "green", TAMPERED: "red", INCOMPLETE: "yellow", UNKNOWN: "yellow", NOTE: "cyan"}


@click.group()
def audit() -> None:
    """The tamper-evident record of what the guard decided."""


@audit.command()
@journal_option
@format_option
@click.option("--pin", "pin_file", type=click.Path(dir_okay=False), help="A pin made earlier and kept elsewhere.")
@click.option("--allow-unanchored", is_flag=True, help="Exit 0 for a journal that is consistent but has no pin.")
def verify(directory: str | None, form: str, pin_file: str | None, allow_unanchored: bool) -> None:
    """Tell an intact journal from an edited, a dropped and a cut-off one.

    \b
    Exit codes: 0 intact, 1 tampered, 2 incomplete, 3 cannot tell.
    Without a pin the best answer is "self-consistent, unanchored" (3): whoever may write as this user could have
    rewritten the journal from end to end.
    """
    pin = pins.read(bytes_of(pin_file, pins.MAX_BYTES), pin_file) if pin_file else None
    result = verify_journal(journal_of(directory), pin)
    click.echo(json.dumps(_document(result)) if form == "json" else _report(result, journal_of(directory)))
    unanchored = result.outcome == UNKNOWN and result.words != UNKNOWN
    sys.exit(0 if unanchored and allow_unanchored else result.exit_code)


@audit.command("pin")
@journal_option
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where to write it; standard output by default.")
def pin_(directory: str | None, output: str | None) -> None:
    """Write down what the journal is now, to verify against later.

    Keep the pin where the agent's user cannot change it: another machine, a signed tag, a ticket. A journal that is
    not consistent is not pinned.
    """
    result = verify_journal(journal_of(directory))
    if result.outcome in (TAMPERED, INCOMPLETE) or not result.records:
        click.echo(_report(result, journal_of(directory)), err=True)
        sys.exit(result.exit_code)
    text = pins.write(pins.make(result.first, result.records, result.last))
    if output:
        write_text(output, text)
    else:
        click.echo(text, nl=False)


@audit.command()
@journal_option
@format_option
@click.option("-n", "count", type=click.IntRange(0, 100_000), default=20, show_default=True, help="How many records.")
@click.option("-f", "--follow", is_flag=True, help="Go on with records as they are written.")
def tail(directory: str | None, form: str, count: int, follow: bool) -> None:
    """The last records; with --follow, until it is interrupted, also those that come."""
    newest, place = reader.last(journal_of(directory), count)
    going_on = reader.follow(journal_of(directory), place) if follow else ()
    try:
        for record in chain(newest, going_on):
            click.echo(json.dumps(record) if form == "json" else record_line(record, styled))
    except KeyboardInterrupt:
        return  # the way to end --follow


for command in (
    show, timeline, export, ship, events, prove, verify_proof, rotate, rotate_key, prune, erase, handover,
):  # fmt: skip
    audit.add_command(command)


def _document(result: Result) -> dict[str, object]:
    findings = [{"kind": f.kind, "file": f.file, "line": f.line, "text": f.text} for f in result.findings]
    return {
        "outcome": result.outcome,
        "words": result.words,
        "anchored": result.anchored,
        "start": result.start,
        "records": result.records,
        "last": result.last,
        "findings": findings,
    }


def _report(result: Result, directory: str) -> str:
    lines = [
        f"{directory}: {click.style(result.words, fg=COLOURS[result.outcome], bold=True)}, "
        + (f"{result.records} records" if result.start == 1 else f"records {result.start} to {result.records}")
    ]
    for finding in result.findings:
        place = f"{finding.file} line {finding.line} ".lstrip() if finding.line else ""
        lines.append(f"  {click.style(finding.kind, fg=COLOURS[finding.kind])}: {place}{printable(finding.text)}")
    if not result.anchored and result.outcome == UNKNOWN:
        lines.append(
            "  Nothing outside of it vouches for it: pin it (`secretguard audit pin`), keep the pin elsewhere."
        )
    return "\n".join(lines)
