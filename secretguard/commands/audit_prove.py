"""`secretguard audit prove` and `verify-proof`: one record shown to somebody who has only a pin."""

from __future__ import annotations

import json
import sys

import click

from secretguard.audit import pin as pins
from secretguard.audit import prove as proofs
from secretguard.audit.fields import ERASED
from secretguard.audit.story import record_line
from secretguard.commands.audit_options import bytes_of, format_option, journal_of, journal_option, styled, write_text

pin_option = click.option(
    "--pin", "pin_file", required=True, type=click.Path(dir_okay=False), help="A pin of this record or a later one."
)


@click.command()
@click.argument("seq", type=click.IntRange(1), metavar="SEQ")
@journal_option
@pin_option
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where to write it; standard output by default.")
def prove(seq: int, directory: str | None, pin_file: str, output: str | None) -> None:
    """Write a proof that the journal held record SEQ when it was pinned.

    It holds that record and, of the others up to the pinned one, numbers, times and events, not what they say.
    """
    pin = pins.read(bytes_of(pin_file, pins.MAX_BYTES), pin_file)
    text = proofs.prove(journal_of(directory), seq, pin).text()
    if output:
        write_text(output, text)
    else:
        click.echo(text, nl=False)


@click.command("verify-proof")
@click.argument("proof_file", type=click.Path(dir_okay=False), metavar="PROOF")
@format_option
@pin_option
def verify_proof(proof_file: str, form: str, pin_file: str) -> None:
    """Check a proof against the pin, without the journal, and print its record.

    \b
    Exit codes: 0 it proves the record, 1 it does not.
    """
    pin = pins.read(bytes_of(pin_file, pins.MAX_BYTES), pin_file)
    try:
        record = proofs.check(proofs.read(bytes_of(proof_file, proofs.MAX_BYTES), proof_file), pin)
    except proofs.ProofError as error:
        click.echo(f"not proved: {error}", err=True)
        sys.exit(1)
    click.echo(json.dumps(record) if form == "json" else f"proved: {record_line(record, styled)}")
    if record.get(ERASED):
        click.echo("what it says is not in the proof: it was erased, or whoever made the proof left it out", err=True)
