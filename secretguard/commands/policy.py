"""`secretguard policy`: check, test, explain and compare the written policy; `advise`, `init`, `packs` are beside."""

from __future__ import annotations

import collections
import json
import os
import sys

import click

from secretguard.audit.journal import user_journal
from secretguard.commands.policy_advise import advise
from secretguard.commands.policy_packs import init, packs
from secretguard.errors import ConfigError
from secretguard.policy import compiled, examples
from secretguard.policy.difference import changes, direction, label_changes
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES, Request
from secretguard.policy.shipped import PACKS
from secretguard.policy.table import CELLS

COLOURS = {"allow": "green", "ask": "yellow", "two_persons": "magenta", "deny": "red"}
directory_argument = click.argument("directory", required=False, metavar="[DIR]")


@click.group()
def policy() -> None:
    """The written policy: one Cedar rule set, one facts file. DIR is a policy folder or the name of a shipped pack."""


@policy.command()
@directory_argument
def check(directory: str | None) -> None:
    """Compile it: types, unknown names, examples, all with file and line. The active policy by default."""
    chosen = _directory(directory)
    table = compiled.compile_set(chosen)
    if chosen == compiled.active_directory():
        user_journal().append("policy:set:compiled", {"directory": chosen, "digest": table.digest})
    counts = collections.Counter(table.decide(request).outcome for request in examples.expand("*/*/*/*"))
    summary = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
    click.echo(f"{chosen}: {click.style('good', fg='green')}, {CELLS} cells: {summary}")
    click.echo(f"digest {table.digest}")


@policy.command()
@directory_argument
def test(directory: str | None) -> None:
    """Run the example requests beside the rules (`examples.toml`). Exit code 2 names the first that fails."""
    chosen = _directory(directory)
    path = os.path.join(chosen, compiled.EXAMPLES)
    table = compiled.compile_set(chosen)  # the examples run here, too: a policy whose examples fail does not compile
    try:
        with open(path, encoding="utf-8") as file:
            asked = examples.check(table, file.read(compiled.MAX_SOURCE), path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "write examples: [[example]] with request and outcome") from None
    click.echo(f"{path}: {click.style('passed', fg='green')}, {asked} requests asked")


@policy.command()
@click.argument("words", nargs=-1, metavar="[ACTION EFFECT ENVIRONMENT DATA]")
@click.option("--policy", "directory", metavar="DIR", help="A policy folder or pack; the active policy by default.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def explain(words: tuple[str, ...], directory: str | None, form: str) -> None:
    """What is decided about a request, by which rule, and why; without words: the vocabulary.

    \b
    Example: secretguard policy explain run reveal development secret
    """
    if not words:
        click.echo(_vocabulary())
        return
    request = _request(words)
    decision = compiled.load(_directory(directory)).decide(request)
    if form == "json":
        document = {
            "request": request.cell,
            "outcome": decision.outcome,
            "rule": decision.rule,
            "reason": decision.reason,
        }
        click.echo(json.dumps(document))
        return
    click.echo(f"{request.cell}: {click.style(decision.outcome, fg=COLOURS[decision.outcome], bold=True)}")
    click.echo(f"  rule    {decision.rule}")
    reason, _, way_on = decision.reason.partition(" Way on: ")
    click.echo(f"  reason  {reason}")
    if way_on:
        click.echo(f"  way on  {way_on}")


@policy.command()
@click.argument("old")
@click.argument("new")
def diff(old: str, new: str) -> None:
    """Which decisions and labels differ from OLD to NEW, and whether that tightens or loosens. Exit code 1 if any.

    \b
    OLD and NEW are policy folders or names of shipped packs: secretguard policy diff laptop team
    """
    before, after = compiled.compile_set(_directory(old)), compiled.compile_set(_directory(new))
    found = changes(before, after)
    labels = label_changes(before.facts, after.facts)
    for change in found:
        click.secho(f"  {change}", fg="green" if change.tightens else "yellow")
    for line in labels:
        click.echo(f"  {line}")
    click.echo(f"{len(found)} of {CELLS} decisions differ: {click.style(direction(found), bold=True)}")
    if labels:
        click.echo(f"{len(labels)} labels differ: what they cover is decided by another cell.")
    sys.exit(1 if found or labels else 0)


for command in (advise, init, packs):
    policy.add_command(command)


def _directory(name: str | None) -> str:
    """A folder as given, else a shipped pack of that name, else the active policy."""
    if name is None:
        return compiled.active_directory()
    if os.path.isdir(name) or os.sep in name or name.startswith("."):
        return name
    if name in PACKS:
        return compiled.packaged(name)
    raise ConfigError(f"{name}: no such folder, and no pack of that name", f"packs: {', '.join(PACKS)}")


def _request(words: tuple[str, ...]) -> Request:
    parts = words[0].split("/") if len(words) == 1 else list(words)
    try:
        action, effect, environment, data = parts
        return Request(action, effect, environment, data)
    except ValueError:
        raise click.UsageError(f"not a request: {' '.join(parts)}\n{_vocabulary()}") from None


def _vocabulary() -> str:
    sets = (("action", ACTIONS), ("effect", EFFECTS), ("environment", ENVIRONMENTS), ("data", DATA))
    return "\n".join(f"{name:12} {' '.join(words)}" for name, words in sets)
