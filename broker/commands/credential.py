"""`broker credential GRANT`: for use inside a sandbox."""

from __future__ import annotations

import sys

import click

from broker.sandbox.credential import fetch


@click.command()
@click.argument("grant")
@click.option("--field", help="Print this field alone, e.g. token or password.")
@click.option("--idempotency-key", help="Ask for the same credential again, after a lost answer or a wait.")
def credential(grant: str, field: str | None, idempotency_key: str | None) -> None:
    """Inside `broker run`: ask for one GRANT of this task and print the credential.

    Exit status: 0 printed, 75 a person must decide first, 2 refused. In the sandbox it is one file that needs
    nothing but a Python there.
    """
    sys.exit(fetch(grant, field, idempotency_key))
