"""`secretguard status`: one screen about what guards here, how it stands, and what it did."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import click

from secretguard.commands.accept import described
from secretguard.commands.policy_layers import standing_lines
from secretguard.guard import pause
from secretguard.guard.texts import text
from secretguard.overview import document
from secretguard.policy.layers import in_force
from secretguard.terminal import printable

Document = dict[str, Any]

_MOST = 10
"""Lines of a list; --format json has all of it."""


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def status(form: str) -> None:
    """Show what guards this folder and how: active layers, policy, pause, what was accepted, this session's secrets,
    the last records and what the record counts."""
    here = os.path.realpath(".")
    found = document(here)
    if form == "json":
        click.echo(json.dumps(found))
        return
    for line in (*_layers(found["layers"]), *_policy(found, here), *_pause(found), *_session(found["session"])):
        click.echo(line)
    for line in (*_not_back(found["not_back"]), *_accepted(found["accepted"]), *_record(found["record"])):
        click.echo(line)


def _layers(layers: Document) -> Iterator[str]:
    hooks = ", ".join(layers["hooks"])
    yield f"Claude Code: {f'guarded ({hooks} settings)' if hooks else 'not guarded'}"
    for name, what in (("shell", "commands' output is redacted as they run"), ("plugin", "the mod looks at requests")):
        if layers[name]:
            yield f"             {what} ({', '.join(layers[name])} settings)"
    if layers["git"]:
        yield f"git hooks:   {printable(layers['git'])}"


def _policy(found: Document, here: str) -> Iterator[str]:
    base, *tightening = found["policy"]["layers"]
    below = "".join(f", tightened by {layer['name']} {layer['place']}" for layer in tightening)
    yield f"policy:      {printable(base['place'])} ({found['policy']['digest'][:12]}){printable(below)}"
    for line in standing_lines(in_force(here)):
        yield f"             {line}"
    yield f"this folder: {found['policy']['environment']}, files are {found['policy']['data']} unless labelled"


def _pause(found: Document) -> Iterator[str]:
    on = found["pause"]
    if on is None:
        return
    words = pause.told(pause.Pause(on["until"], on["by"], on["why"]), time.time())
    yield click.style(printable(text("pause", **words)), fg="yellow", bold=True)
    if not on["counts"]:
        yield "             without effect: this policy allows no pause"


def _session(session: Document | None) -> Iterator[str]:
    if session is None:
        return
    secrets = session["secrets"]
    times = sum(secret["times"] for secret in secrets)
    yield f"session:     secrets told: {len(secrets)}, seen {times} times"
    for secret in secrets[:_MOST]:
        what = f"{secret['what']} in {secret['where']}  {secret['masked']}"
        yield printable(f"  {secret['tag']}  {secret['outcome']:<13}  {secret['times']:>3} x  {what}")
    if len(secrets) > _MOST:
        yield f"  {len(secrets) - _MOST} more: --format json"


def _not_back(files: list[Document]) -> Iterator[str]:
    """Files that an agent wrote and whose secrets are not back."""
    for one in files[:_MOST]:
        yield click.style(printable(f"not back:    {one['path']} may have a placeholder for its secret"), fg="yellow")
        yield printable(f"             its copy: {one['copy']}")
    if len(files) > _MOST:
        yield f"  {len(files) - _MOST} more: --format json"


def _accepted(entries: list[Document]) -> Iterator[str]:
    if not entries:
        return
    yield f"accepted:    {len(entries)}"
    for entry in entries[:_MOST]:
        yield f"  {described(entry)}{'  (over)' if entry['over'] else ''}"
    if len(entries) > _MOST:
        yield f"  {len(entries) - _MOST} more: secretguard accept --list"


def _record(record: Document) -> Iterator[str]:
    counts = record["counts"]
    yield f"record:      {sum(counts.values())} events of the guard in {record['directory']}"
    for event, count in counts.items():
        yield f"  {count:6} {event}"
    if record["last"]:
        yield "last:"
    for row in record["last"]:
        where = row.get("path") or row.get("command") or row.get("tool", "")
        yield printable(f"  {row['time'][:19]}Z  {row['event']}  {str(where)[:60]}  {row.get('outcome', '')}").rstrip()
