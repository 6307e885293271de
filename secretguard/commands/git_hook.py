"""`secretguard git-hook NAME`: what our git hooks run; hooks that somebody else keeps can call it, too."""

from __future__ import annotations

import sys

import click

from secretguard import accepted_in_git
from secretguard.errors import CLEAN, FINDINGS, USAGE
from secretguard.githooks import check, shim, updates
from secretguard.report import terminal_report
from secretguard.report.located import Scan
from secretguard.source.git import Git
from secretguard.terminal import printable

_WIDTH = 100
"""Columns where git hands on what is said here: to a window, or over the network to whoever pushed."""

_REFUSED = {
    shim.COMMIT: "nothing was committed; a baseline that accepts a finding counts as it is staged",
    shim.MERGE: "nothing was merged: mend the files, `git add` them and `git commit`, or `git merge --abort`",
    shim.PUSH: "nothing was pushed. The secret is in the commits: change those (git commit --amend, git rebase -i); "
    "another commit that takes it out leaves it in the history",
    shim.RECEIVE: "the push is refused. The secret is in the commits: change those (git commit --amend, git rebase -i) "
    "and push again",
}


@click.command("git-hook", context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice([*shim.CLIENT, shim.RECEIVE]))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def git_hook(ctx: click.Context, name: str, arguments: tuple[str, ...]) -> None:
    """Answer git: exit code 0 lets the commit or push go on, any other stops it.

    ARGUMENTS and standard input are those that git gives a hook of that NAME; of pre-push the name of the remote.
    Accepted is what a pragma accepts, or the baseline that is itself staged or pushed: `git config
    secretguard.baseline`, else .secrets.baseline or baselines/secrets.baseline.
    """
    from secretguard.commands.scan import open_scanner

    scanner = open_scanner(None)
    if name in (shim.COMMIT, shim.MERGE):
        scan = check.staged(scanner)
    elif name == shim.PUSH:
        remote = f"--remotes={arguments[0]}" if arguments and _is_remote(arguments) else ""
        scan = check.pushed(scanner, updates.from_push(_stdin()), remote)
    else:
        scan = check.pushed(scanner, updates.from_receive(_stdin()), "--all")
    ctx.exit(_answer(name, scan))


def _is_remote(arguments: tuple[str, ...]) -> bool:
    """git gives the remote's name and its URL, or the URL twice where it was pushed to without a name."""
    return len(arguments) < 2 or arguments[0] != arguments[1]


def _stdin() -> bytes:
    return sys.stdin.buffer.read(updates.LARGEST + 1)


def _answer(name: str, scan: Scan) -> int:
    if scan.open_findings:
        git = Git()
        names = accepted_in_git.names(git)
        baseline = accepted_in_git.find(git, [""], names)[0][0] or names[0]
        width = terminal_report.columns(sys.stderr) or _WIDTH
        report = terminal_report.render(scan, width, terminal_report.coloured(sys.stderr), baseline)
        click.echo(f"{report}secretguard: {_REFUSED[name]}.", err=True)
        return FINDINGS
    gaps = check.unread(scan)
    for gap in gaps[:10]:
        click.echo(f"secretguard: {printable(gap.path)} cannot be looked at: {printable(gap.reason)}", err=True)
    if gaps:
        click.echo(f"secretguard: {_REFUSED[name]}. `git fsck` shows what is missing.", err=True)
    return USAGE if gaps else CLEAN
