"""`secretguard doctor`: is the guard in place, and does it hold? Proved with a made-up secret, not assumed."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import click

from secretguard.agents.claude_checks import FAULT, GOOD, WARNING, signs
from secretguard.errors import CLEAN, USAGE
from secretguard.githooks import standing as githooks
from secretguard.known import signs as known

_MARKS = {GOOD: ("ok", "green"), WARNING: ("warning", "yellow"), FAULT: ("FAULT", "red")}


@click.command()
@click.option(
    "--client",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The Claude Code program to prove it with; default: the one on PATH.",
)
@click.pass_context
def doctor(ctx: click.Context, client: Path | None) -> None:
    """Check the guard of this folder's sessions, with a made-up secret through the hook and the real client; and the
    git hooks of the repository that it is in.

    Exit codes: 0 guarded, 2 a fault was found.
    """
    worst = CLEAN
    for sign in chain(signs(Path.cwd(), client), known.signs("."), githooks.signs(".")):
        mark, colour = _MARKS[sign.kind]
        click.echo(f"{click.style(mark, fg=colour)}: {sign.text}")
        if sign.fix:
            click.echo(f"  {sign.fix}")
        worst = USAGE if sign.kind == FAULT else worst
    ctx.exit(worst)
