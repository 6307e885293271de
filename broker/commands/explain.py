"""`broker explain`: the decision that would be made, with nothing issued."""

from __future__ import annotations

import sys

import click

from broker.commands.connect import client, endpoint_options, show_json
from broker.commands.task import parse_narrow
from secretguard.errors import FINDINGS


@click.command()
@click.argument("policy")
@click.argument("grant", required=False)
@click.option("--narrow", help="JSON that takes away, as for `broker task start`.")
@endpoint_options
def explain(
    policy: str, grant: str | None, narrow: str | None, endpoint: str, token_file: str | None, form: str
) -> None:
    """Say what would be decided about a task under POLICY, or about one GRANT of it. Exit code 1: refused."""
    with client(endpoint, token_file) as broker:
        answer = broker.explain(policy, grant, parse_narrow(narrow))
    allowed = answer.get("allowed") is True
    if form == "json":
        show_json(answer)
    elif not allowed:
        click.secho(f"refused by {answer.get('rule')}: {answer.get('reason')}", fg="red")
        click.echo(f"  would pass: {answer.get('would_pass')}")
    else:
        click.echo(f"allowed by {answer.get('rule')}, for {answer.get('deadline')} s")
        grants = answer.get("grants")
        for name, item in (grants if isinstance(grants, dict) else {}).items():
            word = f"{item['approvals']} approval(s)" if item["allowed"] else "refused"
            click.echo(f"  {name}: {word}, ttl {item['ttl']} s, rule {item['rule']}: {item['reason']}")
    sys.exit(0 if allowed else FINDINGS)
