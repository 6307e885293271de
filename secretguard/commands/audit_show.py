"""`secretguard audit show` and `timeline`: the journal's records that a person asks for, and one run as a story."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import click

from secretguard.audit import broker_records, reader
from secretguard.audit.digest import key_id
from secretguard.audit.joined import join
from secretguard.audit.joined_story import joined_story
from secretguard.audit.record import Record
from secretguard.audit.select import MAX_VALUE, UNKNOWN, YES, Wanted, digests_of
from secretguard.audit.story import record_line, story
from secretguard.audit.timeline import last_session, run_of
from secretguard.audit.verify import verify
from secretguard.commands.audit_options import format_option, journal_of, journal_option, styled
from secretguard.errors import ConfigError
from secretguard.keyed import user_keys
from secretguard.pack import open_engine
from secretguard.terminal import printable


@click.command()
@journal_option
@format_option
@click.option("--session", default="", help="Records of one session of the client.")
@click.option("--task", default="", help="Records of one task of the broker.")
@click.option("--file", default="", metavar="PATH", help="Records about one file, as the tool named it or in full.")
@click.option("--host", default="", help="Records of calls to one host, or to any below a domain.")
@click.option("--event", default="", help="One event, or all that begin with it: `guard:command`.")
@click.option("--secret", is_flag=True, help="Records in which the secret on standard input was found.")
def show(
    directory: str | None, form: str, session: str, task: str, file: str, host: str, event: str, secret: bool
) -> None:
    """The records that match everything that is asked for, in order.

    \b
    Exit codes: 0 there are some, 1 there are none, 3 cannot tell: only with --secret,
    when a record does not list the digests of all the secrets it speaks of, or the
    journal is another user's or machine's and so are its digests; and with --host,
    when a record speaks of a call and not of its host (a variable, a repository's remote);
    with both, when a record was erased that may have been one.
    The secret is read from standard input, so that it is in no process list and no shell history.
    """
    keys = user_keys() if secret else []
    digests = _secret(keys) if secret else frozenset()
    wanted = Wanted(session, task, event, file, digests, frozenset(map(key_id, keys)), host)
    seen = Counter[str]()
    foreign = _foreign(reader.records(journal_of(directory))) if secret else ""
    for record in reader.records(journal_of(directory)):
        answer = wanted.matches(record)
        seen[answer] += 1
        if answer == YES:
            click.echo(json.dumps(record) if form == "json" else record_line(record, styled))
    if seen[UNKNOWN]:
        why = "found secrets whose digests they do not all list" if secret else "call places that they do not name"
        click.echo(f"{seen[UNKNOWN]} more {why}, or were erased: cannot tell", err=True)
    if not seen[YES]:
        click.echo(foreign or "no such record", err=True)
        sys.exit(3 if seen[UNKNOWN] or foreign else 1)


@click.command()
@journal_option
@format_option
@click.option("--session", default="", help="The client's id of the session; the last one by default.")
@click.option("--task", default="", help="Instead: all that claims to be this task of the broker's.")
@click.option("--broker-events", "broker", type=click.File("rb"), help="With --task: the broker's records of it, too.")
def timeline(directory: str | None, form: str, session: str, task: str, broker: BinaryIO | None) -> None:
    """One run of an agent as a story: prompts, reads, commands, writes, calls, what was kept back, refused and exposed.

    With --broker-events (`broker log show --task ID`, - for standard input) one task from both sides: who
    asked, what was read, run, changed and sent, with which credentials, who approved.

    Exit code 1 when there is no such session or task.
    """
    folder = journal_of(directory)
    if broker:
        _both_sides(folder, form, task, broker)
        return
    chosen = session or ("" if task else last_session(reader.records(folder)))
    run = run_of(reader.records(folder), chosen, task) if chosen or task else None
    if run is None:
        click.echo("no such session or task" if session or task else "no session is recorded yet", err=True)
        sys.exit(1)
    integrity = verify(folder).words
    first = next(reader.records(folder))
    if form == "json":
        told = dataclasses.asdict(run)
        alarms = [step.seq for step in run.alarms]
        origin = {"host": first.get("host"), "uid": first.get("uid"), "record": integrity}
        click.echo(json.dumps({**told, **origin, "alarms": alarms, "counts": run.counts()}))
        return
    click.echo(story(run, integrity, f"on {first.get('host')} as uid {first.get('uid')}", styled))


def _both_sides(folder: str, form: str, task: str, file: BinaryIO) -> None:
    if not task:
        raise ConfigError("--broker-events needs --task", "name the task, as `broker task list` shows it")
    theirs = broker_records.read(file.read(broker_records.MAX_BYTES + 1), file.name)
    own = reader.records(folder) if os.path.isdir(folder) else iter(())
    joined = join(task, theirs, own)
    if joined is None:
        click.echo("no such task", err=True)
        sys.exit(1)
    click.echo(json.dumps(dataclasses.asdict(joined)) if form == "json" else joined_story(joined, styled))


def _foreign(records: Iterator[Record]) -> str:
    """Why no digest can be expected to match in this journal, or ""."""
    first = next(records, {})
    host, uid = first.get("host"), first.get("uid")
    if (host, uid) == (os.uname().nodename, os.geteuid()):
        return ""
    return printable(f"the journal was begun on {host} by uid {uid}, whose key its digests are made with: cannot tell")


def _secret(keys: list[bytes]) -> frozenset[str]:
    if sys.stdin.isatty():
        click.echo("the secret, then Ctrl-D:", err=True)
    given = sys.stdin.buffer.read(MAX_VALUE + 1)
    if len(given) > MAX_VALUE or not given.strip():
        raise ConfigError(
            f"--secret reads one value of at most {MAX_VALUE} bytes from standard input",
            "pipe it in: `secretguard audit show --secret < FILE`",
        )
    return digests_of(keys, given, (finding.value for finding in open_engine().scan(given)))
