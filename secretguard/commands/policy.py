"""`secretguard policy`: check, test, explain and compare the written policy; what else there is stands beside it."""

from __future__ import annotations

import collections
import json
import os
import sys
from collections.abc import Callable, Iterator

import click

from secretguard.audit.journal import user_journal
from secretguard.commands.policy_advise import advise
from secretguard.commands.policy_layers import explained, layers, standing_lines
from secretguard.commands.policy_packs import init, packs
from secretguard.commands.policy_schema import schema
from secretguard.errors import ConfigError
from secretguard.policy import compiled, examples
from secretguard.policy.combine import by_itself, compile_tightening
from secretguard.policy.difference import SAID, changes, direction, in_words
from secretguard.policy.labels import label_changes
from secretguard.policy.layers import in_force
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES, Decision, Request
from secretguard.policy.shipped import PACKS
from secretguard.policy.source import REPOSITORY, Source, file_of, from_folder
from secretguard.policy.table import CELLS, Policy
from secretguard.terminal import printable

COLOURS = {"allow": "green", "ask": "yellow", "two_persons": "magenta", "deny": "red"}
LAYER = os.path.join(".secretguard", "policy")
directory_argument = click.argument("directory", required=False, metavar="[DIR]")


@click.group()
def policy() -> None:
    """The written policy: one Cedar rule set, one facts file. DIR is a policy folder or the name of a shipped pack."""


@policy.command()
@click.option("--layer", is_flag=True, help="DIR is a layer that can only tighten: a repository's, a user's own.")
@directory_argument
def check(directory: str | None, layer: bool) -> None:
    """Compile it: types, unknown names, examples, all with file and line.

    The active policy by default, with every layer that counts in this folder. Exit code 2 where one is broken.
    """
    if layer:
        _check_layer(directory or LAYER)
        return
    chosen = _directory(directory)
    table = compiled.compile_set(chosen)
    if directory is None or chosen == compiled.active_directory():
        user_journal().append("policy:set:compiled", {"directory": chosen, "digest": table.digest})
    if directory is None:
        table = in_force(os.path.realpath("."), look=True)
        for line in standing_lines(table):
            click.echo(line)
        if table.standing.faults:
            raise ConfigError(table.standing.faults[0], "what it last forbade stays forbidden; nothing is released")
    click.echo(f"{chosen}: {click.style('good', fg='green')}, {CELLS} cells: {_counted(table.decide)}")
    click.echo(f"digest {table.digest}")


def _check_layer(directory: str) -> None:
    """A layer by itself: what it forbids, and what of it has no effect."""
    found = compile_tightening(_source(directory))
    requests = examples.expand("*/*/*/*")
    outcomes = {request.cell: decision for request, decision in zip(requests, found.decisions, strict=True)}
    for note in found.notes:
        click.secho(f"no effect: {printable(note)}", fg="yellow")
    counts = _counted(lambda request: outcomes[request.cell])
    click.echo(f"{directory}: {click.style('good', fg='green')} as a layer that tightens, {CELLS} cells: {counts}")


def _layer(directory: str) -> Policy:
    return compiled.policy_of("", by_itself(_source(directory)))


def _source(directory: str) -> Source:
    """A layer's folder, with the bounds of a repository's. Raises ConfigError."""
    source = from_folder(REPOSITORY, directory, (0, os.geteuid()), whole=False)
    if source.fault or (source.rules is None and source.facts is None):
        raise ConfigError(source.fault or f"{directory}: no rules.cedar and no facts.toml there", source.fix)
    return source


def _counted(decide: Callable[[Request], Decision]) -> str:
    counts = collections.Counter(decide(request).outcome for request in examples.expand("*/*/*/*"))
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)


@policy.command()
@click.option("--layer", is_flag=True, help="DIR is a layer that can only tighten: what it leaves out is allowed.")
@directory_argument
def test(directory: str | None, layer: bool) -> None:
    """Run the example requests beside the rules (`examples.toml`). Exit code 2 names the first that fails."""
    chosen = directory or LAYER if layer else _directory(directory)
    path = os.path.join(chosen, compiled.EXAMPLES)
    # the examples run here, too: a policy whose examples fail does not compile
    table = _layer(chosen) if layer else compiled.compile_set(chosen)
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
    table = compiled.load(_directory(directory)) if directory else in_force(os.path.realpath("."), look=True)
    decision = table.decide(request)
    layer, *enforced = explained(table, request)
    if form == "json":
        document = {
            "request": request.cell,
            "outcome": decision.outcome,
            "rule": decision.rule,
            "reason": decision.reason,
            "layer": layer,
            "differs": enforced,
        }
        click.echo(json.dumps(document))
        return
    click.echo(f"{request.cell}: {click.style(decision.outcome, fg=COLOURS[decision.outcome], bold=True)}")
    click.echo(f"  rule    {printable(decision.rule)}")
    click.echo(f"  layer   {printable(layer)}")
    reason, _, way_on = decision.reason.partition(" Way on: ")
    click.echo(f"  reason  {printable(reason)}")
    if way_on:
        click.echo(f"  way on  {printable(way_on)}")
    for line in enforced:
        click.secho(f"  but     {printable(line)}", fg="yellow", bold=True)


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
    labels = list(label_changes(before, after))
    tasks = _other_tasks(_directory(old), _directory(new))
    for sentence, tightens in in_words(found):
        click.secho(f"  {sentence}", fg="green" if tightens else "yellow")
    for label in labels:
        way = SAID.get(label.ways.word, label.ways.word)
        click.secho(f"  {printable(label.text)} ({way})", fg="yellow" if label.ways.loosens else "green")
    for name in tasks:
        click.secho(f"  tasks/{printable(name)}: differs; `broker policy propose` says which way", fg="yellow")
    went = click.style(direction(found, (label.ways for label in labels)), bold=True)
    click.echo(f"{len(found)} of {CELLS} decisions and {len(labels)} labels differ: {went}")
    sys.exit(1 if found or labels or tasks else 0)


def _other_tasks(old: str, new: str) -> list[str]:
    """The task policies that are not the same in both folders: what they grant only the broker understands."""
    texts = [dict(_tasks(os.path.join(folder, "tasks"))) for folder in (old, new)]
    return sorted(name for name in {*texts[0], *texts[1]} if texts[0].get(name) != texts[1].get(name))


def _tasks(folder: str) -> Iterator[tuple[str, bytes]]:
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return ((name, file_of(folder, name)) for name in names if name.endswith(".toml"))


for command in (advise, init, layers, packs, schema):
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
