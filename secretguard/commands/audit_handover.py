"""`secretguard audit hand-over`: inside a sandbox of `broker run`, give this task's records to the broker."""

from __future__ import annotations

import os
import sys

import click

from secretguard.agents.event import TASK
from secretguard.audit.handover import hand_over
from secretguard.commands.audit_options import journal_of, journal_option
from secretguard.errors import ConfigError
from secretguard.guard.task import FIELD, SOCKET, claimed
from secretguard.terminal import printable


@click.command("hand-over")
@journal_option
@click.option("--task-socket", envvar=SOCKET, show_envvar=True, help="The socket inside a sandbox of `broker run`.")
def handover(directory: str | None, task_socket: str | None) -> None:
    """Give the records of this sandbox's task to the broker; the sandbox's disk dies with it.

    The hook does so by itself after each record; this takes what is left at the end of a run. The broker keeps them
    as what the sandbox claims. Exit code 1 where some are left, or were refused and passed over.
    """
    task = claimed(os.environ).get(FIELD)
    if not task or not task_socket:
        raise ConfigError(f"{TASK} and {SOCKET} are not set", "this works inside `broker run` only")
    done = hand_over(journal_of(directory), task_socket, task)
    click.echo(f"{done.count} records handed over for {task}" + (f", {done.left} are left" if done.left else ""))
    if done.refused:
        click.echo(f"{done.refused} records were refused: the broker does not understand them", err=True)
    if done.why:
        click.echo(printable(done.why), err=True)
    sys.exit(1 if done.left or done.refused else 0)
