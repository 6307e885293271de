"""`broker static`: values of the source `static`, on the machine of the broker and as its user."""

from __future__ import annotations

import contextlib
import datetime
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from broker.commands.connect import show_json, show_table
from broker.config import Config
from broker.store.database import attach_database
from broker.store.sealed import Sealer, key_file
from broker.store.static import MAX_BYTES, Kept, StaticValues
from broker.toml_file import read
from secretguard.errors import ConfigError
from secretguard.secret import Secret

Function = TypeVar("Function", bound=Callable[..., Any])


def _config(function: Function) -> Function:
    option = click.option(
        "--config",
        "path",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="That of `broker serve`.",
    )
    return option(function)


@click.group()
def static() -> None:
    """Keep long-lived values for injection: sealed in the store, never handed out, no way to read one back.

    For whoever may read the broker's configuration and its key file. Each change is recorded.
    """


@static.command("set")
@click.argument("name")
@_config
def set_value(name: str, path: Path) -> None:
    """Keep a new value under NAME, read from standard input; one line end after it is not part of it."""
    with _values(path) as values:
        _say(values.set(name, _read(), _who()))


@static.command()
@click.argument("name")
@_config
def rotate(name: str, path: Path) -> None:
    """Put another value, read from standard input, in the place of the one under NAME."""
    with _values(path) as values:
        _say(values.rotate(name, _read(), _who()))
        _still_held(values, name)


@static.command()
@click.argument("name")
@_config
def remove(name: str, path: Path) -> None:
    """Forget the value under NAME."""
    with _values(path) as values:
        values.remove(name, _who())
        click.echo(f"{name}: removed")
        _still_held(values, name)


@static.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_config
def list_values(form: str, path: Path) -> None:
    """Names, versions, who set each last and when. Values are not shown, and no command shows them."""
    with _values(path) as values:
        kept = values.all()
    if form == "json":
        show_json({"values": [{"name": one.name, "version": one.version, "by": one.by, "at": one.at} for one in kept]})
        return
    rows = [(one.name, one.version, _moment(one.at), one.by) for one in kept]
    show_table(rows, ("name", "version", "set", "by"))


@contextlib.contextmanager
def _values(path: Path) -> Iterator[StaticValues]:
    config = read(path, Config)[0]
    key = os.path.join(config.keys.directory, "broker.key")
    if not os.path.exists(key):
        raise ConfigError(f"{key}: is not there", "start the broker once, which makes it; or run this on its machine")
    database = attach_database(config.store.url)
    try:
        yield StaticValues(database, Sealer(key_file(key)), time.time)
    finally:
        database.close()


def _read() -> Secret:
    """The value, without echo where a person types it."""
    if sys.stdin.isatty():
        return Secret(str(click.prompt("value", hide_input=True, confirmation_prompt=True, err=True)))
    raw = sys.stdin.buffer.read(MAX_BYTES + 2)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("the value is not UTF-8", "encode it, for example with base64") from None
    return Secret(text.removesuffix("\n").removesuffix("\r"))


def _who() -> str:
    """Who called it, as far as this machine knows: a name for the record and no proof."""
    behind = os.environ.get("SUDO_USER")
    return f"unix:{os.geteuid()}" + (f", for {behind[:64]}" if behind else "")


def _moment(at: int) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(timespec="seconds")


def _say(kept: Kept) -> None:
    click.echo(f"{kept.name}: version {kept.version} is kept")


def _still_held(values: StaticValues, name: str) -> None:
    held = values.held(name)
    if held:
        click.echo(f"{held} live leases were given the value before: end them with `broker leases`, `broker revoke`")
