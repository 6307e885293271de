"""`secretguard accept TAG`: a false alarm of the guard is over with one command, of a person."""

from __future__ import annotations

import os

import click
from click.shell_completion import CompletionItem

from secretguard import acceptance, accepting, false_alarms, person
from secretguard.acceptance import Acceptance
from secretguard.errors import ConfigError
from secretguard.guard import given
from secretguard.pack import open_engine
from secretguard.policy.facts import ANYWHERE
from secretguard.policy.glob import MAX_PATTERN
from secretguard.terminal import printable

Row = dict[str, str]

WHY = "a false alarm"
"""What is kept as the reason where none is given."""
_HEX = frozenset("0123456789abcdef")
_LISTED = 50


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The tags that the guard gave, newest first, for a shell's completion."""
    rows: dict[str, Row] = {}
    for session in given.sessions():
        for row in reversed(session.rows):
            rows.setdefault(row["tag"], row)
    wanted = [row for tag, row in rows.items() if tag.startswith(incomplete)]
    return [CompletionItem(row["tag"], help=printable(f"{row['what']} in {row['where']}")) for row in wanted[:_LISTED]]


@click.command()
@click.argument("tags", nargs=-1, metavar="[TAG]...", shell_complete=complete)
@click.option("--why", default=WHY, show_default=True, metavar="TEXT", help="Why it is no secret, or may be seen.")
@click.option("--until", default="", metavar="DATE", help="The last day on which it counts: 2027-01-31.")
@click.option("--by", metavar="NAME", help="Who accepts; git's user.email, else the login name.")
@click.option("--user", "everywhere", is_flag=True, help="In every project of yours, not in this one alone.")
@click.option("--repo", is_flag=True, help="Also in the repository's baseline file, for scans of everybody.")
@click.option("--rule", default="", metavar="ID", help="Instead of a TAG: all that this rule finds ...")
@click.option("--path", "pattern", default="", metavar="GLOB", help="... in the files of this project that match.")
@click.option("--list", "listing", is_flag=True, help="What is accepted.")
@click.option("--remove", is_flag=True, help="Take the acceptance back.")
def accept(
    tags: tuple[str, ...],
    why: str,
    until: str,
    by: str | None,
    everywhere: bool,
    repo: bool,
    rule: str,
    pattern: str,
    listing: bool,
    remove: bool,
) -> None:
    """Accept what the guard took for a secret, by the TAG that it told: the ten digits of its placeholder.

    It counts from the next read on, in the project in which the guard found it. A person's command: it needs a terminal
    and is refused to the agent.
    """
    if listing:
        return _list()
    if bool(tags) == bool(rule or pattern) or bool(rule) != bool(pattern):
        raise click.UsageError("give TAGs, or --rule ID with --path GLOB")
    if rule and (everywhere or repo):
        raise click.UsageError("--rule and --path count in this project alone")
    person.must_be_there("secretguard accept")
    who = by or person.name()
    if remove:
        return _remove([_digits(tag) for tag in tags], rule, _anchored(pattern) if pattern else "", who)
    said = acceptance.given(who, why, until, acceptance.today())
    if open_engine().scan(why.encode()):
        raise ConfigError("--why holds what looks like a secret", "say why without it")
    if rule:
        return _accept_rule(rule, pattern, said)
    for row in [_row(_digits(tag)) for tag in tags]:  # all are known before one is accepted
        _accept(row, said, everywhere, repo)
    return None


def _accept(row: Row, said: Acceptance, everywhere: bool, repo: bool) -> None:
    click.echo(f"[[secret:{row['rule']}:{row['tag']}]]  {row['what']}  {printable(row['masked'])}")
    click.echo(printable(f"  in {row['where']} ({row['outcome']}), project {row['project']}"))
    if repo:
        from secretguard.commands.accept_in_baseline import accept_in_baseline  # brings the scanner

        click.echo(accept_in_baseline(row, said))
    scope = false_alarms.USER if everywhere else false_alarms.PROJECT
    entry = {name: row[name] for name in ("tag", "digest", "rule", "what", "masked")}
    accepting.add({**entry, "scope": scope, "project": "" if everywhere else row["project"]}, said)
    where = "in every project of yours" if everywhere else "in this project"
    click.echo(f"accepted {where} [{said}]; the next read shows it as it is")
    click.echo(f"  to take it back: secretguard accept --remove {row['tag']}")


