"""`broker task used`, `broker policy used`, `broker policy narrow`: what was granted and used, and what to propose."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Sequence

import click

from broker.client import Json
from broker.commands.connect import client, endpoint_options, show_json, show_table, visible
from broker.vault_uses import Uses
from secretguard.errors import CLEAN, FINDINGS, ConfigError

SHOWN_PATHS = 20
"""Paths of one grant that are shown as text; the JSON form has all."""

UNITS = {"h": 3600, "d": 86400, "w": 7 * 86400}
COLUMNS = {
    "GRANT": ("name",),
    "TASKS": ("asked_by", "held_by"),
    "ISSUED": ("issues",),
    "REFUSED": ("refused",),
    "TTL": ("longest_life", "granted_ttl"),
    "AT ONCE": ("most_at_once", "granted_leases"),
    "IN A TASK": ("most_issues", "granted_issues"),
    "IN A MINUTE": ("most_in_a_minute",),
}
"""Heading → what was used, and of how much."""

since_option = click.option(
    "--since",
    default="30d",
    show_default=True,
    help="Tasks that began in this time: hours, days or weeks (12h, 30d, 4w).",
)


@click.command("used")
@click.argument("task_id")
@endpoint_options
def used_by_task(task_id: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Show what TASK_ID was granted and what it used of it, grant by grant: `used/granted`, times in seconds."""
    with client(endpoint, token_file) as broker:
        _show(broker.used(task_id), form)


@click.command("used")
@click.argument("name")
@since_option
@endpoint_options
def used_of_policy(name: str, since: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Show the same for all tasks of policy NAME; the most that one of them used. For operators."""
    seconds = _seconds(since)
    with client(endpoint, token_file) as broker:
        _show(broker.usage(name, seconds), form)


@click.command()
@click.argument("name")
@since_option
@click.option("--diff", "as_diff", is_flag=True, help="Print how the file changes, instead of the whole file.")
@click.option("--propose", "reason", metavar="REASON", help="Propose it to the policy's owners; why, they read it.")
@endpoint_options
@click.pass_context
def narrow(
    ctx: click.Context, name: str, since: str, as_diff: bool, reason: str | None, endpoint: str, token_file: str | None,
    form: str,
) -> None:  # fmt: skip
    """Print a narrower file for policy NAME that admits all that its tasks used. For operators.

    Grants that nobody asked for go; times and numbers of issues come down to twice what was used, leases at once to
    what was used. What changes is told on stderr. Save the file in your policy directory and `broker policy propose`
    it, or let `--propose` do so. Exit code 1: proposed, and waits for owners.
    """
    with client(endpoint, token_file) as broker:
        found = broker.narrower(name, _seconds(since))
        file, text = str(found.get("file")), str(found.get("text"))
        if form == "json":
            show_json(found)
        else:
            click.echo(_difference(found) if as_diff else text, nl=False)
            _tell(found)
        if reason is None or not _items(found, "changes"):
            ctx.exit(CLEAN)
        texts = broker.policy_files(str(found.get("base"))).get("files")
        files = {str(key): str(value) for key, value in texts.items()} if isinstance(texts, dict) else {}
        made = broker.propose_policy({**files, file: text}, reason)
    click.echo(f"proposed as {visible(made.get('proposal_id'))}", err=True)
    ctx.exit(FINDINGS)


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,3})([hdw])", text)
    if not found:
        raise ConfigError(f"--since {text[:20]!r} is not a time", "write 12h, 30d or 4w")
    return int(found.group(1)) * UNITS[found.group(2)]


def _show(found: Json, form: str) -> None:
    if form == "json":
        show_json(found)
        return
    rows = [
        ["/".join(str(one.get(name)) for name in names) for names in COLUMNS.values()]
        for one in _items(found, "grants")
    ]
    show_table(rows, tuple(COLUMNS))
    click.echo(
        f"tasks       {found.get('tasks')}, the longest {found.get('longest_task')}/{found.get('granted_deadline')} s"
    )
    unused = found.get("unused")
    names = ", ".join(map(visible, unused)) if isinstance(unused, list) else ""
    click.echo(f"never asked {names or 'none'}")
    if found.get("cut"):
        click.echo("there are more tasks than one report reads: give a shorter --since", err=True)


def _difference(found: Json) -> str:
    before, after = (str(found.get(side)).splitlines(keepends=True) for side in ("before", "text"))
    file = str(found.get("file"))
    return "".join(difflib.unified_diff(before, after, f"in force/{file}", f"narrower/{file}"))


def _tell(found: Json) -> None:
    for change in _items(found, "changes"):
        click.echo(f"{visible(change.get('way')):9} {visible(str(change.get('text')).replace('→', '->'))}", err=True)
    said = "" if _items(found, "changes") else ": nothing to narrow"
    click.echo(f"from {found.get('tasks')} tasks{said}", err=True)


def _items(found: Json, name: str) -> list[Json]:
    value = found.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def show_uses(found: Sequence[Uses], form: str) -> None:
    """What tokens were used for at Vault, grant by grant, the most frequent paths first."""
    if form == "json":
        show_json([dataclasses.asdict(one) for one in found])
        return
    rows = [[one.policy, one.grant, f"{one.seen}/{one.leases}", one.requests, one.most] for one in found]
    show_table(rows, ("POLICY", "GRANT", "LEASES USED", "REQUESTS", "MOST BY ONE"))
    for one in found:
        for path, count in sorted(one.paths.items(), key=lambda item: -item[1])[:SHOWN_PATHS]:
            click.echo(f"  {visible(one.policy)}/{visible(one.grant)}  {count:6}  {visible(path)}")
