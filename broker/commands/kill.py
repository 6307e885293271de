"""`broker kill`: the kill switch, through the broker or, when that or its store is away, by Vault alone."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from broker import emergency, kill_file
from broker.commands.connect import client, endpoint_options, receipt_code, show_json, show_receipt, visible
from broker.config import Config
from broker.emergency import Killed
from broker.receipt_answer import receipt as read_receipt
from broker.toml_file import read
from broker.vault import Vault
from broker.vault_config import VaultTable
from secretguard.errors import CLEAN, FINDINGS, ConfigError, SecretguardError

SHOWN = 20
"""So many receipts are shown lease by lease; of more only those that are not complete."""


@click.command()
@click.argument("scope")
@click.option("--reason", default="kill switch", show_default=True, help="Why; it is recorded.")
@click.option("--yes", is_flag=True, help="Do not ask before killing everything.")
@click.option("--from-vault", is_flag=True, help="By Vault alone, with the revoker's identity: no broker, no store.")
@click.option("--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="With --from-vault: TOML file.")
@endpoint_options
def kill(
    scope: str, reason: str, yes: bool, from_vault: bool, path: Path | None, endpoint: str, token_file: str | None,
    form: str,
) -> None:  # fmt: skip
    """Kill SCOPE: lease:ID, task:ID, policy:NAME, launcher:ID, tenant:NAME or all. For operators; launcher:YOU always.

    Exit code 1 when something is still to be done. With --from-vault SCOPE is all, task:ID or lease:ID; what was killed
    is kept beside the broker's keys, and the broker puts it on record when it works again.
    """
    if not 0 < len(reason) <= 500:
        raise ConfigError("--reason: 1 to 500 characters", "say what happened")
    if from_vault != (path is not None):
        raise click.UsageError("--from-vault and --config go together")
    if from_vault:
        emergency.require_scope(scope)
    if scope == "all" and not yes and _on_a_terminal():
        click.confirm("Kill every task of every launcher?", abort=True, err=True)
    if path is not None:
        sys.exit(_by_vault_alone(path, scope, reason, form))
    sys.exit(_by_the_broker(endpoint, token_file, scope, reason, form))


def _by_the_broker(endpoint: str, token_file: str | None, scope: str, reason: str, form: str) -> int:
    _progress(f"killing {scope}: the answer comes when all is taken back")
    with client(endpoint, token_file) as broker:
        answer = broker.kill_scope(scope, reason)
    receipts = answer.get("receipts")
    found = [read_receipt(one) for one in receipts if isinstance(one, dict)] if isinstance(receipts, list) else []
    if form == "json":
        show_json(answer)
        return max(map(receipt_code, found), default=CLEAN)
    for receipt in found:
        if len(found) <= SHOWN or not receipt.complete:
            show_receipt(receipt, form)
    complete = sum(receipt.complete for receipt in found)
    what = "leases revoked" if scope.startswith("lease:") else "tasks killed"
    click.echo(f"{len(found)} {what}, {complete} of them with nothing left alive")
    return max(map(receipt_code, found), default=CLEAN)


def _by_vault_alone(path: Path, scope: str, reason: str, form: str) -> int:
    config = read(path, Config)[0]
    if config.vault is None:
        raise ConfigError(f"{path}: no [vault] table", "what the broker issues without Vault ends by itself")
    folder, by = os.path.join(config.keys.directory, kill_file.KILLS), _who()
    try:
        order, problem = kill_file.ordered(folder, scope, by, reason, time.time()), ""
    except (OSError, SecretguardError) as error:  # a full disk must not protect a credential
        order, problem = None, f"{type(error).__name__}: the broker will not know of this kill"
    killed = _killed(config.vault, scope)
    try:
        if order is not None:
            kill_file.finished(*order, killed)
    except OSError as error:
        problem = f"{type(error).__name__}: the broker will know of the order and not of what came of it"
    _show(scope, killed, order[0] if order else "", problem, form)
    return FINDINGS if killed.left or problem else CLEAN


def _killed(table: VaultTable, scope: str) -> Killed:
    _progress("looking through Vault's tokens")
    revoker = Vault(table.endpoint(), table.revoker.identity(table.revoker_role), repeats=True)
    try:
        return emergency.kill(revoker, table.task_role, scope, _counted)
    finally:
        revoker.close()


def _show(scope: str, killed: Killed, file: str, problem: str, form: str) -> None:
    if form == "json":
        told = {"scope": scope, "tasks": list(killed.tasks), "dead": killed.dead, "left": killed.left}
        show_json({**told, "engines": killed.engines, "problem": killed.problem or problem, "file": file})
        return
    click.secho(f"{killed.dead} tokens of {len(killed.tasks)} tasks are dead", bold=True)
    if killed.engines:
        click.echo(f"Vault ends what hung below {killed.engines} of them by itself: the broker's receipts will tell")
    if killed.left:
        click.secho(f"{killed.left} tokens are left: {visible(killed.problem)}", fg="red")
    if file:
        click.echo(f"kept for the record in {file}")
    if problem:
        click.secho(problem, fg="red", err=True)


def _on_a_terminal() -> bool:
    return sys.stdin.isatty()


def _counted(done: int, total: int) -> None:
    if done == total or done % 10 == 0:
        _progress(f"revoked {done} of {total}")


def _progress(words: str) -> None:
    """One line for whoever watches; none in a pipe."""
    if sys.stderr.isatty():
        click.echo(words, err=True)


def _who() -> str:
    """Who called it, as far as this machine knows: a name for the record and no proof."""
    return f"uid {os.geteuid()} on the broker's machine, for {os.environ.get('SUDO_USER', 'nobody else')}"[:300]
