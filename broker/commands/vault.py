"""`broker vault`: provision a Vault or OpenBao for the broker, and try whether it works."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import getpass
import math
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import click

from broker import (
    task_policy,
    vault_audit,
    vault_cases,
    vault_check,
    vault_plan,
    vault_plan_text,
    vault_setup,
    vault_uses,
)
from broker.commands.connect import show_json
from broker.commands.moments import moment
from broker.commands.used import show_uses
from broker.config import Config
from broker.issue.registry import NAMES, require_known
from broker.issue.vault_accessors import MAKER
from broker.log.transit import TransitKey, pinned_key
from broker.store.database import attach_database
from broker.toml_file import read
from broker.vault import Endpoint, Vault
from broker.vault_config import Vaults, VaultTable, connect
from broker.vault_cross_check import Comparison, Question, Verdict, compare
from broker.vault_identity import FILE_CAP, FixedToken, private_text
from broker.vault_login import Identity
from broker.vault_record import known
from secretguard.errors import FINDINGS, USAGE, ConfigError, GuardError
from secretguard.secret import Secret


@click.group()
def vault() -> None:
    """Provision a Vault or OpenBao server for the broker, and try whether it works."""


STDIN = "-"

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
    "--token-file",
    type=click.Path(dir_okay=False),
    help="Administrator's token, mode 0600; - is stdin. Else it is asked for.",
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
    require_known(tasks, NAMES)  # what a scope says goes into policies
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
@click.argument("address", required=False)
@click.option("--config", "path", type=click.Path(dir_okay=False, path_type=Path), help="The broker's TOML file.")
@click.option(
    "--token-file", type=click.Path(dir_okay=False), help="With ADDRESS: an administrator's token (0600; - is stdin)."
)
@click.option("--ca-file", default="", help="With ADDRESS: certificates to trust instead of the system's.")
@click.option("--namespace", default="", help="With ADDRESS: the namespace to work in.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(
    address: str | None, path: Path | None, token_file: str | None, ca_file: str, namespace: str, form: str
) -> None:
    """Try whether the broker can work with a server: one line a case, and nothing is left behind.

    With ADDRESS (https://vault.example.org:8200) everything that the broker relies on is tried there, on a place of
    its own that an administrator's token makes and takes away. With --config the broker's own two logins are tried on
    the server that they are for. Exit code 1 when a case is refused.
    """
    if (address is None) == (path is None):
        raise ConfigError("say which server: ADDRESS, or --config with the broker's own logins")
    tried = _own_cases(path) if path is not None else _scratch_cases(address or "", ca_file, namespace, token_file)
    with contextlib.closing(tried):
        told = list(_shown(tried, form))
    if form == "json":
        show_json({"cases": told, "works": not any(one["verdict"] == vault_cases.REFUSES for one in told)})
    if any(one["verdict"] == vault_cases.REFUSES for one in told):
        sys.exit(FINDINGS)


COLOURS = {vault_cases.WORKS: "green", vault_cases.LIMITED: "yellow", vault_cases.REFUSES: "red"}


def _shown(tried: Iterator[vault_cases.Case], form: str) -> Iterator[dict[str, str]]:
    for case in tried:
        if form == "text":
            because = {vault_cases.WORKS: "", vault_cases.LIMITED: f": {case.because}"}
            tail = because.get(case.verdict, f", because {case.because}")
            click.echo(f"{click.style(f'{case.verdict:10}', fg=COLOURS[case.verdict])} {case.name}{tail}")
        yield dataclasses.asdict(case)


def _own_cases(path: Path) -> Generator[vault_cases.Case]:
    config, table = _read(path)
    vaults = connect(table)
    try:
        for probe in vault_check.check(table, vaults, config.log.transit, _log_key(config, vaults)):
            verdict = vault_cases.REFUSES if probe.problem else vault_cases.WORKS
            yield vault_cases.Case(probe.name, verdict, probe.problem)
    finally:
        vaults.close()


def _scratch_cases(address: str, ca_file: str, namespace: str, token_file: str | None) -> Generator[vault_cases.Case]:
    """The cases on a place of their own. The first interrupt or SIGTERM ends them, and what was made is taken away:
    a second one does not stop that, which has deadlines of its own."""
    endpoint = Endpoint(address, ca_file, namespace)
    admin = Vault(endpoint, _administrator(token_file))
    left: list[str] = []
    before = {number: signal.signal(number, _once) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield from vault_cases.cases(admin, endpoint, left)
    except KeyboardInterrupt:
        still = f"; still there: {', '.join(left)}" if left else ", and nothing is left behind"
        raise GuardError(
            f"interrupted{still}", f"look for what is named sgcheck- at {address}" if left else ""
        ) from None
    finally:
        admin.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _once(_number: int, _frame: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


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
    hashed = _hashed(table, token_file, device, [MAKER, *(one.accessor for one in told.values())])
    result = compare(Question(log, told, hashed, table.task_role, table.issuer_role, since, until, skew))
    _show_comparison(result, log, form)
    sys.exit({Verdict.MATCHES: 0, Verdict.CANNOT_TELL: USAGE}.get(result.verdict, FINDINGS))


def _hashed(table: VaultTable, token_file: str | None, device: str, values: list[str]) -> dict[str, str]:
    identity = FixedToken(private_text(token_file)) if token_file else table.revoker.identity(table.revoker_role)
    auditor = Vault(table.endpoint(), identity)
    try:
        return vault_audit.hashes(auditor, device, values)
    finally:
        auditor.close()


@vault.command()
@click.argument("audit_file", type=click.Path(dir_okay=False))
@config_option
@click.option("--device", default="file", show_default=True, help="Path of the audit device in Vault.")
@click.option("--token-file", type=click.Path(dir_okay=False), help="Auditor's token, mode 0600. Else the revoker's.")
@click.option("--since", "since_text", metavar="TIME", help="Leases from then on, as 2026-11-25T08:00Z.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def used(audit_file: str, path: Path, device: str, token_file: str | None, since_text: str | None, form: str) -> None:
    """Show what the tokens that were issued were used for, by the log of a Vault file audit device.

    Grant by grant: leases, those that were used, requests, the most with one of them, and on which paths.
    """
    config, table = _read(path)
    database = attach_database(config.store.url)
    try:
        issued = vault_uses.tokens(database, int(moment("--since", since_text)) if since_text is not None else 0)
    finally:
        database.close()
    hashed = _hashed(table, token_file, device, [one.accessor for one in issued])
    show_uses(vault_uses.uses(audit_file, issued, hashed), form)


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
    """The administrator's token: from a private file, from stdin or typed in; never from the environment or the command
    line. It is taken as it is: it may be use-limited."""
    if token_file == STDIN:
        return FixedToken(Secret(sys.stdin.readline(FILE_CAP).strip()))
    if token_file is not None:
        return FixedToken(private_text(token_file))
    if not sys.stdin.isatty():
        raise ConfigError("no administrator's token", "give --token-file, a file of mode 0600")
    return FixedToken(Secret(getpass.getpass("Vault administrator's token (not shown): ").strip()))
