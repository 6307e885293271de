"""`secretguard policy layers`: which layers decide in this folder, and what stands in the way of one."""

from __future__ import annotations

import json
import os
import time

import click

from secretguard.guard import broken
from secretguard.policy import kept
from secretguard.policy.layers import in_force, note_path
from secretguard.policy.observe import observing, told
from secretguard.policy.repository_layer import FOLDER
from secretguard.policy.request import Request
from secretguard.policy.source import ORGANISATION, REPOSITORY, USER
from secretguard.policy.table import Policy
from secretguard.terminal import printable

WHAT = {ORGANISATION: "root's own", REPOSITORY: "of the protected branch", USER: "your own", "packaged": "the default"}


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def layers(form: str) -> None:
    """Which layers decide in this folder: the base, and what tightens it; what is broken or has no effect, with its
    line. Exit code 2 where a layer is broken."""
    here = os.path.realpath(".")
    policy = in_force(here, look=True)
    why = _why(here)
    if form == "json":
        click.echo(json.dumps(_document(policy, why)))
    else:
        for number, (name, place, digest) in enumerate(policy.standing.layers):
            role = "decides" if number == 0 else "tightens"
            click.echo(f"{name:13} {role:9} {printable(place)} ({WHAT[name]}, {digest[:12]})")
        if why:
            click.echo(f"{REPOSITORY:13} {'none':9} {printable(why)}")
        for line in standing_lines(policy):
            click.echo(line)
    raise click.exceptions.Exit(2 if policy.standing.faults else 0)


def standing_lines(policy: Policy) -> list[str]:
    """Faults, observe mode and what has no effect, each loud in its colour."""
    lines = [
        click.style(f"BROKEN: {printable(fault)}; nothing is released", fg="red", bold=True)
        for fault in policy.standing.faults
    ]
    said = told(policy, time.time())
    lines += [click.style(said, fg="yellow", bold=True)] if said else []
    return lines + [click.style(f"no effect: {printable(note)}", fg="yellow") for note in policy.standing.notes]


def explained(policy: Policy, request: Request) -> tuple[str, ...]:
    """The layer whose rule decides, and a sentence for each way in which something else happens at the hook."""
    name, slash, _ = policy.decide(request).rule.partition("/")
    known = {layer: place for layer, place, _ in policy.standing.layers}
    first = policy.standing.layers[0][0] if policy.standing.layers else "this policy alone"
    layer = name if slash else first
    place = f" ({known[layer]})" if layer in known else ""
    differs = []
    if observing(policy, time.time()):
        enforced = policy.enforced(request)
        if enforced.outcome != policy.decide(request).outcome:
            differs.append(f"observed until {policy.observe_until}: {enforced.outcome} meanwhile")
    if policy.standing.faults and broken.releases(request):
        differs.append(f"refused while the policy is broken: {policy.standing.faults[0]}")
    return (f"{layer}{place}", *differs)


def _why(project: str) -> str:
    """Why the repository has no layer here, "" where it has one; a work tree's own copy counts for nothing."""
    note = kept.read(note_path(project)) or {}
    why = str(note.get("why", ""))
    if why and os.path.lexists(os.path.join(project, FOLDER)):
        return f"{why}; the work tree's {FOLDER} counts once the protected branch has it"
    return why


def _document(policy: Policy, why: str) -> dict[str, object]:
    return {
        "digest": policy.digest,
        "layers": [
            {"name": name, "place": place, "digest": digest, "role": "tightens" if number else "decides"}
            for number, (name, place, digest) in enumerate(policy.standing.layers)
        ],
        "no_repository_layer": why,
        "broken": policy.standing.faults,
        "no_effect": policy.standing.notes,
        "observe_until": policy.observe_until,
        "observing": observing(policy, time.time()),
    }
