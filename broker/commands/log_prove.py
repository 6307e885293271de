"""`broker log prove`, `verify-proof` and `witness`: what others need in order not to believe this broker."""

from __future__ import annotations

import datetime
import sys
import time
from pathlib import Path

import click
import sqlalchemy as sa

from broker.commands.log_place import opened, place_options
from broker.config import Config
from broker.errors import NotFound
from broker.log.cosignature import Witness, parse_witness
from broker.log.proof import MAX_BYTES, check_proof, prove, read_proof
from broker.log.witness import WitnessClient, WitnessContradicts, WitnessFailed
from broker.store.database import Database, attach_database
from broker.store.tables import leaves
from broker.toml_file import read
from secretguard.audit.checkpoint import parse_verifier_key
from secretguard.errors import ConfigError

key_option = click.option(
    "--key", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The log's verifier key (log.vkey)."
)
witness_option = click.option(
    "--witness", "vkeys", multiple=True, metavar="VKEY", help="Verifier key of a witness that must have cosigned."
)


@click.command("prove")
@click.argument("entry", type=click.IntRange(min=0), required=False)
@click.option("--record", "seq", type=click.IntRange(min=1), help="The record with this number in the store instead.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output."
)
@place_options[0]
@place_options[1]
def prove_command(entry: int | None, seq: int | None, output: Path | None, config: Path | None, state: str) -> None:
    """Write the proof that entry ENTRY is in the log: a C2SP tlog-proof with the record, checked offline.

    `broker log verify-proof`, or any program that reads C2SP tlog-proofs, needs this file and the log's key.
    """
    if (entry is None) == (seq is None):
        raise click.UsageError("give ENTRY, or --record")
    database, _ = opened(config, state)
    try:
        with database.read() as tx:
            if seq is not None:
                entry = tx.execute(sa.select(leaves.c.leaf).where(leaves.c.seq == seq)).scalar()
            if entry is None:
                raise NotFound(f"record {seq} has no number yet", "it gets one within a second", rule="unknown-entry")
            text = prove(tx, int(entry))
    finally:
        database.close()
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@key_option
@witness_option
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="The record, where FILE has none.")
def verify_proof(file: Path, key: Path, vkeys: tuple[str, ...], record: Path | None) -> None:
    """Check a proof offline and print the record that it proves. Exit codes: 0 proved, 2 not."""
    public = parse_verifier_key(_bytes(key).decode("utf-8", "replace"))[1]
    proof = read_proof(_bytes(file).decode("utf-8", "replace"))
    done = check_proof(proof, public, witnesses(vkeys), _bytes(record) if record else None)
    click.echo(done.record)
    click.secho(
        f"proved: entry {done.index} of {done.origin}, under its checkpoint of {done.size} entries",
        fg="green",
        err=True,
    )
    for name, at in done.witnesses:
        moment = datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat()
        click.echo(f"  cosigned by {name} at {moment}", err=True)


@click.command()
@click.option(
    "--config", required=True, type=click.Path(dir_okay=False, path_type=Path), help="That of `broker serve`."
)
@click.argument("url", required=False)
@click.option("--witness", "vkey", metavar="VKEY", help="The verifier key of the witness at URL.")
def witness(config: Path, url: str | None, vkey: str | None) -> None:
    """Have the newest checkpoint cosigned now, by the witness at URL or by all of [[log.witness]].

    `broker serve` does so every few seconds by itself. Exit codes: 0 cosigned, 1 a witness knows another history of
    this log, 2 it did not cosign.
    """
    if (url is None) != (vkey is None):
        raise click.UsageError("give URL and --witness together, or neither")
    value = read(config, Config)[0]
    if url is not None and vkey is not None:
        clients = [WitnessClient(url, parse_witness(vkey))]
    else:
        clients = [one.client() for one in value.log.witness]
    if not clients:
        raise ConfigError(f"{config}: no [[log.witness]]", "add url and key, or give URL and --witness")
    database = attach_database(value.store.url)
    worst = 0
    try:
        for client in clients:
            worst = max(worst, _asked(client, database), key=(0, 2, 1).index)
            client.close()
    finally:
        database.close()
    sys.exit(worst)


def witnesses(vkeys: tuple[str, ...]) -> list[Witness]:
    """The witnesses of these verifier keys. Raises CheckpointError."""
    return [parse_witness(one) for one in vkeys]


def _asked(client: WitnessClient, database: Database) -> int:
    name = client.witness.name
    try:
        done = client.cosign(database, time.time)
    except WitnessContradicts as error:
        click.secho(f"{name}: ALARM: {error}", fg="red", err=True)
        return 1
    except WitnessFailed as error:
        click.secho(f"{name}: {error}", fg="yellow", err=True)
        return 2
    click.echo(f"{name}: cosigned {done.size} entries" if done else f"{name}: nothing new")
    return 0


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
