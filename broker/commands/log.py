"""`broker log`: read and verify the broker's record, straight from its store; `heads` of journals elsewhere."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.commands.connect import client, endpoint_options, show_json, show_table
from broker.commands.log_export import export, ship
from broker.commands.log_keep import erase_command, prune_command
from broker.commands.log_place import opened, place_options
from broker.commands.log_prove import prove_command, verify_proof, witness, witness_option, witnesses
from broker.commands.log_read import show, tail, timeline
from broker.journal_heads import Head
from broker.store.log import newest_note
from broker.store.verify import INTACT, TAMPERED
from broker.store.verify import verify as verify_record
from secretguard.audit.checkpoint import parse_verifier_key
from secretguard.audit.verify import INCOMPLETE as JOURNAL_INCOMPLETE
from secretguard.audit.verify import TAMPERED as JOURNAL_TAMPERED
from secretguard.audit.verify import verify as verify_journal
from secretguard.errors import ConfigError
from secretguard.places import state_dir


@click.group()
def log() -> None:
    """Read and verify the broker's record."""


@log.command()
@place_options[0]
@place_options[1]
def pin(config: Path | None, state: str) -> None:
    """Print the newest checkpoint. Keep it where this machine cannot write, and verify against it later."""
    database, _ = opened(config, state)
    with database.read() as tx:
        note = newest_note(tx)
    database.close()
    if note is None:
        raise ConfigError("the record has no checkpoint yet", "it gets one within a second of the first event")
    click.echo(note, nl=False)


@log.command()
@place_options[0]
@place_options[1]
@click.option("--key", type=click.Path(dir_okay=False, path_type=Path), help="The log's verifier key, kept elsewhere.")
@click.option("--pin", type=click.Path(dir_okay=False, path_type=Path), help="A checkpoint that was kept elsewhere.")
@witness_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(
    config: Path | None, state: str, key: Path | None, pin: Path | None, vkeys: tuple[str, ...], form: str
) -> None:
    """Verify the whole record. Exit codes: 0 intact, 1 tampered, 2 incomplete, 3 cannot tell.

    Without --key the key beside the store is used, which whoever owns the store could have replaced with it.
    """
    database, own_key = opened(config, state)
    text = _text(pin) if pin else None
    result = verify_record(database, _key(key or own_key), text, witnesses(vkeys))
    database.close()
    if form == "json":
        told = {"result": result.word, "entries": result.size, "unnumbered": result.waiting, "anchor": result.anchor}
        show_json({**told, "findings": list(result.findings), "notes": list(result.notes)})
    else:
        colour = "green" if result.code == INTACT else "red" if result.code == TAMPERED else "yellow"
        click.secho(f"{result.word}: {result.size} entries, {result.waiting} not numbered yet", fg=colour)
        click.echo(f"  by {result.anchor}")
        for finding in (*result.findings, *result.notes):
            click.echo(f"  {finding}")
    sys.exit(result.code)


@log.command()
@click.option("--send", is_flag=True, help="Send the head of this user's journal, e.g. every ten minutes.")
@click.option("--source", help="The journal's name at the broker; this machine's by default.")
@endpoint_options
def heads(send: bool, source: str | None, endpoint: str, token_file: str | None, form: str) -> None:
    """Show how far journals elsewhere have come and how long each has been silent; or --send this user's own.

    A journal that was cut off or rewritten contradicts what it sent before: refused, recorded, exit code 2. The JSON
    form holds of each journal a pin for `secretguard audit verify --pin`.
    """
    with client(endpoint, token_file) as broker:
        if send:
            name, head = source or _machine(), _own_head(os.path.join(state_dir(), "audit"))
            new = broker.send_head(name, head.journal, head.seq, head.hash)
            click.echo(f"{name}: record {head.seq}{'' if new else ', as before'}")
            return
        found = broker.heads()
    if form == "json":
        show_json(found)
        return
    names = ("caller", "source", "seq", "age", "conflicts")
    show_table([[item[name] for name in names] for item in found], names)


for command in (
    *(tail, show, timeline),
    *(prove_command, verify_proof, witness),
    *(prune_command, erase_command),
    *(export, ship),
):
    log.add_command(command)


def _machine() -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "-", os.uname().nodename)[:64] or "unnamed"


def _own_head(directory: str) -> Head:
    """The head of a journal that is consistent: one that is not is a matter for its own `verify`, not for sending."""
    found = verify_journal(directory)
    if found.outcome in (JOURNAL_TAMPERED, JOURNAL_INCOMPLETE) or not found.records:
        raise ConfigError(f"{directory}: no consistent journal to send", "see `secretguard audit verify`")
    return Head(found.first, found.records, found.last)


def _key(path: Path) -> Ed25519PublicKey | None:
    return parse_verifier_key(_text(path))[1] if path.exists() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")[:100_000]
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path}: cannot be read") from None
