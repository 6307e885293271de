"""A task from both sides as text for a person: who asked, what was done, with which credentials, who approved."""

from __future__ import annotations

from secretguard.audit.joined import CLAIMED, Joined, Line
from secretguard.audit.story import Style, clock, duration, plain, summary
from secretguard.terminal import printable

MOST = 8
"""Things that one line of the head lists; it says how many more there are."""


def joined_story(joined: Joined, style: Style = plain) -> str:
    """The whole text."""
    run = joined.run
    lines = [
        style(f"task {printable(joined.task)}", "bold"),
        f"began {printable(joined.started)}, {duration(joined.seconds)}",
        f"asked for:    {printable(joined.asked) or 'the broker has no record of it here'}",
        f"ended:        {printable(joined.ended) or 'not yet, as far as is recorded here'}",
        f"credentials:  {_listed(joined.credentials)}",
        f"approvals:    {_listed(joined.approvals)}",
    ]
    lines += [f"{f'{word}:':<13} {_listed(things)}" for word, things in joined.did().items()]
    lines += [
        f"agent:        {printable(f'{run.client} {run.version}'.strip())}, {summary(run)}"
        if run
        else "agent:        no guard reported from the sandbox",
        f"records:      {joined.of_broker} of the broker's own, {joined.of_sandbox} that the sandbox claims, "
        f"{joined.of_journal} of the journal at hand",
    ]
    if joined.alarms:
        lines += ["", style(f"LOOK HERE: {len(joined.alarms)}", "red"), *(_line(one, style) for one in joined.alarms)]
    return "\n".join([*lines, "", style("in order", "bold"), *(_line(one, style) for one in joined.lines)])


def _line(line: Line, style: Style) -> str:
    side = style(f"{line.side:<8}", "cyan" if line.side == CLAIMED else "")
    return f"  {clock(line.at):>9}  {side}  {printable(line.text)}"


def _listed(things: tuple[str, ...]) -> str:
    shown = "; ".join(map(printable, things[:MOST]))
    return f"{shown}; and {len(things) - MOST} more" if len(things) > MOST else shown or "none"
