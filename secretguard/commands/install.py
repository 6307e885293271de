"""`secretguard install WHAT`: put the guard where it works. One function a target; each is loaded when it is called."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path

import click

from secretguard.agents import claude_install
from secretguard.agents.claude_install import Change
from secretguard.agents.claude_launcher import refuse_throwaway
from secretguard.agents.claude_layers import Layers
from secretguard.agents.claude_managed import TARGETS, deployment
from secretguard.agents.claude_settings import SCOPES
from secretguard.audit.journal import user_journal
from secretguard.pack import open_engine
from secretguard.placeholder import of_user
from secretguard.policy.compiled import load
from secretguard.redact import redact
from secretguard.terminal import printable

HERE = "here"
"""What `--print` without a value shows: the change of this machine's own settings."""

ELSEWHERE = {"git": "secretguard.commands.install_git:git"}
"""Targets with a module of their own → `module:attribute`."""


class Targets(click.Group):
    """A group whose commands are its own and those of the table `elsewhere`, which are loaded when they are called."""

    def __init__(self, *args: object, elsewhere: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # click's own parameters, passed on as they are
        self.elsewhere = elsewhere

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self.elsewhere])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.elsewhere:
            module, attribute = self.elsewhere[cmd_name].split(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=Targets, elsewhere=ELSEWHERE)
def install() -> None:
    """Put the guard into a coding agent, or its hooks and gate into a git repository."""


scope_option = click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="user",
    show_default=True,
    help="Whose settings: yours, this project's, or the machine's (root; users cannot switch it off).",
)
print_option = click.option(
    "--print",
    "print_for",
    is_flag=False,
    flag_value=HERE,
    type=click.Choice([HERE, *TARGETS]),
    help="Change nothing: show what would change here, or, with --scope managed, what to deploy to many machines.",
)


@install.command("claude-code")
@scope_option
@click.option("--shell/--no-shell", default=True, show_default=True, help="Redact what the client's commands print.")
@click.option("--deny-env", is_flag=True, help="Have the client refuse to read .env-class files, redacted or not.")
@click.option("--with-mod", is_flag=True, help="Add the plugin that sees every request to the model (early access).")
@click.option("--only-managed-hooks", is_flag=True, help="With --scope managed: no other hook runs on this machine.")
@print_option
def claude_code(
    scope: str, shell: bool, deny_env: bool, with_mod: bool, only_managed_hooks: bool, print_for: str | None
) -> None:
    """Write the guard's hooks into Claude Code's settings. Other hooks stay; doing it again changes nothing."""
    layers = Layers(shell, deny_env, with_mod, only_managed_hooks)
    if print_for in TARGETS:
        deploy(print_for, scope, layers)
        return
    refuse_throwaway()
    change = claude_install.plan_install(scope, Path.cwd(), layers)
    show(change)
    for sentence in change.left_out:
        click.echo(f"note: {printable(sentence)}")
    if print_for:
        return
    open_engine(), load(), of_user("/")  # built now, so that the first event does not wait; raises when unusable
    user_journal().append("guard:client:installed", {"client": "claude-code", "scope": scope, "path": str(change.path)})
    claude_install.install(change, scope)
    click.echo(f"installed: new sessions of Claude Code are guarded ({change.path})")
    click.echo("check it with `secretguard doctor`; undo it with `secretguard uninstall claude-code`")


def deploy(target: str, scope: str, layers: Layers) -> None:
    """Print the managed settings for many machines to stdout, and what to do with them to stderr."""
    if scope != "managed":
        raise click.UsageError(f"--print {target} shows what an administrator deploys: add --scope managed")
    made = deployment(target, layers)
    click.echo(made.text, nl=False)
    for note in made.notes:
        click.echo(f"note: {note}", err=True)


def show(change: Change) -> None:
    """Print the change of a settings file as a diff, without the secrets that settings may hold."""
    before, after = change.before or b"", change.after or b""
    if before == after:
        click.echo(f"{change.path}: nothing to change")
        return
    lines = difflib.unified_diff(_lines(before), _lines(after), str(change.path), str(change.path), n=1, lineterm="")
    text = "\n".join(lines).encode()
    clean = redact(text, open_engine().scan(text), of_user(str(change.path))).decode("utf-8", "replace")
    for line in clean.splitlines():
        click.secho(line, fg={"+": "green", "-": "red"}.get(line[:1]))


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()
