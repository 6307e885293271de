"""`secretguard uninstall WHAT`: take the guard out again and give the settings back as they were."""

from __future__ import annotations

from pathlib import Path

import click

from secretguard import person
from secretguard.agents import claude_install
from secretguard.audit.journal import user_journal
from secretguard.commands.install import Targets, scope_option, show
from secretguard.guard import leftover
from secretguard.terminal import printable

ELSEWHERE = {"git": "secretguard.commands.install_git:remove"}
"""Targets with a module of their own → `module:attribute`."""


@click.group(cls=Targets, elsewhere=ELSEWHERE)
def uninstall() -> None:
    """Take the guard out of a coding agent, or its hooks out of a git repository."""


@uninstall.command("claude-code")
@scope_option
@click.option("--print", "only_print", is_flag=True, help="Show what would change and change nothing.")
def claude_code(scope: str, only_print: bool) -> None:
    """Take the guard's hooks out of Claude Code's settings.

    A file that nobody touched since the installation is given back byte for byte; in any other, only the guard's own
    entries go. Values that a write took out of a file and that are not back yet are put back first.
    """
    change = claude_install.plan_uninstall(scope, Path.cwd())
    show(change)
    if only_print:
        return
    person.must_not_be_an_agent("secretguard uninstall claude-code")
    for problem in leftover.settle(str(Path.cwd())):
        click.echo(f"note: {printable(problem)}", err=True)
    user_journal().append("guard:client:removed", {"client": "claude-code", "scope": scope, "path": str(change.path)})
    claude_install.uninstall(change, scope)
    click.echo(f"removed: new sessions of Claude Code are not guarded any more ({change.path})")
