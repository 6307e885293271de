"""`broker activity`: a link that opens the reviewer's pages once."""

from __future__ import annotations

import click

from broker.commands.connect import client, endpoint_options, show_json


@click.command()
@endpoint_options
def activity(endpoint: str, token_file: str | None, form: str) -> None:
    """Print a link to the reviewer's pages. It works once, soon, in one browser; you must be one of the broker's
    operators. What comes after the # is the key to it: open it yourself."""
    with client(endpoint, token_file) as broker:
        url, seconds = broker.activity_link()
    if form == "json":
        show_json({"url": url.reveal(), "expires_in": seconds})
        return
    click.echo(url.reveal())
    click.echo(f"works once, within {seconds // 60} minutes", err=True)
