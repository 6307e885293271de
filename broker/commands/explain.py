"""`broker explain`: the decision that would be made, with nothing issued."""

from __future__ import annotations

import json
import shlex
import sys

import click

from broker.commands.connect import client, endpoint_options, show_json, show_table, visible
from broker.commands.task import parse_narrow, place_options
from secretguard.errors import FINDINGS

COLUMNS = ("grant", "limit", "policy", "ceiling", "request", "effective")


@click.command()
@click.argument("policy")
@click.argument("grant", required=False)
@click.option("--narrow", help="JSON that takes away, as for `broker task start`.")
@place_options
@endpoint_options
def explain(
    policy: str,
    grant: str | None,
    narrow: str | None,
    repository: str,
    branch: str,
    endpoint: str,
    token_file: str | None,
    form: str,
) -> None:
    """Say what would be decided about a task under POLICY, or about one GRANT of it. Exit code 1: refused."""
    with client(endpoint, token_file) as broker:
        answer = broker.explain(policy, grant, parse_narrow(narrow), repository=repository, branch=branch)
    allowed = answer.get("allowed") is True
    if form == "json":
        show_json(answer)
    else:
        _show_decision(answer, allowed)
        _show_steps(answer.get("steps"))
    sys.exit(0 if allowed else FINDINGS)


def _show_decision(answer: dict[str, object], allowed: bool) -> None:
    if not allowed:
        click.secho(f"refused by {visible(answer.get('rule'))}: {visible(answer.get('reason'))}", fg="red")
        click.echo(f"  would pass: {visible(answer.get('would_pass'))}")
        near = answer.get("nearest")
        told = f"--narrow {shlex.quote(json.dumps(near))}" if near is not None else "nothing passes"
        click.echo(f"  nearest: {told}")
        return
    click.echo(f"allowed by {visible(answer.get('rule'))}, for {visible(answer.get('deadline'))} s")
    grants = answer.get("grants")
    for name, item in (grants if isinstance(grants, dict) else {}).items():
        word = f"{item['approvals']} approval(s)" if item["allowed"] else "refused"
        click.echo(f"  {visible(name)}: {word}, ttl {item['ttl']} s, rule {item['rule']}: {visible(item['reason'])}")


def _show_steps(steps: object) -> None:
    """Who set which limit, and what is left."""
    rows = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    if rows:
        show_table([["-" if row.get(name) in (None, "") else row[name] for name in COLUMNS] for row in rows], COLUMNS)
