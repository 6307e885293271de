"""`broker run TASK -- CMD`: a task, a sandbox, and everything taken back at the end."""

from __future__ import annotations

import json
import re
import sys

import click

from broker.commands.connect import client, endpoint_options, receipt_json, show_receipt
from broker.commands.task import place_options
from broker.sandbox import tier
from broker.sandbox.supervisor import Order, Outcome, Surroundings, supervise

_UNITS = {"s": 1, "m": 60, "h": 3600}


def _seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """A duration such as 30s, 5m or 1h, as seconds."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})([smh])", value)
    if not found or int(found[1]) == 0:
        raise click.BadParameter("write a duration as 30s, 5m or 1h")
    return float(int(found[1]) * _UNITS[found[2]])


@click.command()
@click.argument("task")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--purpose", default="broker run", show_default=True, help="Why, for the record and the approver.")
@click.option("--workspace", default=".", show_default="this directory", help="The one directory that is writable.")
@click.option("--ro-bind", "readable", multiple=True, help="One more directory to be readable; may be repeated.")
@click.option(
    "--timeout", callback=_seconds, help="End the command after 30s, 5m, 1h; at the latest the task's deadline."
)
@click.option("--tier", "tier_name", type=click.Choice(sorted(tier.TIERS)), help="Insist on this kind of sandbox.")
@place_options
@endpoint_options
def run(
    task: str,
    command: tuple[str, ...],
    purpose: str,
    workspace: str,
    readable: tuple[str, ...],
    timeout: float | None,
    tier_name: str | None,
    repository: str,
    branch: str,
    endpoint: str,
    token_file: str | None,
    form: str,
) -> None:
    """Run COMMAND in a sandbox under the task policy TASK; when it ends, however it ends, take everything back.

    Write `--` before COMMAND: broker run TASK -- COMMAND [ARGUMENT...]

    Inside there are the workspace, the system's programs and one socket, BROKER_TASK_SOCKET, that gives this task's
    credentials: `broker credential GRANT`, or `curl --unix-socket $BROKER_TASK_SOCKET http://task/v1/credentials
    -d '{"grant": "GRANT"}'`. No network, no home, none of your environment.

    Exit status: the command's own; 128+N when a signal ended it or this program; 124 when its time was over; 2 when it
    could not be started, or when it succeeded and not everything is certain to be taken back. The receipt goes to
    standard error.
    """
    chosen = tier.choose(tier_name)
    _say(f"sandbox: {chosen.describe()} (self-test passed)")
    order = Order(task, purpose, command, workspace, readable, _private(endpoint), timeout, repository, branch)
    outcome = supervise(order, Surroundings(lambda: client(endpoint, token_file), chosen, _say))
    _show(outcome, form)
    sys.exit(outcome.status)


def _private(address: str) -> tuple[str, ...]:
    """The launcher's socket: who reaches that can start tasks of their own."""
    return (address.removeprefix("unix:"),) if address.startswith("unix:/") else ()


def _say(line: str) -> None:
    click.echo(f"broker: {line}", err=True)


def _show(outcome: Outcome, form: str) -> None:
    """Everything on standard error: standard output is the command's."""
    if form == "json":
        receipt = receipt_json(outcome.receipt) if outcome.receipt else None
        known = {"task_id": outcome.task_id, "status": outcome.status, "why": outcome.why, "problem": outcome.problem}
        click.echo(json.dumps({**known, "receipt": receipt}, sort_keys=True), err=True)
    else:
        _say(f"task {outcome.task_id} is over: {outcome.why}, status {outcome.status}")
        if outcome.receipt:
            show_receipt(outcome.receipt, form, err=True)
    if outcome.problem:
        click.secho(f"broker: NOT CERTAIN TO BE TAKEN BACK: {outcome.problem}", err=True, fg="red", bold=True)
        click.echo(f"  see `broker task show {outcome.task_id}`; it is still being tried", err=True)
