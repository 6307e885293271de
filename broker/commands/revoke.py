"""`broker leases` and `broker revoke`."""

from __future__ import annotations

import sys

import click

from broker.commands.connect import client, endpoint_options, receipt_code, show_json, show_receipt, show_table


@click.command()
@endpoint_options
def leases(endpoint: str, token_file: str | None, form: str) -> None:
    """List the leases of your tasks; all of them for an operator."""
    with client(endpoint, token_file) as broker:
        found = broker.leases()
    if form == "json":
        show_json(found)
        return
    names = ("id", "task_id", "grant_name", "source", "state", "revocation", "expires_at")
    show_table([[item[name] for name in names] for item in found], names)


@click.command()
@click.argument("lease_id")
@endpoint_options
def revoke(lease_id: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Take one lease back; its task lives on. Exit code 1 when that is still to be done."""
    with client(endpoint, token_file) as broker:
        receipt = broker.revoke(lease_id)
    show_receipt(receipt, form)
    sys.exit(receipt_code(receipt))
