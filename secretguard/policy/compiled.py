"""Compiled tables on disk: one file for exactly these sources, made again when it is missing or damaged.

Hot path: `stored` and `load` import nothing that costs; Cedar comes in only when there is no table. A table's file is
named by the digest of its sources, so that a changed policy can never be answered from an old table, and it carries its
own digest, so that a damaged one is never trusted. Both stop accidents: whoever may write the cache as this user may
also write the user's policy. Which layers are in force in a project: `policy/layers.py`.
"""

from __future__ import annotations

import os

from secretguard.errors import ConfigError, GuardError
from secretguard.places import cache_dir, config_dir, private_dir, state_dir
from secretguard.policy import kept
from secretguard.policy.request import Decision
from secretguard.policy.source import EXAMPLES as EXAMPLES  # the folder's files, for those who load one
from secretguard.policy.source import FACTS as FACTS
from secretguard.policy.source import MAX_SOURCE as MAX_SOURCE
from secretguard.policy.source import RULES as RULES
from secretguard.policy.source import USER, Source, file_of, must_be_owned, text_of
from secretguard.policy.source import source_digest as source_digest
from secretguard.policy.table import Policy

MANAGED = "/etc/secretguard/policy"
KEPT = 64
"""Compiled tables that stay in the cache; the oldest go first."""


def packaged(name: str) -> str:
    """The directory of a policy pack that is shipped with the program, e.g. `laptop`."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "packs", name)


def own_directory() -> str:
    """Where this user's own layer stands, if there is one."""
    return os.path.join(config_dir(), "policy")


def active_directory() -> str:
    """The base layer: managed policy where there is one, else the user's, else the packaged `laptop` pack.

    Raises GuardError where the managed or user directory could have been written by someone else.
    """
    own = own_directory()
    if not os.path.lexists(MANAGED) and os.path.lexists(own):
        must_be_owned(own, (0, os.geteuid()))
        return own
    return server_directory()


def server_directory() -> str:
    """As `active_directory`, without the user's own layer: on a server whoever pushes must not choose the policy."""
    if not os.path.lexists(MANAGED):
        return packaged("laptop")
    must_be_owned(MANAGED, (0,))
    return MANAGED


def load(directory: str | None = None) -> Policy:
    """The compiled policy of `directory` alone, or of the base layer. Raises GuardError (file:line) when broken."""
    directory = active_directory() if directory is None else directory
    try:
        rules, facts = file_of(directory, RULES), file_of(directory, FACTS)
        return stored(source_digest(rules, facts)) or _compile(directory, rules, facts)
    except ConfigError as error:
        raise GuardError(error.message, error.fix) from None


def compile_set(directory: str) -> Policy:
    """Compile `directory` from its sources, whatever is stored, and store the table. Raises ConfigError (file:line)."""
    return _compile(directory, file_of(directory, RULES), file_of(directory, FACTS))


def _compile(directory: str, rules: bytes, facts: bytes) -> Policy:
    from secretguard.policy.combine import combine, compile_base

    base = compile_base(Source(USER, directory, rules, facts))
    document = combine(base, ())
    digest = source_digest(rules, facts)
    policy = policy_of(digest, document)
    run_examples(policy, directory)
    store(digest, document)
    return policy


def run_examples(policy: Policy, directory: str) -> None:
    """The examples beside the rules, where there are any. Raises ConfigError for the first that fails."""
    if os.path.lexists(os.path.join(directory, EXAMPLES)):
        from secretguard.policy.examples import check

        path = os.path.join(directory, EXAMPLES)
        check(policy, text_of(file_of(directory, EXAMPLES), path), path)


def policy_of(digest: str, document: dict[str, object]) -> Policy:
    """The policy of a table's document. Raises KeyError, TypeError and ValueError for one that is none.

    Paths are compared with links resolved, so the user's own directories are resolved here, too.
    """
    own = tuple(os.path.realpath(place) + "/**" for place in (config_dir(), state_dir(), cache_dir()))
    return Policy(
        digest,
        [Decision(*fields) for fields in document["decisions"]],  # type: ignore[attr-defined]
        document["cells"],  # type: ignore[arg-type]
        document["facts"],  # type: ignore[arg-type]
        os.path.realpath(os.path.expanduser("~")),
        own,
        document["raised"],  # type: ignore[arg-type]
        document["held"],  # type: ignore[arg-type]
    )


tables: dict[str, Policy] | None = None
"""The tables that a process which answers many events has read, by digest, which says all of what is in one; None, as
ever: each is read when it is asked for."""
MOST_TABLES = 64


def stored(digest: str) -> Policy | None:
    """The stored table of exactly this digest, or None where there is none, or none that can be trusted."""
    if tables is None:
        return _read(digest)
    if digest not in tables:
        policy = _read(digest)
        if policy is None:
            return None
        if len(tables) >= MOST_TABLES:
            tables.clear()
        tables[digest] = policy
    import copy

    return copy.copy(tables[digest])  # how a policy stands is another for each project


def _read(digest: str) -> Policy | None:
    document = kept.read(_table_path(digest))
    if document is None or document.get("digest") != digest:
        return None
    try:
        return policy_of(digest, document)
    except (KeyError, TypeError, ValueError):
        return None


def store(digest: str, document: dict[str, object]) -> None:
    """Keep a table. A full disk is no reason to refuse: the table is in memory."""
    if kept.write(_table_path(digest), {"digest": digest, **document}):
        _forget_old(private_dir(cache_dir()))


def _table_path(digest: str) -> str:
    return os.path.join(cache_dir(), f"policy-{digest}.table")


def _forget_old(directory: str) -> None:
    tables = [(_age(entry), entry.path) for entry in os.scandir(directory) if entry.name.startswith("policy-")]
    for _, path in sorted(tables, reverse=True)[KEPT:]:
        kept.unlink(path)


def _age(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns
    except OSError:
        return 0  # another process was first
