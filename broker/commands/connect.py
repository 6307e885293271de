"""Options that every command which calls a broker shares, and how its answers are shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from broker import client_tls
from broker.client import BrokerClient
from broker.login import kept
from broker.receipt import Receipt, Revocation
from broker.tls_files import Reloading
from broker.vault_identity import private_text
from secretguard.errors import CLEAN, FINDINGS
from secretguard.places import state_dir

Function = TypeVar("Function", bound=Callable[..., Any])

COLOURS = {
    Revocation.CONFIRMED: "green",
    Revocation.NOTHING: "green",
    Revocation.QUEUED: "red",
    Revocation.EXPIRES: "yellow",
    Revocation.STANDING: "yellow",
}


def socket_path() -> str:
    """Where `broker dev` listens, and where clients look when nothing else is said."""
    return os.path.join(state_dir(), "broker", "launch.sock")


def endpoint_option(command: Function) -> Function:
    """Add `--broker` alone."""
    return click.option(
        "--broker",
        "endpoint",
        envvar="BROKER_ENDPOINT",
        default=lambda: f"unix:{socket_path()}",
        show_default="the launch.sock of `broker dev`",
        help="unix:/PATH/launch.sock or https://HOST:PORT.",
    )(command)


def tls_options(command: Function) -> Function:
    """Add `--ca-file`, `--certificate` and `--key`, for `client` to find."""
    helps = {
        "ca-file": "The authorities that vouch for the broker (PEM), in place of the system's.",
        "certificate": "A workload's certificate (PEM), for mutual TLS.",
        "key": "Its key (PEM).",
    }
    for name, told in helps.items():
        command = click.option(
            f"--{name}",
            envvar=f"BROKER_{name.replace('-', '_').upper()}",
            type=click.Path(dir_okay=False),
            expose_value=False,
            callback=_remember,
            help=told,
        )(command)
    return command


def _remember(context: click.Context, option: click.Parameter, value: str | None) -> None:
    context.meta[f"{__name__}.{option.name}"] = value or ""


def tls() -> Reloading | None:
    """What the options of `tls_options` say; None where they say nothing."""
    context = click.get_current_context(silent=True)
    meta = context.meta if context else {}
    ca_file, certificate, key = (meta.get(f"{__name__}.{name}", "") for name in ("ca_file", "certificate", "key"))
    return client_tls.context(ca_file, certificate, key) if ca_file or certificate or key else None


def endpoint_options(command: Function) -> Function:
    """Add `--broker`, `--token-file`, `--format` and those of `tls_options`."""
    for option in reversed(
        (
            endpoint_option,
            tls_options,
            click.option(
                "--token-file",
                envvar="BROKER_TOKEN_FILE",
                type=click.Path(dir_okay=False),
                help="An OIDC token, a file of mode 0600. Without it you are who logged in here (`broker login`), else "
                "the user of the Unix socket.",
            ),
            click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
        )
    ):
        command = option(command)
    return command


def client(endpoint: str, token_file: str | None) -> BrokerClient:
    """A client for these options. Raises ConfigError for a token file that others can read, Unauthenticated where the
    login at this broker has ended."""
    return BrokerClient(endpoint, private_text(token_file) if token_file else kept.token(endpoint), tls=tls())


def show_json(value: object) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, indent=2, sort_keys=True))


def visible(value: object) -> str:
    """A value as one line for a terminal: others wrote it, so whatever is not plain text shows as an escape."""
    text = str(value)
    return text if text.isascii() and text.isprintable() else ascii(text)


def show_table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> None:
    """Aligned columns; nothing but the header's names where there are no rows."""
    texts = [[visible(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[at]) for row in texts) for at in range(len(header))]
    for number, row in enumerate(texts):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, bold=number == 0)


def receipt_code(receipt: Receipt) -> int:
    """Exit code: 1 where a revocation is still to be done. A credential that by nature only expires is no failure of
    this command; the receipt says until when it lives."""
    return FINDINGS if any(line.revocation is Revocation.QUEUED for line in receipt.lines) else CLEAN


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """A receipt as a JSON document."""
    lines = [
        {
            "lease_id": line.lease_id,
            "grant": line.grant,
            "source": line.source,
            "revocation": line.revocation.value,
            "expires_at": line.expires_at,
            "detail": line.detail,
        }
        for line in receipt.lines
    ]
    return {"task_id": receipt.task_id, "at": receipt.at, "complete": receipt.complete, "lines": lines}


def show_receipt(receipt: Receipt, form: str, err: bool = False) -> None:
    """Lease by lease what was achieved; on stderr where stdout belongs to a command."""
    if form == "json":
        click.echo(json.dumps(receipt_json(receipt), sort_keys=True), err=err)
        return
    click.secho(f"receipt for {receipt.task_id}", bold=True, err=err)
    for line in receipt.lines:
        word = click.style(f"{line.revocation.value:15}", fg=COLOURS[line.revocation])
        until = f" until {line.expires_at}" if line.revocation in (Revocation.EXPIRES, Revocation.QUEUED) else ""
        click.echo(f"  {word} {line.grant or line.lease_id} ({line.source}){until}: {line.detail}", err=err)
    if not receipt.lines:
        click.echo("  nothing was issued", err=err)
