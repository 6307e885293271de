"""`secretguard detect-secrets-hook`: in the place of `detect-secrets-hook` 1.5, with its options, words and exit codes.

The plugins are detect-secrets' own, so a baseline keeps its meaning. Nothing is tried over the network. What it would
pass over in silence (a file in Latin-1, UTF-16) is looked at, and what could not be looked at is an error.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from functools import partial
from typing import Any

import click

from secretguard.accepted import Baseline, load
from secretguard.baseline_file import as_peer, contents, save, written
from secretguard.baseline_head import PEER_VERSION, upgraded
from secretguard.errors import CLEAN, FINDINGS, USAGE, ConfigError, GuardError, SecretguardError
from secretguard.peer import collection, told
from secretguard.peer.child import Looked, look
from secretguard.peer.chosen import VERIFY, Typed, choose
from secretguard.terminal import printable

REWRITTEN = 3
"""The baseline file was written anew and has to be staged."""


def _refused(_: click.Context, __: click.Parameter, value: bool) -> None:
    if value:
        raise click.UsageError(
            "--only-verified: secrets are never tried over the network here, so nothing would ever be verified"
        )


_limit = click.FloatRange(0, 8)
_many = partial(click.option, multiple=True, type=str)


@click.command(name="detect-secrets-hook")
@click.version_option(PEER_VERSION, message="%(version)s", help="The version of detect-secrets that this stands for.")
@click.argument("filenames", nargs=-1, type=click.Path())
@click.option("-v", "--verbose", count=True, help="Say what was not looked at, and why.")
@click.option(
    "-C", metavar="PATH", type=click.Path(exists=True, file_okay=False), is_eager=True, expose_value=False,
    callback=lambda _, __, path: os.chdir(path) if path else None, help="As if started in PATH.",
)  # fmt: skip
@click.option("-c", "--cores", type=click.IntRange(1, 256), help="Processes; default: one a CPU where it pays.")
@click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON.")
@click.option("--baseline", metavar="FILENAME", type=click.Path(exists=True, dir_okay=False), help="Known secrets.")
@click.option("--list-all-plugins", is_flag=True, help="Say which plugins would be used, and stop.")
@click.option(
    "-p", "--plugin", type=click.Path(exists=True, dir_okay=False), multiple=True, help="Run this plugin too."
)
@click.option("--base64-limit", type=_limit, is_flag=False, flag_value=None, help="Least entropy; 4.5.")
@click.option("--hex-limit", type=_limit, is_flag=False, flag_value=None, help="Least entropy; 3.0.")
@_many("--disable-plugin", help="A plugin by the name of its class, e.g. Base64HighEntropyString.")
@click.option("-n", "--no-verify", is_flag=True, help="Taken; secrets are never tried over the network.")
@click.option("--only-verified", is_flag=True, callback=_refused, expose_value=False, help="Refused, for that reason.")
@_many("--exclude-lines", help="Pass over lines that this expression matches.")
@_many("--exclude-files", help="Pass over files whose names this expression matches.")
@_many("--exclude-secrets", help="Pass over secrets that this expression matches.")
@click.option("--word-list", type=click.Path(exists=True, dir_okay=False), help="Pass over secrets with these words.")
@_many("-f", "--filter", help="Run this filter too: module.function, or FILE::FUNCTION.")
@_many("--disable-filter", help="A filter by its path.")
@click.option("--run-plugin-code", is_flag=True, help="Run plugins and filters of files that the baseline names.")
@click.pass_context
def detect_secrets_hook(ctx: click.Context, /, **options: Any) -> None:
    """Look for new secrets in FILENAMES with the plugins of detect-secrets, exactly as its own hook does.

    Exit code 0: nothing new; 1: new secrets, or the baseline is not staged; 2: usage, or something could not be looked
    at; 3: the baseline was brought up to date and has to be staged.
    """
    try:
        status = _run(**options)
    except (SecretguardError, click.ClickException):
        raise
    except Exception as error:  # 3 has another meaning here
        raise GuardError(f"internal error: {type(error).__name__}", "nothing is known of the files") from error
    ctx.exit(status)


def _run(
    filenames: tuple[str, ...],
    verbose: int,
    cores: int | None,
    as_json: bool,
    baseline: str | None,
    list_all_plugins: bool,
    no_verify: bool,  # noqa: ARG001  # nothing is ever verified
    **typed: Any,
) -> int:
    if baseline and _is_unstaged(baseline):
        click.echo(told.UNSTAGED.format(baseline))
        return FINDINGS
    old = _loaded(baseline) if baseline else None
    document = upgraded(old.path, old.document) if old else None
    chosen = choose(Typed(**typed), baseline or "", document)
    looked = look(chosen, () if list_all_plugins else filenames, cores or 0)
    if list_all_plugins:
        click.echo("\n".join(sorted(entry["name"] for entry in looked.head["plugins_used"])))
        return CLEAN
    _skipped(looked, verbose)
    found = collection.new(looked.found, document, old.expired if old else frozenset())
    if found:
        _report(found, looked, as_json)
        return FINDINGS
    if looked.gaps:
        return USAGE
    return _bring_up_to_date(old, document, looked, filenames) if old and document else CLEAN


def _loaded(path: str) -> Baseline:
    """The baseline. Raises ConfigError for one whose digests detect-secrets' plugins cannot be held against."""
    old = load(path)
    if old.keyed:
        raise ConfigError(
            f"{path}: its digests are keyed, which detect-secrets does not know",
            "use the hook `secretguard`, or make the baseline without a key",
        )
    return old


def _is_unstaged(path: str) -> bool:
    """Whether the work tree's baseline differs from the index; outside of a repository nothing does."""
    from secretguard.source.git import Git

    folder, name = os.path.split(os.path.abspath(path))
    done = Git(folder).run("diff", "--name-only", "-z", "--relative", "--", f":(literal){name}")
    return done.returncode == 0 and bool(done.stdout)


def _skipped(looked: Looked, verbose: int) -> None:
    for path, reason in looked.skipped if verbose else looked.gaps:
        click.echo(f"not looked at: {printable(path)}: {reason}", err=True)


def _report(found: dict[str, list[Any]], looked: Looked, as_json: bool) -> None:
    if as_json:
        now = datetime.datetime.now(datetime.UTC)
        click.echo(json.dumps(collection.report(found, looked.head, PEER_VERSION, now), indent=2))
    else:
        colour = told.colours(sys.stdout.isatty())
        click.echo(told.diagnostics(found, colour), nl=False, color=colour)


def _bring_up_to_date(old: Baseline, document: dict[str, Any], looked: Looked, filenames: tuple[str, ...]) -> int:
    """Write the baseline if it would say something else now. Raises ConfigError when it cannot be written."""
    fresh = collection.trimmed(document, looked.found, filenames)
    if fresh["results"] == old.document["results"] and old.document.get("version") == PEER_VERSION:
        return CLEAN
    kept = [entry for entry in document.get("filters_used", ()) if entry.get("path") == VERIFY]
    fresh |= looked.head | {"filters_used": sorted(looked.head["filters_used"] + kept, key=lambda one: one["path"])}
    if "generated_at" in fresh:
        fresh["generated_at"] = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fresh["results"] = collection.ordered(fresh["results"])
    layout = as_peer if contents(old.path) == as_peer(old.document) else written  # a diff shows what changed, no more
    save(old.path, fresh, layout)
    click.echo(told.UPDATED.format(old.path))
    return REWRITTEN
