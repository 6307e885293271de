"""`broker vault`: provision a Vault or OpenBao for the broker, and try whether it works."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click
from pydantic import ConfigDict

from broker import task_policy, toml_file, vault_check, vault_plan, vault_setup
from broker.vault import Identity, Vault
from broker.vault_config import VaultTable, connect
from broker.vault_identity import FixedToken, TokenFile
from secretguard.errors import FINDINGS, ConfigError
from secretguard.secret import Secret


class _VaultPart(toml_file.StrictModel):
    """The `[vault]` table of a configuration file whose other tables are not looked at."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    vault: VaultTable


@click.group()
def vault() -> None:
    """Provision a Vault or OpenBao server for the broker, and try whether it works."""


config_option = click.option(
    "--config", "config", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The broker's TOML file."
)


@vault.command()
@config_option
@click.option("--policies", required=True, type=click.Path(file_okay=False), help="Policy directory, with tasks/.")
@click.option(
    "--print", "only_print", is_flag=True, help="Print policies (HCL) and roles with the reasons; send nothing."
)
@click.option(
    "--token-file", type=click.Path(dir_okay=False), help="Administrator's token, mode 0600. Else it is asked for."
)
@click.option(
    "--credentials", type=click.Path(file_okay=False, path_type=Path), help="Also write both logins' files here."
)
def setup(config: Path, policies: str, only_print: bool, token_file: str | None, credentials: Path | None) -> None:
    """Write the ACL policies, the token role and the two logins that the task policies' grants need.

    May be run again: only what differs is written. Exit code 1 when a policy that a grant names is not there yet.
    """
    table = toml_file.read(config, _VaultPart)[0].vault
    tasks = task_policy.load(policies)
    if not tasks:
        raise ConfigError(f"{policies}: has no task policy under tasks/", "write one; the grants say what is needed")
    grants = [grant for task in tasks.values() for grant in task.grants]
    wanted = vault_plan.plan(table, grants, max(task.deadline for task in tasks.values()))
    if only_print:
        click.echo(wanted.as_text(), nl=False)
        return
    admin = Vault(table.endpoint(), _administrator(token_file))
    missing = False
    for step in vault_setup.apply(admin, wanted):
        missing = missing or step.done == "missing"
        click.secho(f"{step.done:10} {step.thing}", fg="red" if step.done == "missing" else None)
    if credentials is not None:
        for step in vault_setup.write_credentials(admin, table, credentials):
            click.echo(f"{step.done:10} {step.thing}")
    if missing:
        click.secho("write the missing policies: their owner says what they allow, then run this again", err=True)
        sys.exit(FINDINGS)


@vault.command()
@config_option
def check(config: Path) -> None:
    """Try both identities: rights, limits, and a drill of issue, revoke and lost reply. Exit code 1 if one fails."""
    table = toml_file.read(config, _VaultPart)[0].vault
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


def _administrator(token_file: str | None) -> Identity:
    """The administrator's token: from a private file or typed in; never from the environment or the command line."""
    if token_file is not None:
        return TokenFile(token_file)
    if not sys.stdin.isatty():
        raise ConfigError("no administrator's token", "give --token-file, a file of mode 0600")
    return FixedToken(Secret(getpass.getpass("Vault administrator's token (not shown): ").strip()))
