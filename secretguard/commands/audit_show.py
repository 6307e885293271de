"""`secretguard audit show` and `timeline`: the journal's records that a person asks for, and one run as a story."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator

import click

from secretguard.audit import reader
from secretguard.audit.digest import key_id
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
@click.option("--event", default="", help="One event, or all that begin with it: `guard:command`.")
@click.option("--secret", is_flag=True, help="Records in which the secret on standard input was found.")
def show(directory: str | None, form: str, session: str, task: str, file: str, event: str, secret: bool) -> None:
    """The records that match everything that is asked for, in order.

    \b
    Exit codes: 0 there are some, 1 there are none, 3 cannot tell: only with --secret,
    when a record does not list the digests of all the secrets it speaks of, or the
    journal is another user's or machine's and so are its digests.
    The secret is read from standard input, so that it is in no process list and no shell history.
    """
    keys = user_keys() if secret else []
    digests = _secret(keys) if secret else frozenset()
    wanted = Wanted(session, task, event, file, digests, frozenset(map(key_id, keys)))
    seen = Counter[str]()
    foreign = _foreign(reader.records(journal_of(directory))) if secret else ""
    for record in reader.records(journal_of(directory)):
        answer = wanted.matches(record)
        seen[answer] += 1
        if answer == YES:
            click.echo(json.dumps(record) if form == "json" else record_line(record, styled))
    if seen[UNKNOWN]:
        click.echo(f"{seen[UNKNOWN]} more found secrets whose digests they do not all list: cannot tell", err=True)
    if not seen[YES]:
        click.echo(foreign or "no such record", err=True)
        sys.exit(3 if seen[UNKNOWN] or foreign else 1)


@click.command()
@journal_option
@format_option
@click.option("--session", default="", help="The client's id of the session; the last one by default.")
def timeline(directory: str | None, form: str, session: str) -> None:
    """One run of an agent as a story: prompts, reads, commands, writes, what was kept back, refused and exposed.

    Exit code 1 when there is no such session.
    """
    folder = journal_of(directory)
    chosen = session or last_session(reader.records(folder))
    run = run_of(reader.records(folder), chosen) if chosen else None
    if run is None:
        click.echo("no such session" if session else "no session is recorded yet", err=True)
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


def _foreign(records: Iterator[reader.Record]) -> str:
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
