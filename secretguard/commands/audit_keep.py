"""`secretguard audit rotate`, `rotate-key`, `prune` and `erase`: what is kept of the journal, and for how long."""

from __future__ import annotations

import datetime
import os
import sys

import click

from secretguard.audit import keys, segments
from secretguard.audit import prune as pruning
from secretguard.audit.erase import erase as erase_session
from secretguard.audit.journal import Journal
from secretguard.audit.verify import INCOMPLETE, TAMPERED, verify
from secretguard.commands.audit_options import journal_of, journal_option
from secretguard.errors import ConfigError
from secretguard.guard.room import LONGEST_SHOWN
from secretguard.pack import open_engine
from secretguard.placeholder import of_user
from secretguard.places import state_dir
from secretguard.redact import redact
from secretguard.terminal import printable


def _outcome(folder: str, done: str) -> str:
    """What a verifier says of the journal now. Of one that was tampered with nothing may go: it is the evidence."""
    result = verify(folder)
    if result.outcome == TAMPERED:
        why = f"{folder}: {result.words}: nothing is {done}; see `secretguard audit verify`, and keep a copy"
        click.echo(printable(why), err=True)
        sys.exit(result.exit_code)
    return result.outcome


@click.command()
@journal_option
def rotate(directory: str | None) -> None:
    """Close the journal's file and go on in a new one, e.g. monthly.

    It closes by itself at 8 MiB. Only closed files can be pruned.
    """
    folder = journal_of(directory)
    if not os.path.isdir(folder):  # none is made because somebody mistyped its name
        raise ConfigError(f"{folder}: there is no journal", "name the journal's folder with --journal")
    before = len(segments.closed(folder))
    Journal(folder).close_segment()
    if len(segments.closed(folder)) == before:
        click.echo("there was no file to close, or it does not end as it should: see `secretguard audit verify`")


@click.command("rotate-key")
def rotate_key() -> None:
    """Make the digests in records with a new key from now on.

    The old keys are kept as long as there are records: `audit show --secret` searches under all of them. Placeholders
    and the fingerprints of a scan do not change.
    """
    click.echo(f"new key {keys.rotate(state_dir(), Journal(journal_of(None)))}")


@click.command()
@journal_option
@click.option("--keep-days", type=click.IntRange(0, 36_500), help="Keep the records of so many days.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Keep the records from this date (UTC) on.")
@click.option("--dry-run", is_flag=True, help="Only say which files would go.")
def prune(directory: str | None, keep_days: int | None, before: datetime.datetime | None, dry_run: bool) -> None:
    """Remove old files of the journal, on the record.

    Whole closed files go, never a part; nothing goes from a journal that was tampered with. A pin of a record that went
    confirms nothing any more: take a new one first.
    """
    if (keep_days is None) == (before is None):
        raise ConfigError("say what to keep", "give either --keep-days or --before")
    folder = journal_of(directory)
    incomplete = _outcome(folder, "pruned") == INCOMPLETE
    now = datetime.datetime.now(datetime.UTC)
    moment = now - datetime.timedelta(days=keep_days or 0) if before is None else before.replace(tzinfo=datetime.UTC)
    files = pruning.old_files(folder, moment) if dry_run else pruning.prune(folder, moment, incomplete)
    for file in files:
        click.echo(printable(f"{file.path}: to record {file.last}, {file.time}, {file.bytes} bytes"))
    click.echo(f"{len(files)} files {'would be' if dry_run else 'were'} pruned")


@click.command()
@journal_option
@click.option("--session", required=True, help="The client's id of the session.")
@click.option("--reason", required=True, help="Why; it is recorded.")
def erase(directory: str | None, session: str, reason: str) -> None:
    """Erase what the records of one session say: commands, paths, ids.

    Number, time and event of each record stay, and so does every proof. Copies, backups and exports are not reached.
    Nothing is erased from a journal that was tampered with. Exit code 1 then, and when there is no such record.
    """
    folder = journal_of(directory)
    _outcome(folder, "erased")
    text = reason.encode("utf-8", "replace")
    shown = redact(text, open_engine().scan(text), of_user(folder)).decode("utf-8", "replace")
    done = erase_session(folder, session, shown[:LONGEST_SHOWN])
    click.echo(f"{done.count} records erased")
    if done.stay:
        click.echo(f"{done.stay} more are of the first format and stay: prune the files that hold them", err=True)
    sys.exit(0 if done.count else 1)
