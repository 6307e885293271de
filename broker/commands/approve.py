"""`broker approvals` and `broker approve`: what waits for a person, and a person's word."""

from __future__ import annotations

import time

import click

from broker.commands.connect import client, endpoint_options, show_json, visible


@click.command()
@endpoint_options
def approvals(endpoint: str, token_file: str | None, form: str) -> None:
    """List the requests that wait for a person and that you may see."""
    with client(endpoint, token_file) as broker:
        found = broker.approvals()
    if form == "json":
        show_json(found)
        return
    for item in found:
        _show(item)
    if not found:
        click.echo("nothing waits")


@click.command()
@click.argument("approval_id")
@click.option("--deny", is_flag=True, help="Say no.")
@click.option("--reason", required=True, help="Why; it is recorded and shown to the requester.")
@endpoint_options
def approve(approval_id: str, deny: bool, reason: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Approve exactly the request of APPROVAL_ID, or deny it. Needs the OIDC token of another than the requester."""
    with client(endpoint, token_file) as broker:
        answer = broker.decide(approval_id, "deny" if deny else "approve", reason)
    if form == "json":
        show_json(answer)
        return
    click.echo(f"{answer.get('approval_id')} is {answer.get('state')}")


def _show(item: dict[str, object]) -> None:
    """The whole request, nothing elided: what is approved is exactly this. Control characters show as escapes."""
    click.secho(str(item.get("approval_id")), bold=True)
    request = item.get("request")
    for name, value in (request if isinstance(request, dict) else {}).items():
        click.echo(f"  {name:14} {visible(value)}")
    expires = item.get("expires_at")
    left = int(expires - time.time()) if isinstance(expires, int) else 0
    click.echo(f"  {'needs':14} {item.get('needed')} approval(s), within {left} s")
