"""`broker exposed`: report a credential that was seen where it must not be."""

from __future__ import annotations

import sys

import click

from broker.commands.connect import client, endpoint_options, show_json, visible
from broker.receipt import Revocation
from broker.receipt_answer import exposed_lines
from secretguard.errors import CLEAN, FINDINGS
from secretguard.secret import Secret

MAX_VALUE = 20_000


@click.command()
@click.option("--where", required=True, help="Where it was seen; it is recorded.")
@click.option("--sha256", help="SHA-256 (hex) of the value without white space around it, instead of the value itself.")
@endpoint_options
def exposed(where: str, sha256: str | None, endpoint: str, token_file: str | None, form: str) -> None:
    """Take back the credential whose value is given on stdin, wherever it came from.

    Of your own tasks, or of all for an operator, you see what became of it; anybody else's is taken back where the
    value itself is given, and not told of. Exit code 1: nothing of yours has this value, or it is still alive.
    """
    value = None if sha256 else Secret(sys.stdin.read(MAX_VALUE + 1))
    with client(endpoint, token_file) as broker:
        answer = broker.expose(where, value, sha256)
    lines = exposed_lines(answer)
    if form == "json":
        show_json(answer)
    for line in lines if form == "text" else ():
        click.echo(f"{line.revocation.value:15} {line.lease_id} of grant {visible(line.grant)}: {visible(line.detail)}")
    if not lines and form == "text":
        click.echo("no credential of yours has this value")
    dead = lines and all(line.revocation in (Revocation.CONFIRMED, Revocation.NOTHING) for line in lines)
    sys.exit(CLEAN if dead else FINDINGS)
