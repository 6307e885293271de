"""The policy set in use: which directory, its compiled table on disk, made again when it is missing or damaged.

Hot path: `load` imports nothing that costs; Cedar comes in only when there is no table for exactly these sources.
The table's file is named by the digest of the sources, so that a changed policy can never be answered from an old
table, and it carries its own digest, so that a damaged one is never trusted. Both stop accidents: whoever may write
the cache as this user may also write the user's policy.
"""

from __future__ import annotations

import os

from secretguard.errors import ConfigError, GuardError
from secretguard.keyed import sha256_hex
from secretguard.places import cache_dir, config_dir, private_dir, state_dir
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, Decision
from secretguard.policy.table import Policy
from secretguard.rawjson import JsonError, dumps, loads

FORMAT = "secretguard-policy 1"
MANAGED = "/etc/secretguard/policy"
RULES, FACTS, EXAMPLES = "rules.cedar", "facts.toml", "examples.toml"
MAX_SOURCE = 256 * 1024
MAX_TABLE = 1024 * 1024
KEPT = 16
"""Compiled tables that stay in the cache; the oldest go first."""


def packaged(name: str) -> str:
    """The directory of a policy pack that is shipped with the program, e.g. `laptop`."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "packs", name)


def active_directory() -> str:
    """Managed policy where there is one, else the user's, else the packaged `laptop` pack.

    Raises GuardError where the managed or user directory could have been written by someone else.
    """
    own = os.path.join(config_dir(), "policy")
    if not os.path.lexists(MANAGED) and os.path.lexists(own):
        _must_be_owned(own, (0, os.geteuid()))
        return own
    return server_directory()


def server_directory() -> str:
    """As `active_directory`, without the user's own layer: on a server whoever pushes must not choose the policy."""
    if not os.path.lexists(MANAGED):
        return packaged("laptop")
    _must_be_owned(MANAGED, (0,))
    return MANAGED


def load(directory: str | None = None) -> Policy:
    """The compiled policy of `directory`, or of the active one. Raises GuardError (file:line) when it is broken."""
    directory = active_directory() if directory is None else directory
    try:
        rules, facts = _source(directory, RULES), _source(directory, FACTS)
        digest = source_digest(rules, facts)
        policy = _stored(digest)
        return policy or _compile(directory, rules, facts, digest)
    except ConfigError as error:
        raise GuardError(error.message, error.fix) from None


def compile_set(directory: str) -> Policy:
    """Compile `directory` from its sources, whatever is stored, and store the table. Raises ConfigError (file:line)."""
    rules, facts = _source(directory, RULES), _source(directory, FACTS)
    return _compile(directory, rules, facts, source_digest(rules, facts))


def source_digest(rules: bytes, facts: bytes) -> str:
    """64 hex characters over both sources, the vocabulary and the format: the same policy has the same one anywhere."""
    vocabulary = "|".join(",".join(words) for words in (ACTIONS, EFFECTS, ENVIRONMENTS, DATA))
    parts = (FORMAT.encode(), vocabulary.encode(), rules, facts)
    return sha256_hex(b"".join(len(part).to_bytes(8, "big") + part for part in parts))


def _compile(directory: str, rules: bytes, facts: bytes, digest: str) -> Policy:
    from secretguard.policy.cedar import enumerate_cells
    from secretguard.policy.facts import parse

    decisions, cells = enumerate_cells(_text(rules, directory, RULES), os.path.join(directory, RULES))
    labels = parse(_text(facts, directory, FACTS), os.path.join(directory, FACTS))
    policy = _policy(digest, decisions, cells, labels)
    _run_examples(policy, directory)
    document = {
        "digest": digest,
        "decisions": [[d.outcome, d.rule, d.reason, d.default] for d in decisions],
        "cells": cells,
        "facts": labels,
    }
    _store(digest, dumps(document).encode("ascii"))
    return policy


