"""`broker task`: start, list, show, end and kill tasks."""

from __future__ import annotations

import json
import sys

import click

from broker.client import StartedTask
from broker.commands.connect import (
    Function,
    client,
    endpoint_options,
    receipt_code,
    show_json,
    show_receipt,
    show_table,
    visible,
)
from broker.commands.used import used_by_task
from secretguard.errors import ConfigError


def place_options(command: Function) -> Function:
    """Add `--repository` and `--branch`."""
    told = "Where you work; recorded as stated. A CI token says it by itself, and proves it."
    for name in ("branch", "repository"):
        command = click.option(f"--{name}", default="", help=told)(command)
    return command


@click.group()
def task() -> None:
    """Start, show, end and kill tasks. `broker run` does all of it around one command."""


@task.command()
@click.argument("policy")
@click.option("--purpose", required=True, help="What it is for, in a sentence; it is recorded.")
@click.option("--narrow", help='JSON that takes away, e.g. \'{"deadline": 600, "grants": {"db": {"ttl": 60}}}\'.')
@place_options
@endpoint_options
def start(
    policy: str,
    purpose: str,
    narrow: str | None,
    repository: str,
    branch: str,
    endpoint: str,
    token_file: str | None,
    form: str,
) -> None:
    """Start a task under POLICY and print its one-time bootstrap value (60 seconds, for its supervisor alone)."""
    with client(endpoint, token_file) as broker:
        started = broker.start_task(policy, purpose, parse_narrow(narrow), repository=repository, branch=branch)
    _show_started(started, form)


@task.command()
@click.argument("task_id")
@click.option("--purpose", required=True, help="What the sub-agent is for, in a sentence; it is recorded.")
@click.option("--narrow", help="JSON that takes away from what the task above has, as for `start`.")
@endpoint_options
def child(task_id: str, purpose: str, narrow: str | None, endpoint: str, token_file: str | None, form: str) -> None:
    """Start a sub-task of TASK_ID: no wider, no longer, over when that one is; print its one-time bootstrap value."""
    with client(endpoint, token_file) as broker:
        started = broker.start_child(task_id, purpose, parse_narrow(narrow))
    _show_started(started, form)


def _show_started(started: StartedTask, form: str) -> None:
    answer = {
        "task_id": started.task_id,
        "bootstrap": started.bootstrap.reveal(),
        "expires_at": started.expires_at,
        "grants": list(started.grants),
    }
    if form == "json":
        show_json(answer)
        return
    for name, value in answer.items():
        click.echo(f"{name:10} {', '.join(value) if isinstance(value, list) else value}")


@task.command("list")
@endpoint_options
def list_(endpoint: str, token_file: str | None, form: str) -> None:
    """List your tasks; all of them for an operator."""
    with client(endpoint, token_file) as broker:
        found = broker.tasks()
    if form == "json":
        show_json(found)
        return
    names = ("id", "policy", "state", "launcher", "expires_at", "purpose")
    show_table([[item[name] for name in names] for item in found], names)


@task.command()
@click.argument("task_id")
@endpoint_options
def show(task_id: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Show one task with its grants and leases."""
    with client(endpoint, token_file) as broker:
        found = broker.task(task_id)
    if form == "json":
        show_json(found)
        return
    for name, value in found.items():
        if not isinstance(value, list):
            click.echo(f"{name:14} {visible(value)}")
    for kind in ("grants", "leases"):
        items = found.get(kind)
        for item in items if isinstance(items, list) else []:
            click.echo(
                f"{kind[:-1]:14} "
                + "  ".join(f"{name}={visible(value)}" for name, value in item.items() if value != "")
            )


@task.command()
@click.argument("task_id")
@endpoint_options
def end(task_id: str, endpoint: str, token_file: str | None, form: str) -> None:
    """End a task, take every credential back, print the receipt. Exit code 1 when a revocation is still to be done."""
    with client(endpoint, token_file) as broker:
        receipt = broker.end(task_id)
    show_receipt(receipt, form)
    sys.exit(receipt_code(receipt))


@task.command()
@click.argument("task_id")
@click.option("--reason", required=True, help="Why; it is recorded.")
@endpoint_options
def kill(task_id: str, reason: str, endpoint: str, token_file: str | None, form: str) -> None:
    """As `end`, recorded as a kill."""
    with client(endpoint, token_file) as broker:
        receipt = broker.kill(task_id, reason)
    show_receipt(receipt, form)
    sys.exit(receipt_code(receipt))


task.add_command(used_by_task)


def parse_narrow(text: str | None) -> dict[str, object] | None:
    """The value of `--narrow`. Raises ConfigError."""
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ConfigError("--narrow is not a JSON object", "write for example '{\"deadline\": 600}'")
    return value
