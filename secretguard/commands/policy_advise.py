"""`secretguard policy advise`: what the journal says about the rules."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os

import click

from secretguard.audit import reader
from secretguard.places import state_dir
from secretguard.policy.advice import APPROVED_SHARE, LEAST_ASKED, Advice, Asked
from secretguard.policy.advice import advise as advice_of
from secretguard.policy.layers import in_force
from secretguard.terminal import printable

SHOWN = 10
"""Refused rules in the text; JSON has all of them."""


@click.command()
@click.option(
    "--journal", "directory", type=click.Path(file_okay=False), help="The journal's folder; your own by default."
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only records from then on, UTC.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def advise(directory: str | None, since: datetime.datetime | None, form: str) -> None:
    """Which rules ask for nothing, which are never met, what is refused most, and what a trial would have done, by the
    audit journal. The rules are those in force in this folder.

    How a question was answered is told by whether the tool ran afterwards: approved when it did, refused when the
    session went on to another prompt without it, else unknown.
    """
    records = reader.records(directory or os.path.join(state_dir(), "audit"))
    found = advice_of(records, in_force(os.path.realpath(".")), since.isoformat() if since else "")
    click.echo(json.dumps(_document(found)) if form == "json" else text_of(found))


def text_of(advice: Advice) -> str:
    """The advice for a person. What comes from the journal is escaped: an agent may have had a hand in it."""
    period = f", {advice.first} to {advice.last}" if advice.records else ""
    lines = [f"{advice.records} records{printable(period)}", "", f"Questions{_pace(advice)}, and how they ended:"]
    lines += [f"  {line}" for asked in advice.asked for line in _question(asked)] or ["  none was asked"]
    lines += ["", "Rules that stopped nothing:"]
    lines += [f"  {rule}" for rule in advice.never_hit] or ["  none: each was met"]
    if advice.elsewhere:
        lines.append(f"  not to be seen here, as broker or gate decide by them: {', '.join(advice.elsewhere)}")
    lines += ["", "Most frequent refusals:"]
    refused = [f"{printable(r.rule)}: {r.count}, the last at {printable(r.last)}" for r in advice.refused[:SHOWN]]
    lines += [f"  {line}" for line in refused] or ["  nothing was refused"]
    if advice.observed:
        lines += ["", "What the trial let pass (observe mode):"]
        lines += [f"  {printable(o.rule)}: would {printable(o.would)}, {o.count} times" for o in advice.observed]
    return "\n".join(lines)


def _pace(advice: Advice) -> str:
    pace = advice.asked_per_hour
    return "" if pace is None else f" ({pace:.1f} an hour in {advice.hours:.1f} hours of sessions)"


def _question(asked: Asked) -> list[str]:
    rule = printable(asked.rule)
    lines = [
        f"{rule}: asked {asked.asked}, approved {asked.approved}, refused {asked.refused}, unknown {asked.unknown}"
    ]
    if asked.seconds is not None:
        lines.append(f"  answered and run within {asked.seconds:.0f} s, by the median")
    if asked.waved_through:
        words = (
            f"approved more than {APPROVED_SHARE:.0%} of at least {LEAST_ASKED} times: a question that is always "
            "answered yes protects nobody. Label what it is asked about in facts.toml, or let the rule allow it."
        )
        lines.append(f"  {click.style(words, fg='yellow')}")
    return lines


def _document(advice: Advice) -> dict[str, object]:
    document = dataclasses.asdict(advice) | {"asked_per_hour": advice.asked_per_hour}
    for entry, asked in zip(document["asked"], advice.asked, strict=True):
        entry.update(asked=asked.asked, waved_through=asked.waved_through)
    return document
