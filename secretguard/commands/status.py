"""`secretguard status`: one screen about what is installed and what the guard has done."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import click

from secretguard.agents.claude_checks import guarded_scopes
from secretguard.audit import reader
from secretguard.commands.policy_layers import standing_lines
from secretguard.errors import ConfigError
from secretguard.githooks import standing as githooks
from secretguard.places import state_dir
from secretguard.policy.layers import in_force
from secretguard.terminal import printable

_COUNTED = "guard:"


@click.command()
def status() -> None:
    """Show where the guard is installed, which policy is in force, and what the audit record counts."""
    scopes = guarded_scopes(Path.cwd())
    click.echo(f"Claude Code: {'guarded (' + ', '.join(scopes) + ' settings)' if scopes else 'not guarded'}")
    if hooks := githooks.line("."):
        click.echo(f"git hooks:   {printable(hooks)}")
    here = os.path.realpath(".")
    policy = in_force(here, look=True)
    (_, base, _), *tightening = policy.standing.layers
    below = "".join(f", tightened by {name} {place}" for name, place, _ in tightening)
    click.echo(f"policy:      {printable(base)} ({policy.digest[:12]}){printable(below)}")
    for line in standing_lines(policy):
        click.echo(f"             {line}")
    click.echo(f"this folder: {policy.environment(here)}, files are {policy.data_class(here)} unless labelled")
    counts = _counts(os.path.join(state_dir(), "audit"))
    click.echo(f"record:      {sum(counts.values())} events of the guard in {Path(state_dir(), 'audit')}")
    for event, count in sorted(counts.items()):
        click.echo(f"  {count:6} {event}")


def _counts(directory: str) -> Counter[str]:
    """How often each event of the guard is in the journal; lines that cannot be read are left to `audit verify`."""
    try:
        events = [str(record.get("event")) for record in reader.records(directory)]
    except ConfigError:  # nothing was recorded yet
        return Counter()
    return Counter(event for event in events if event.startswith(_COUNTED))
