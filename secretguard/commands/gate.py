"""`secretguard gate`: the production review gate of a git server, and the reviewer's side of it."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys

import click

from secretguard.audit.journal import Journal
from secretguard.errors import GuardError, SecretguardError
from secretguard.policy import compiled
from secretguard.review import gate as rules
from secretguard.review import server
from secretguard.review.repository import Repository
from secretguard.review.signature import sign
from secretguard.review.statement import Statement
from secretguard.terminal import printable


@click.group()
def gate() -> None:
    """Refuse a push that touches production paths without a recorded review of exactly that tree.

    On the server: `secretguard install git --server PATH`, then list the reviewers in PATH/secretguard/allowed_signers.
    """


@gate.command("pre-receive", hidden=True)
def pre_receive() -> None:
    """The hook itself: updates on stdin, exit 0 to accept the push and 1 to refuse it."""
    try:
        accepted = _receive()
    except SecretguardError as error:
        click.echo(f"secretguard: push refused: {error}", err=True)
        accepted = False
    except Exception as error:  # a gate that crashes must not open
        click.echo(f"secretguard: push refused: internal error {type(error).__name__}", err=True)
        accepted = False
    sys.exit(0 if accepted else 1)


def _receive() -> bool:
    here = _gate_of(Repository(os.path.abspath(os.environ.get("GIT_DIR", "."))))
    updates = rules.read_updates(sys.stdin)
    journal = Journal(os.path.join(here.folder, "audit"))
    answers = rules.receive(here, updates, journal, f"unix:{os.getuid()}:{getpass.getuser()}")
    for answer in answers:
        word = "accepted" if answer.accepted else "refused"
        if not answer.accepted or answer.people:
            click.echo(f"secretguard: {word}: {answer.message}", err=True)
    return all(answer.accepted for answer in answers)


def _gate_of(repository: Repository) -> rules.Gate:
    configured = repository.config("secretguard.policy")
    policy = compiled.load(configured[-1] if configured else compiled.server_directory())
    return rules.Gate(repository, policy, server.gate_folder(repository))


@gate.command()
@click.argument("commit")
@click.option("--ref", required=True, help="The protected branch it is to go to, e.g. refs/heads/main.")
@click.option("--key", required=True, type=click.Path(exists=True, dir_okay=False), help="Your SSH key to sign with.")
@click.option("--remote", default="origin", show_default=True, help="The remote whose gate is asked.")
@click.option("--yes", is_flag=True, help="Do not show the change and ask; for a review tool that has shown it.")
def review(commit: str, ref: str, key: str, remote: str, yes: bool) -> None:
    """Sign a review of COMMIT and push it to the remote: it counts for exactly this tree on this branch tip.

    Shows what COMMIT changes against the remote branch and asks before it signs.
    """
    directory = _output(["git", "rev-parse", "--absolute-git-dir"])
    repository = Repository(directory)
    identity = _fetch_identity(repository, remote)
    target = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    base = _remote_tip(repository, remote, target)
    commit = repository.commit_of(commit)  # what is shown is what is signed, whatever a name is moved to meanwhile
    tree = repository.tree_of(commit)
    if not yes:
        if not sys.stdin.isatty():
            raise GuardError("a review is a person's work", "run it in a terminal, or with --yes from a review tool")
        _show(repository, base, commit)
        click.confirm(f"Approve tree {tree} for {target}?", abort=True)
    statement = Statement(identity, target, base, tree)
    message = statement.encode()
    blob = repository.git("hash-object", "-w", "--stdin", stdin=message + sign(message, key)).decode().strip()
    repository.git("push", "--quiet", remote, f"{blob}:{rules.REVIEWS}{tree}/{blob[:12]}")
    click.echo(f"review of tree {tree} for {target} recorded at {remote}")


def _fetch_identity(repository: Repository, remote: str) -> str:
    repository.git("fetch", "--quiet", "--no-tags", remote, f"+{rules.IDENTITY}:refs/secretguard/remotes/{remote}")
    return repository.blob(f"refs/secretguard/remotes/{remote}", 200).decode().strip()


def _remote_tip(repository: Repository, remote: str, ref: str) -> str:
    listed = repository.text("ls-remote", remote, ref).split()
    if not listed:
        return "0" * len(repository.commit_of("HEAD"))
    if not repository.exists(listed[0]):
        raise GuardError(f"the tip of {ref} at {remote} is not here", f"run `git fetch {remote}` and look again")
    return listed[0]


def _show(repository: Repository, base: str, commit: str) -> None:
    """Print the change so that the reviewer sees what is there: nothing in it drives the terminal or a diff driver."""
    start = base if base.strip("0") else repository.git("hash-object", "-t", "tree", "--stdin").decode().strip()
    plain = ("--no-color", "--no-ext-diff", "--no-textconv")
    change = repository.git("diff", "--stat", "--patch", *plain, start, commit, "--").decode("utf-8", "replace")
    for line in change.removesuffix("\n").split("\n"):
        safe = "\t".join(map(printable, line.split("\t")))
        click.secho(safe, fg={"+": "green", "-": "red", "@": "cyan"}.get(line[:1]))


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        raise GuardError("git did not answer", "run this inside a clone, with git installed") from None
    if done.returncode:
        raise GuardError("this is not a git repository", "run it inside a clone of the gated repository")
    return done.stdout.strip()


@gate.command()
@click.option(
    "--server", "path", required=True, type=click.Path(exists=True, file_okay=False), help="The bare repository."
)
def doctor(path: str) -> None:
    """Say whether the gate of a bare repository protects it; exit 2 with what is missing when it does not."""
    found = server.faults(path)
    try:
        _gate_of(server.bare_repository(path))
    except GuardError as error:
        found.append(f"its policy does not load, so every push is refused: {error.message}")
    for fault in found:
        click.secho(f"not protected: {fault}", fg="red")
    if found:
        sys.exit(2)
    click.secho("protected: hook, reviewers and policy are in place", fg="green")


@gate.command()
@click.argument("old")
@click.argument("new")
@click.option("--ref", default="refs/heads/main", show_default=True)
@click.option("--server", "path", default=".", show_default=True, type=click.Path(exists=True, file_okay=False))
def check(old: str, new: str, ref: str, path: str) -> None:
    """What the gate would say about moving REF from OLD to NEW in the bare repository; changes and records nothing."""
    here = _gate_of(server.bare_repository(path))
    commits = [value if not value.strip("0") else here.repository.commit_of(value) for value in (old, new)]
    answer = rules.judge(here, rules.Update(commits[0], commits[1], ref))
    click.echo(f"{'accepted' if answer.accepted else 'refused'} ({answer.rule}): {answer.message}")
    sys.exit(0 if answer.accepted else 1)