def _accept_rule(rule: str, pattern: str, said: Acceptance) -> None:
    from secretguard.detect.known import RULE as KNOWN
    from secretguard.detect.registry import BY_ID

    if rule not in (*BY_ID, KNOWN):
        raise ConfigError(f"--rule {printable(rule)}: there is no such rule", "`secretguard rules list`")
    entry = {"scope": false_alarms.RULE, "rule": rule, "path": _anchored(pattern), "project": os.path.realpath(".")}
    accepting.add(entry, said)
    click.echo(f"accepted what {rule} finds in {printable(entry['path'])} [{said}]")
    click.echo("  where a tool names exactly one file (Read, Write, Edit, @file); not in what commands print")


def _anchored(pattern: str) -> str:
    """The glob as it is compared: absolute; a relative one is meant from this folder. Raises ConfigError."""
    pattern = os.path.expanduser(pattern) if pattern.startswith("~/") else pattern
    whole = pattern if pattern.startswith(ANYWHERE) else os.path.join(os.path.realpath("."), pattern)
    names = whole.lstrip("/").split("/")
    if len(whole) > MAX_PATTERN or any(name in ("", ".", "..") or ("**" in name and name != "**") for name in names):
        raise ConfigError(
            f"--path {printable(pattern)}: not a pattern", "? is one character, * stays within a name, ** spans folders"
        )
    if all(name.strip("*") == "" for name in names):
        raise ConfigError(f"--path {pattern}: it names every file", "name a folder or a file")
    return whole


def _digits(tag: str) -> str:
    """The ten digits of a TAG, which may also be a whole placeholder. Raises ConfigError."""
    digits = tag.removeprefix("[[").removesuffix("]]").rpartition(":")[2].lower()
    if len(digits) != 10 or not _HEX.issuperset(digits):
        raise ConfigError(f"{printable(tag[:80])}: not a TAG", "it is the ten digits of a placeholder, e.g. 7f3a9c41d0")
    return digits


def _row(tag: str) -> Row:
    """What the guard remembers of `tag`. Raises ConfigError where that is nothing, or two values."""
    rows = [row for session in given.sessions() for row in reversed(session.rows) if row["tag"] == tag]
    if not rows:
        raise ConfigError(
            f"{tag}: the guard gave no such tag in the last {given.DAYS} days", "`secretguard status` lists them"
        )
    if len({row["digest"] for row in rows}) > 1:
        raise ConfigError(f"{tag} stands for two values", "accept by --rule and --path, or with a pragma on the line")
    return next((row for row in rows if row["path"]), rows[0])


def _remove(tags: list[str], rule: str, pattern: str, who: str) -> None:
    wanted = set(tags)

    def is_meant(entry: Row) -> bool:
        if entry.get("scope") == false_alarms.RULE:
            return bool(rule) and (entry.get("rule"), entry.get("path")) == (rule, pattern)
        return entry.get("tag") in wanted

    gone = accepting.remove(is_meant, who)
    known = {entry.get("tag") for entry in gone}
    if missing := [tag for tag in tags if tag not in known] or (not gone and [rule]):
        raise ConfigError(f"{', '.join(missing)}: not accepted", "`secretguard accept --list`")
    for entry in gone:
        click.echo(f"no longer accepted: {described(entry)}")


def _list() -> None:
    now = acceptance.today()
    for entry in false_alarms.entries():
        click.echo(described(entry, now))


def described(entry: Row, now: str = "") -> str:
    """One accepted entry as a line."""
    what = f"{entry.get('tag', '')}  {entry.get('rule', '')}  {entry.get('masked', '')}"
    if entry.get("scope") == false_alarms.RULE:
        what = f"{entry.get('rule', '')} in {entry.get('path', '')}"
    where = entry.get("project") or "every project"
    said = Acceptance(*(entry.get(name, "") for name in ("by", "why", "until")))
    over = "  (over)" if now and said.expired(now) else ""
    return printable(f"{what}  {where}") + f"  [{said}]{over}"
