"""`broker vault`: provision a Vault or OpenBao for the broker, and try whether it works."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from broker import task_policy, vault_check, vault_plan, vault_setup
from broker.config import Config
from broker.toml_file import read
from broker.vault import Identity, Vault
from broker.vault_config import VaultTable, connect
from broker.vault_identity import FixedToken, TokenFile
from secretguard.errors import FINDINGS, ConfigError
from secretguard.secret import Secret


@click.group()
def vault() -> None:
    """Provision a Vault or OpenBao server for the broker, and try whether it works."""


config_option = click.option(
    "--config", "path", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The broker's TOML file."
)


@vault.command()
@config_option
@click.option(
    "--print", "only_print", is_flag=True, help="Print policies (HCL) and roles with the reasons; send nothing."
)
@click.option(
    "--token-file", type=click.Path(dir_okay=False), help="Administrator's token, mode 0600. Else it is asked for."
)
@click.option("--credentials", is_flag=True, help="Also write the files that [vault.issuer] and [vault.revoker] name.")
def setup(path: Path, only_print: bool, token_file: str | None, credentials: bool) -> None:
    """Write the ACL policies, the token role and the two logins that the task policies' grants need.

    May be run again: only what differs is written. Exit code 1 when a policy or a database role that a
    grant names is not there yet.
    """
    config, table = _read(path)
    tasks = task_policy.load(config.policy.directory)
    if not tasks:
        raise ConfigError(
            f"{config.policy.directory}/tasks: no task policy", "write one: its grants say what is needed"
        )
    grants = [grant for task in tasks.values() for grant in task.grants]
    wanted = vault_plan.plan(table, grants, max(task.deadline for task in tasks.values()))
    if only_print:
        click.echo(wanted.as_text(), nl=False)
        return
    admin = Vault(table.endpoint(), _administrator(token_file))
    missing = False
    try:
        for step in _steps(admin, table, wanted, credentials):
            missing = missing or step.done == "missing"
            click.secho(f"{step.done:10} {step.thing}", fg={"missing": "red", "weak": "yellow"}.get(step.done))
    finally:
        admin.close()
    if missing:
        click.secho("write what is missing: its owner says what it allows, then run this again", err=True)
        sys.exit(FINDINGS)


@vault.command()
@config_option
def check(path: Path) -> None:
    """Try both identities: rights, limits, and a drill of issue, revoke and lost reply. Exit code 1 if one fails."""
    _, table = _read(path)
    vaults = connect(table)
    failed = False
    try:
        for probe in vault_check.check(table, vaults):
            failed = failed or bool(probe.problem)
            verdict, colour = ("refuses", "red") if probe.problem else ("works", "green")
            because = f", because {probe.problem}" if probe.problem else ""
            click.echo(f"{click.style(f'{verdict:8}', fg=colour)} {probe.name}{because}")
    finally:
        vaults.close()
    if failed:
        sys.exit(FINDINGS)


def _read(path: Path) -> tuple[Config, VaultTable]:
    config = read(path, Config)[0]
    if config.vault is None:
        raise ConfigError(f"{path}: no [vault] table", "add it: address, [vault.issuer] and [vault.revoker]")
    return config, config.vault


def _steps(admin: Vault, table: VaultTable, wanted: vault_plan.Plan, credentials: bool) -> Iterator[vault_setup.Step]:
    yield from vault_setup.apply(admin, wanted)
    if credentials:
        yield from vault_setup.write_credentials(admin, table)


def _administrator(token_file: str | None) -> Identity:
    """The administrator's token: from a private file or typed in; never from the environment or the command line."""
    if token_file is not None:
        return TokenFile(token_file)
    if not sys.stdin.isatty():
        raise ConfigError("no administrator's token", "give --token-file, a file of mode 0600")
    return FixedToken(Secret(getpass.getpass("Vault administrator's token (not shown): ").strip()))
