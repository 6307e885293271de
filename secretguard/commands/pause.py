"""`secretguard pause 10m --why TEXT`: the guard lets pass for some minutes, because a person says so."""

from __future__ import annotations

import os
import re
import time

import click

from secretguard import acceptance, person
from secretguard.audit.journal import user_journal
from secretguard.errors import ConfigError
from secretguard.guard import pause as pauses
from secretguard.guard.texts import text
from secretguard.pack import open_engine
from secretguard.places import private_dir
from secretguard.policy import kept
from secretguard.policy.layers import in_force
from secretguard.terminal import printable

_TIME = re.compile(r"(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?(?:([0-9]{1,5})s)?", re.ASCII)


@click.command()
@click.argument("length", required=False, metavar="[10m]")
@click.option("--why", default="", metavar="TEXT", help="Why; it is on record and said at each prompt.")
@click.option("--by", metavar="NAME", help="Who pauses; git's user.email, else the login name.")
@click.option("--end", is_flag=True, help="End the pause now.")
def pause(length: str | None, why: str, by: str | None, end: bool) -> None:
    """Pause the guard for LENGTH (90s, 10m, 1h30m; 8h at most), in all of your sessions.

    What it would have stopped passes and is on record. It ends by itself, also over sleep and changes of the clock.
    Production, customer data and what policy calls mandatory are never paused. A person's command: it needs a terminal
    and is refused to the agent; --end anyone may run.
    """
    if end:
        if length or why:
            raise click.UsageError("--end goes alone")
        click.echo(text("pause over") if pauses.ended(by or person.name()) else "there is no pause")
        return
    if not length or not why:
        raise click.UsageError("give a length and --why: secretguard pause 10m --why 'a demo with made-up keys'")
    seconds = _seconds(length)
    person.must_be_there("secretguard pause")
    _begin(seconds, acceptance.given(by or person.name(), why, "", acceptance.today()))


def _begin(seconds: int, said: acceptance.Acceptance) -> None:
    if not pauses.allowed_by(in_force(os.path.realpath("."))):
        raise ConfigError(
            "there is no pause under an organisation's policy, nor while a policy is broken", "`secretguard status`"
        )
    if open_engine().scan(said.why.encode()):
        raise ConfigError("--why holds what looks like a secret", "say why without it")
    document = pauses.document(seconds, said.by, said.why)
    path = pauses.path_of()
    private_dir(os.path.dirname(path))
    user_journal().append(
        "guard:pause:started", {"by": said.by, "why": said.why, "seconds": seconds, "until": document["until"]}
    )
    if not kept.write(path, document):
        raise ConfigError(f"{path} could not be written", "free space on that disk")
    now = pauses.in_force()
    if now is None:
        raise ConfigError("the pause does not hold: the machine's clocks disagree")
    click.echo(printable(text("pause", **pauses.told(now, time.time()))))


def _seconds(length: str) -> int:
    """Seconds of `1h30m`, `10m`, `90s`. Raises ConfigError."""
    found = _TIME.fullmatch(length)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    whole = hours * 3600 + minutes * 60 + seconds
    if not 0 < whole <= pauses.LONGEST:
        raise ConfigError(f"{printable(length[:20])}: not a length of up to 8 hours", "e.g. 90s, 10m, 1h30m")
    return whole
