"""`broker vault`: provision a Vault or OpenBao for the broker, and try whether it works."""

from __future__ import annotations

import datetime
import getpass
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from broker import task_policy, vault_audit, vault_check, vault_plan, vault_plan_text, vault_setup
from broker.commands.connect import show_json
from broker.commands.moments import moment
from broker.config import Config
from broker.issue.vault_accessors import MAKER
from broker.log.transit import TransitKey, pinned_key
from broker.store.database import attach_database
from broker.toml_file import read
from broker.vault import Vault
from broker.vault_config import Vaults, VaultTable, connect
from broker.vault_cross_check import Comparison, Question, Verdict, compare
from broker.vault_identity import FixedToken, TokenFile
from broker.vault_login import Identity
from broker.vault_record import Known, known
from secretguard.errors import FINDINGS, USAGE, ConfigError
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
    "--print",
    "form",
    type=click.Choice(sorted(vault_plan_text.FORMS)),
    is_flag=False,
    flag_value="hcl",
    help="Print policies and roles with the reasons, as HCL (when nothing is named) or Terraform; send nothing.",
)
@click.option(
    "--token-file", type=click.Path(dir_okay=False), help="Administrator's token, mode 0600. Else it is asked for."
)
@click.option("--credentials", is_flag=True, help="Also write the files that [vault.issuer] and [vault.revoker] name.")
def setup(path: Path, form: str | None, token_file: str | None, credentials: bool) -> None:
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
    wanted = vault_plan.plan(table, grants, max(task.deadline for task in tasks.values()), config.log.transit)
    if form is not None:
        click.echo(vault_plan_text.FORMS[form](wanted), nl=False)
        return
    admin = Vault(table.endpoint(), _administrator(token_file))
    missing = False
    try:
        for step in _steps(admin, config, wanted, credentials):
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
    config, table = _read(path)
    vaults = connect(table)
    failed = False
    try:
        for probe in vault_check.check(table, vaults, config.log.transit, _log_key(config, vaults)):
            failed = failed or bool(probe.problem)
            verdict, colour = ("refuses", "red") if probe.problem else ("works", "green")
            because = f", because {probe.problem}" if probe.problem else ""
            click.echo(f"{click.style(f'{verdict:8}', fg=colour)} {probe.name}{because}")
    finally:
        vaults.close()
    if failed:
        sys.exit(FINDINGS)


@vault.command(name="cross-check")
@click.argument("audit_file", type=click.Path(dir_okay=False))
@config_option
@click.option("--device", default="file", show_default=True, help="Path of the audit device in Vault.")
@click.option("--token-file", type=click.Path(dir_okay=False), help="Auditor's token, mode 0600. Else the revoker's.")
@click.option("--since", "since_text", metavar="TIME", help="Leave out what is older, as 2026-11-25T08:00Z.")
@click.option("--until", "until_text", metavar="TIME", help="Leave out what is newer: it may still be under way.")
@click.option("--skew", default=5.0, show_default=True, type=click.FloatRange(0, 600), help="Seconds between clocks.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def cross_check(
    audit_file: str,
    path: Path,
    device: str,
    token_file: str | None,
    since_text: str | None,
    until_text: str | None,
    skew: float,
    form: str,
) -> None:
    """Compare the log of a Vault file audit device with the broker's record, token by token, both ways.

    Exit codes: 0 all match, 1 something is missing in one of them, 2 cannot tell.
    """
    config, table = _read(path)
    since = moment("--since", since_text) if since_text is not None else 0.0
    until = moment("--until", until_text) if until_text is not None else math.inf
    log = vault_audit.read(audit_file, table.namespace)  # first: what it has was recorded by the broker before
    database = attach_database(config.store.url)
    try:
        told = known(database, since)
    finally:
        database.close()
    hashed = _hashed(table, token_file, device, told)
    result = compare(Question(log, told, hashed, table.task_role, table.issuer_role, since, until, skew))
    _show_comparison(result, log, form)
    sys.exit({Verdict.MATCHES: 0, Verdict.CANNOT_TELL: USAGE}.get(result.verdict, FINDINGS))


def _hashed(table: VaultTable, token_file: str | None, device: str, told: dict[str, Known]) -> dict[str, str]:
    auditor = Vault(
        table.endpoint(), TokenFile(token_file) if token_file else table.revoker.identity(table.revoker_role)
    )
    try:
        return vault_audit.hashes(auditor, device, [MAKER, *(one.accessor for one in told.values())])
    finally:
        auditor.close()


SHOWN = 20
"""Findings of one kind that are shown as text; the JSON form has all."""


def _show_comparison(result: Comparison, log: vault_audit.VaultLog, form: str) -> None:
    times = [_stamp(log.first), _stamp(log.last)]
    if form == "json":
        findings = [
            {"verdict": one.verdict, "what": one.what, "time": _stamp(one.time), "detail": one.detail}
            for one in result.findings
        ]
        told = {"verdict": result.verdict, "matching": result.matching, "lines": log.lines, "from": times[0]}
        unread = {"unreadable_lines": log.unreadable[:1000], "torn_last_line": log.torn}
        show_json({**told, "to": times[1], **unread, "findings": findings})
        return
    click.echo(f"Vault's log: {log.lines} lines, {times[0]} to {times[1]}{', the last one torn' if log.torn else ''}")
    click.echo(f"{click.style('matches', fg='green')}: {result.matching} tokens")
    for verdict in Verdict:
        found = [one for one in result.findings if one.verdict is verdict]
        for one in found[:SHOWN]:
            colour = "yellow" if verdict is Verdict.CANNOT_TELL else "red"
            click.echo(f"{click.style(verdict, fg=colour)}: {one.what}, {_stamp(one.time)}: {one.detail}")
        if len(found) > SHOWN:
            click.echo(f"{verdict}: {len(found) - SHOWN} more; --format json has them all")


def _stamp(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat(timespec="milliseconds")


def _read(path: Path) -> tuple[Config, VaultTable]:
    config = read(path, Config)[0]
    if config.vault is None:
        raise ConfigError(f"{path}: no [vault] table", "add it: address, [vault.issuer] and [vault.revoker]")
    return config, config.vault


def _steps(admin: Vault, config: Config, wanted: vault_plan.Plan, credentials: bool) -> Iterator[vault_setup.Step]:
    missing = False
    for step in vault_setup.apply(admin, wanted):
        missing = missing or step.done == "missing"
        yield step
    if wanted.log_key is not None and not missing:
        yield vault_setup.write_log_key(admin, *wanted.log_key, config.log.origin, _log_vkey(config))
    if credentials and config.vault is not None:
        yield from vault_setup.write_credentials(admin, config.vault)


def _log_vkey(config: Config) -> Path:
    return Path(config.keys.directory) / "log.vkey"


def _log_key(config: Config, vaults: Vaults) -> TransitKey | None:
    if config.log.transit is None:
        return None
    pinned = pinned_key(str(_log_vkey(config)), config.log.origin)
    return TransitKey(vaults.issuer, *config.log.transit, pinned)


def _administrator(token_file: str | None) -> Identity:
    """The administrator's token: from a private file or typed in; never from the environment or the command line."""
    if token_file is not None:
        return TokenFile(token_file)
    if not sys.stdin.isatty():
        raise ConfigError("no administrator's token", "give --token-file, a file of mode 0600")
    return FixedToken(Secret(getpass.getpass("Vault administrator's token (not shown): ").strip()))