def _run_examples(policy: Policy, directory: str) -> None:
    if os.path.lexists(os.path.join(directory, EXAMPLES)):
        from secretguard.policy.examples import check

        check(policy, _text(_source(directory, EXAMPLES), directory, EXAMPLES), os.path.join(directory, EXAMPLES))


def _policy(digest: str, decisions: list[Decision], cells: list[int], facts: dict[str, object]) -> Policy:
    """Paths are compared with links resolved, so the user's own directories are resolved here, too."""
    own = tuple(os.path.realpath(place) + "/**" for place in (config_dir(), state_dir(), cache_dir()))
    return Policy(digest, decisions, cells, facts, os.path.realpath(os.path.expanduser("~")), own)


def _table_path(digest: str) -> str:
    return os.path.join(cache_dir(), f"policy-{digest}.table")


def _stored(digest: str) -> Policy | None:
    """The stored table of exactly this digest, or None where there is none, or none that can be trusted."""
    try:
        if not _private(os.stat(cache_dir())) or not _private(os.lstat(_table_path(digest))):
            return None
        data = _read(_table_path(digest), MAX_TABLE)
        header, _, body = data.partition(b"\n")
        if header.decode("ascii") != f"{FORMAT} {sha256_hex(body)}":
            return None
        document = loads(body)
        if document["digest"] != digest:  # type: ignore[index]
            return None
        decisions = [Decision(*fields) for fields in document["decisions"]]  # type: ignore[index]
        return _policy(digest, decisions, document["cells"], document["facts"])  # type: ignore[index]
    except (OSError, JsonError, ValueError, KeyError, TypeError):
        return None


def _private(info: os.stat_result) -> bool:
    """Whether nobody but this user can have written there."""
    return info.st_uid == os.geteuid() and not info.st_mode & 0o022


def _store(digest: str, body: bytes) -> None:
    """Write the table under its final name in one step. A full disk is no reason to refuse: the table is in memory."""
    directory = private_dir(cache_dir())
    fresh = os.path.join(directory, f"policy-{digest}.{os.getpid()}.new")
    try:
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(f"{FORMAT} {sha256_hex(body)}\n".encode("ascii") + body)
        os.replace(fresh, _table_path(digest))
        _forget_old(directory)
    except OSError:
        _unlink(fresh)


def _forget_old(directory: str) -> None:
    tables = [entry for entry in os.scandir(directory) if entry.name.startswith("policy-")]
    for entry in sorted(tables, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)[KEPT:]:
        _unlink(entry.path)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return  # another process was first


def _must_be_owned(directory: str, owners: tuple[int, ...]) -> None:
    """No other user wrote it. A group may write a user's own policy (many systems give each user one), not root's."""
    for path in (directory, os.path.join(directory, RULES), os.path.join(directory, FACTS)):
        try:
            info = os.stat(path)
        except OSError:
            continue  # reading it names what is missing
        others = 0o022 if owners == (0,) and info.st_gid else 0o002
        if info.st_uid not in owners or info.st_mode & others:
            raise GuardError(
                f"{path}: a policy must belong to uid {owners[0]} and not be writable by others",
                f"chown and chmod go-w it after reading what it says (owner now: uid {info.st_uid})",
            )


def _source(directory: str, name: str) -> bytes:
    path = os.path.join(directory, name)
    try:
        return _read(path, MAX_SOURCE)
    except OSError as error:
        raise ConfigError(
            f"{path}:1: cannot be read: {error.strerror}", f"a policy directory holds {RULES} and {FACTS}"
        ) from None


def _read(path: str, limit: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        data = b""
        while chunk := os.read(fd, limit + 1 - len(data)):
            data += chunk
            if len(data) > limit:
                raise ConfigError(f"{path}:1: larger than {limit} bytes")
        return data
    finally:
        os.close(fd)


def _text(data: bytes, directory: str, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{os.path.join(directory, name)}:{line}: not UTF-8") from None
