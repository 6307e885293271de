"""`broker policy`: propose another policy, see what it changes, agree to it or not; `recover` past its owners."""

from __future__ import annotations

import difflib
import time

import click

from broker.client import BrokerClient, Json
from broker.commands.connect import client, endpoint_options, show_json, show_table, visible
from broker.commands.policy_recover import recover
from broker.commands.used import narrow, used_of_policy
from broker.policy.files import read_files
from secretguard.errors import CLEAN, FINDINGS

COLOURS = {"loosens": "red", "both": "red", "tightens": "green", "same": None}


@click.group()
def policy() -> None:
    """The policy in force at a broker, and changes to it, which its owners agree to.

    A loosening needs one owner of engineering and another one of security, neither of them its proposer; anything else
    one owner. Exit codes: 0 done, 1 waiting for owners, 2 refused.
    """


@policy.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False))
@click.option("--reason", required=True, help="Why; its owners read it, and it is recorded.")
@endpoint_options
@click.pass_context
def propose(ctx: click.Context, directory: str, reason: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Propose the policy of DIRECTORY: rules.cedar, facts.toml, examples.toml and tasks/*.toml."""
    files = read_files(directory)
    with client(endpoint, token_file) as broker:
        made = broker.propose_policy(files.texts, reason)
        shown = broker.policy(str(made.get("proposal_id")))
    ctx.exit(_show(shown, form))


@policy.command()
@click.argument("digest")
@click.option("--reason", required=True, help="Why; its owners read it, and it is recorded.")
@endpoint_options
@click.pass_context
def rollback(ctx: click.Context, digest: str, reason: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Propose an earlier policy again. DIGEST, or its beginning, is one of `broker policy history`."""
    with client(endpoint, token_file) as broker:
        made = broker.propose_policy_again(_whole(broker, digest), reason)
        shown = broker.policy(str(made.get("proposal_id")))
    ctx.exit(_show(shown, form))


@policy.command()
@click.argument("proposal_id")
@click.option("--reason", required=True, help="Why; it is recorded.")
@endpoint_options
@click.pass_context
def approve(
    ctx: click.Context, proposal_id: str, reason: str, endpoint: str, token_file: str | None, form: str
) -> None:
    """Agree, as an owner, to exactly the policy of PROPOSAL_ID. Read `broker policy show` first."""
    ctx.exit(_word(proposal_id, "approve", reason, (endpoint, token_file, form)))


@policy.command()
@click.argument("proposal_id")
@click.option("--reason", required=True, help="Why; it is recorded.")
@endpoint_options
@click.pass_context
def deny(ctx: click.Context, proposal_id: str, reason: str, endpoint: str, token_file: str | None, form: str) -> None:
    """Say no to PROPOSAL_ID, as an owner, or take back one's own. One no closes it."""
    _word(proposal_id, "deny", reason, (endpoint, token_file, form))
    ctx.exit(CLEAN)


@policy.command()
@click.argument("proposal_id")
@click.option("--text", "as_text", is_flag=True, help="Also show how the files differ, line by line.")
@endpoint_options
def show(proposal_id: str, as_text: bool, endpoint: str, token_file: str | None, form: str) -> None:
    """Show what PROPOSAL_ID changes, in words, loosenings first, and who has said what."""
    with client(endpoint, token_file) as broker:
        found = broker.policy(proposal_id)
        if as_text:
            found["text"] = _lines_that_differ(broker, str(found.get("base")), str(found.get("digest")))
    _show(found, form)


@policy.command("list")
@endpoint_options
def list_(endpoint: str, token_file: str | None, form: str) -> None:
    """List the policy in force, its owners, and the proposals that wait for them."""
    with client(endpoint, token_file) as broker:
        found = broker.policies()
    if form == "json":
        show_json(found)
        return
    click.echo(f"in force     {visible(found.get('in_force'))}")
    for side in ("engineering", "security"):
        click.echo(f"{side:12} {', '.join(map(visible, _list(found, side))) or 'nobody'}")
    names = ("proposal_id", "kind", "needs", "proposer", "reason")
    rows = [[item.get(name) for name in names] for item in _rows(found)]
    show_table(rows, ("PROPOSAL", "KIND", "NEEDS", "PROPOSER", "REASON"))


@policy.command()
@endpoint_options
def history(endpoint: str, token_file: str | None, form: str) -> None:
    """List every policy that came into force, the newest first."""
    with client(endpoint, token_file) as broker:
        found = broker.policy_history()
    if form == "json":
        show_json(found)
        return
    rows = [[item.get("number"), str(item.get("digest"))[:16], *_told(item)] for item in found]
    show_table(rows, ("NUMBER", "DIGEST", "KIND", "AT", "BY", "REASON"))


policy.add_command(recover)
policy.add_command(used_of_policy)
policy.add_command(narrow)


def _told(item: Json) -> list[object]:
    at = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(float(str(item.get("at", 0)))))
    return [item.get("kind"), at, ", ".join(map(str, _list(item, "by"))), item.get("reason")]


def _word(proposal_id: str, word: str, reason: str, place: tuple[str, str | None, str]) -> int:
    """Exit code: 1 while others still have to agree."""
    endpoint, token_file, form = place
    with client(endpoint, token_file) as broker:
        answer = broker.decide_policy(proposal_id, word, reason)
    if form == "json":
        show_json(answer)
    else:
        click.echo(f"{visible(answer.get('proposal_id'))} is {visible(answer.get('state'))}")
    return FINDINGS if answer.get("state") == "waiting" else CLEAN


def _show(found: Json, form: str) -> int:
    """The whole proposal, nothing elided: what is agreed to is exactly this. Exit code 1 while it waits."""
    code = FINDINGS if found.get("state") == "waiting" else CLEAN
    if form == "json":
        show_json(found)
        return code
    click.secho(f"{visible(found.get('proposal_id'))} is {visible(found.get('state'))}", bold=True)
    needs = "an owner of engineering and another one of security" if found.get("needs") == "both" else "one owner"
    said = {"kind": found.get("kind"), "needs": needs, "proposer": found.get("proposer"), "reason": found.get("reason")}
    for name, value in {**said, "from": found.get("base"), "to": found.get("digest")}.items():
        click.echo(f"  {name:9} {visible(value)}")
    for change in _rows(found, "changes"):
        way = str(change.get("way"))
        text = str(change.get("text")).replace(
            "→", "->"
        )  # our own arrow; whatever else is not plain shows as an escape
        click.secho(f"  {visible(way):9} {visible(text)}", fg=COLOURS.get(way, "red"))
    for vote in _rows(found, "votes"):
        sides = ", ".join(map(visible, _list(vote, "sides"))) or "no side"
        who = f"{visible(vote.get('decision')):9} {visible(vote.get('person'))} ({sides})"
        click.echo(f"  {who}: {visible(vote.get('reason'))}")
    for line in _list(found, "text"):
        click.echo(f"  {visible(line)}")
    return code


def _lines_that_differ(broker: BrokerClient, base: str, digest: str) -> list[str]:
    old, new = (broker.policy_files(one).get("files") for one in (base, digest))
    before, after = (found if isinstance(found, dict) else {} for found in (old, new))
    lines: list[str] = []
    for name in sorted({*before, *after}):
        was, is_now = (str(side.get(name, "")).splitlines() for side in (before, after))
        lines += difflib.unified_diff(was, is_now, f"in force/{name}", f"proposed/{name}", lineterm="")
    return lines


def _whole(broker: BrokerClient, digest: str) -> str:
    """The one digest of the history that begins so; what is none is for the broker to refuse."""
    found = {str(item.get("digest")) for item in broker.policy_history()}
    known = [one for one in found if one.startswith(digest)]
    return known[0] if len(known) == 1 else digest


def _rows(found: Json, name: str = "proposals") -> list[Json]:
    return [item for item in _list(found, name) if isinstance(item, dict)]


def _list(found: Json, name: str) -> list[object]:
    value = found.get(name)
    return value if isinstance(value, list) else []
