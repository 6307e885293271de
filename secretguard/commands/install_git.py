"""`secretguard install git`, `uninstall git`: hooks of one repository or all; scan and production gate of a server."""

from __future__ import annotations

import click

from secretguard.audit.journal import user_journal
from secretguard.errors import ConfigError
from secretguard.githooks import install as hooks
from secretguard.githooks import place, shim
from secretguard.githooks.install import Done
from secretguard.review import server as gates
from secretguard.terminal import printable

_NO_SERVER = "--server is for the server's bare repository; it goes with --protect, --secrets and --remove alone"


@click.command("git")
@click.argument("path", default="", type=click.Path())
@click.option("--global", "everywhere", is_flag=True, help="For all your repositories, by git's global core.hooksPath.")
@click.option("--submodules", is_flag=True, help="Also for the submodules that are checked out.")
@click.option("--server", type=click.Path(), help="The bare repository on the git server: the production gate.")
@click.option("--protect", multiple=True, metavar="BRANCH", help="A branch name or glob to protect beside HEAD's.")
@click.option("--secrets", is_flag=True, help="With --server: refuse pushes whose new commits hold secrets, instead.")
@click.option("--remove", is_flag=True, help="With --server: take it away; reviews, reviewers and journal stay.")
def git(
    path: str,
    everywhere: bool,
    submodules: bool,
    server: str | None,
    protect: tuple[str, ...],
    secrets: bool,
    remove: bool,
) -> None:
    """Stop commits and pushes that hold a secret, in the repository PATH (default: here).

    Hooks that stand there are kept and run. With --server PATH the production gate is put into that bare repository,
    with --server PATH --secrets the scan of what is pushed; both can stand side by side. Safe to repeat.
    """
    if server is not None:
        if path or everywhere or submodules or (secrets and protect):
            raise click.UsageError(_NO_SERVER)
        return _secrets_at(server, remove) if secrets else _gate_at(server, protect, remove)
    if protect or secrets or remove:
        raise click.UsageError(_NO_SERVER + "; hooks are removed by `secretguard uninstall git`")
    if everywhere and (path or submodules):
        raise click.UsageError("--global is for all repositories: it takes no PATH")
    return _everywhere() if everywhere else _here(path or ".", submodules)


def _here(path: str, submodules: bool) -> None:
    found = place.find(path)
    if found.everywhere:
        click.echo(f"already installed for all your repositories: {printable(found.folder)}")
        return
    if found.bare:
        raise ConfigError(
            f"{found.root} is a bare repository", f"secretguard install git --server {found.root} --secrets"
        )
    roots = [found.root, *(place.submodules(found.root) if submodules else ())]
    for root in roots:
        folder = place.writable(place.find(root))
        _record("guard:client:installed", "repository", folder)
        _installed(hooks.install(folder))
    if not submodules and place.submodules(found.root):
        click.echo("its submodules are repositories of their own: --submodules guards them, too")


def _everywhere() -> None:
    _record("guard:client:installed", "user", place.global_folder())
    _installed(hooks.install_everywhere())
    click.echo(
        "A repository that sets its own core.hooksPath (husky does) is not covered: `secretguard install git` there."
    )


def _installed(done: Done) -> None:
    click.echo(f"{'installed' if done.written else 'already installed'}: {printable(done.folder)}")
    for name in done.chained:
        click.echo(f"  {name}: what stood there before is kept in {name}{shim.KEPT}, and run")


def _record(event: str, scope: str, folder: str) -> None:
    user_journal().append(event, {"client": "git", "scope": scope, "path": folder})


def _gate_at(path: str, protect: tuple[str, ...], remove: bool) -> None:
    if remove:
        click.echo("gate removed" if gates.remove(path) else "there was no gate of ours")
        return
    done = gates.install(path, protect)
    click.echo(f"{'installed' if done.changed else 'already installed'}: {done.hook}")
    for fault in gates.faults(path):
        click.secho(f"still to do: {fault}", fg="yellow")


def _secrets_at(path: str, remove: bool) -> None:
    repository = gates.bare_repository(path)
    folder = place.find(repository.path)
    if remove:
        _uninstalled(hooks.uninstall(folder.own, [shim.RECEIVE]))
        return
    _installed(hooks.install(place.writable(folder), [shim.RECEIVE], "install git --secrets --server"))


@click.command("git")
@click.argument("path", default="", type=click.Path())
@click.option("--global", "everywhere", is_flag=True, help="The hooks for all your repositories.")
@click.option("--submodules", is_flag=True, help="Also in the submodules that are checked out.")
def remove(path: str, everywhere: bool, submodules: bool) -> None:
    """Take our hooks out of the repository PATH (default: here); what stood there before is put back byte for byte."""
    if everywhere:
        if path or submodules:
            raise click.UsageError("--global is for all repositories: it takes no PATH")
        _record("guard:client:removed", "user", place.global_folder())
        _uninstalled(hooks.uninstall_everywhere())
        return
    found = place.find(path or ".")
    for root in [found.root, *(place.submodules(found.root) if submodules else ())]:
        folder = place.find(root).own
        _record("guard:client:removed", "repository", folder)
        _uninstalled(hooks.uninstall(folder))
    if found.everywhere:
        click.echo("the hooks for all your repositories stay: `secretguard uninstall git --global`")


def _uninstalled(done: Done) -> None:
    if not done.removed and not done.restored:
        click.echo(f"there was no hook of ours in {printable(done.folder)}")
    for name in done.restored:
        click.echo(f"given back: {name}, as it stood before")
    if done.removed:
        click.echo(f"removed: {', '.join(done.removed)}")
    for name in done.left:
        click.echo(f"left alone: {name} is not ours any more; {name}{shim.KEPT} is what stood there before us")
