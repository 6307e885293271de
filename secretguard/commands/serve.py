"""`secretguard serve`: the resident process that the client's mod asks; started by it when it is needed."""

from __future__ import annotations

import json
import time

import click

from secretguard.errors import SecretguardError
from secretguard.resident import run, start
from secretguard.resident.place import socket_path


@click.command()
@click.option("--foreground", is_flag=True, help="Serve in this process, until it is interrupted.")
@click.option("--status", is_flag=True, help="Say whether one serves; exit 1 where none does.")
@click.option("--stop", is_flag=True, help="End the one that serves. The mod starts another when it needs one.")
@click.option(
    "--idle",
    type=click.IntRange(1, 86_400),
    default=int(run.IDLE),
    show_default=True,
    metavar="SECONDS",
    help="With --foreground: how long nobody must need it before it ends by itself.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Of --status.")
@click.pass_context
def serve(ctx: click.Context, foreground: bool, status: bool, stop: bool, idle: int, form: str) -> None:
    """Start the resident process and say where it listens; where one serves already, that one's place.

    It answers the mod of `secretguard install claude-code --with-mod` as the hook would, without starting a process
    for each event. Nothing depends on it: where it does not answer, the mod runs the hook, and where that fails
    nothing goes out. One a user; a Unix socket that only this user can reach; it ends by itself when nobody needs it,
    and when secretguard is replaced.
    """
    if foreground + status + stop > 1:
        raise SecretguardError("--foreground, --status and --stop are three different things", "choose one")
    if status:
        ctx.exit(_status(form))
    elif stop:
        click.echo("stopped" if start.stop() else "none served")
    elif foreground:
        _foreground(idle)
    else:
        click.echo(start.ensure())


def _status(form: str) -> int:
    found = start.state()
    if form == "json":
        click.echo(json.dumps({"serves": found is not None, **(found or {}), "socket": socket_path()}))
    elif found is None:
        click.echo("none serves; the mod starts one when it needs it")
    else:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(float(str(found["since"]))))
        click.echo(f"process {found['pid']} serves at {socket_path()} since {since}; events so far: {found['events']}")
        if found["stamp"] != start.own_stamp():
            click.echo("it is of another version than this program; it ends with the next event")
    return 0 if found else 1


def _foreground(idle: int) -> None:
    why = run.serve(idle, lambda path: click.echo(f"serving at {path}", err=True))
    if why == run.BUSY:
        raise SecretguardError(why, "`secretguard serve --status` says which, `--stop` ends it")
    click.echo(f"ended: {why}", err=True)
