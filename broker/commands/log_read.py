"""`broker log tail`, `show` and `timeline`: records as they are, and one run as a story."""

from __future__ import annotations

import datetime
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import sqlalchemy as sa

from broker import activity
from broker.commands.connect import show_json
from broker.commands.log_place import opened, place_options
from broker.errors import NotFound
from broker.store.database import Database
from broker.store.tables import events, leaves
from broker.story import Line
from secretguard.terminal import printable

FOLLOW_SECONDS = 0.5
SHOWN = 10_000


@click.command()
@click.option("-n", "--lines", default=20, show_default=True, type=click.IntRange(0, SHOWN))
@click.option("-f", "--follow", is_flag=True, help="Go on with each record as it gets its number, until interrupted.")
@click.option("--task", help="Only this task's.")
@place_options[0]
@place_options[1]
def tail(lines: int, follow: bool, task: str | None, config: Path | None, state: str) -> None:
    """Print the newest records, one JSON document a line, oldest first."""
    database, _ = opened(config, state)
    mine = [events.c.task_id == task] if task else []
    try:
        with database.read() as tx:
            last = tx.execute(sa.select(sa.func.max(leaves.c.leaf))).scalar()
            query = sa.select(events.c.payload).where(*mine).order_by(events.c.seq.desc()).limit(lines)
            if follow:  # by number: a record that is committed late has a later number, so none is passed over
                query = query.join(leaves, leaves.c.seq == events.c.seq)
            found = tx.execute(query).scalars().all()
        for payload in reversed(found):
            click.echo(payload)
        if follow:
            for payload in _followed(database, -1 if last is None else int(last), mine):
                click.echo(payload)
                sys.stdout.flush()
    finally:
        database.close()


@click.command()
@click.option("--task", default="", help="Records of this task.")
@click.option("--lease", default="", help="Records that name this lease.")
@click.option("--approval", default="", help="Records that name this approval.")
@click.option("--who", default="", help="Records that name this identity: launcher, approver, who ended or revoked.")
@click.option("--event", default="", help="Records of this event, as broker:lease:issued.")
@click.option("--entry", type=click.IntRange(min=0), help="The entry with this number.")
@place_options[0]
@place_options[1]
def show(
    task: str, lease: str, approval: str, who: str, event: str, entry: int | None, config: Path | None, state: str
) -> None:
    """Print the records that fit all that is given, oldest first, each with its number and leaf hash (JSON lines)."""
    wanted = [events.c.task_id == task] if task else []
    wanted += [events.c.event == event] if event else []
    wanted += [leaves.c.leaf == entry] if entry is not None else []
    for name, value in (("lease", lease), ("approval", approval)):
        wanted += [_holds(f"{json.dumps(name)}: {json.dumps(value)}")] if value else []
    wanted += [_holds(json.dumps(who))] if who else []
    if not wanted:
        raise click.UsageError("say which records: --task, --lease, --approval, --who, --event or --entry")
    database, _ = opened(config, state)
    query = sa.select(leaves.c.leaf, leaves.c.hash, events.c.payload).select_from(
        events.outerjoin(leaves, leaves.c.seq == events.c.seq)
    )
    with database.read() as tx:
        rows = tx.execute(query.where(*wanted).order_by(events.c.seq).limit(SHOWN)).all()
    database.close()
    for leaf, digest, payload in rows:
        click.echo(json.dumps({"entry": leaf, "hash": digest, "record": json.loads(payload)}))
    if len(rows) == SHOWN:
        click.echo(f"only the first {SHOWN} are shown", err=True)


@click.command()
@click.argument("task_id", metavar="TASK")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@place_options[0]
@place_options[1]
def timeline(task_id: str, form: str, config: Path | None, state: str) -> None:
    """Tell one run as a story: who asked, what was decided and by whom, credentials and their end, the sandbox."""
    database, _ = opened(config, state)
    try:
        run = activity.run(database, task_id)
    finally:
        database.close()
    if run is None:
        raise NotFound(f"no task {task_id[:64]!r}", "list tasks with `broker task list`", rule="unknown-task")
    if form == "json":
        show_json({**_summary(run), "lines": [_row(line) for line in run.lines], "cut": run.cut})
        return
    click.echo(f"{run.task_id}: {printable(run.policy)} in {printable(run.environment)}, {run.state}")
    click.echo(f"asked by {printable(run.launcher)} for {printable(run.on_behalf_of)}: {printable(run.purpose)}")
    for line in run.lines:
        number = "     -" if line.leaf is None else f"{line.leaf:6}"
        text = f"{_clock(line.at)} {number}  {line.kind:10} {printable(line.text)}"
        click.secho(text, fg="yellow" if line.alarm else None)
    if run.cut:
        click.echo(f"only the first {activity.MAX_LINES} records are told")


def _followed(database: Database, last: int, mine: list[sa.ColumnElement[bool]]) -> Iterator[str]:
    query = sa.select(leaves.c.leaf, events.c.payload).join(events, events.c.seq == leaves.c.seq)
    while True:
        with database.read() as tx:
            rows = tx.execute(query.where(leaves.c.leaf > last, *mine).order_by(leaves.c.leaf).limit(SHOWN)).all()
        for leaf, payload in rows:
            last = int(leaf)
            yield payload
        if not rows:
            time.sleep(FOLLOW_SECONDS)


def _holds(text: str) -> sa.ColumnElement[bool]:
    return events.c.payload.contains(text, autoescape=True)


def _summary(run: activity.Run) -> dict[str, object]:
    names = (
        "task_id",
        "policy",
        "environment",
        "purpose",
        "launcher",
        "on_behalf_of",
        "state",
        "created_at",
        "ended_at",
    )
    return {name: getattr(run, name) for name in names} | {"alarms": list(run.alarms)}


def _row(line: Line) -> dict[str, object]:
    return {"at": line.at, "entry": line.leaf, "kind": line.kind, "event": line.event, "text": line.text}


def _clock(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
