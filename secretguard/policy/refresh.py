"""A project's layers looked up anew, compiled where they have to be, and noted. Not on the hot path.

1 lock      one process a project; whoever waited finds the work done
2 look      the repository's layer at the tip of its protected branch
3 compile   each layer; one that is broken is replaced by its last good texts, and is a fault
4 record    another policy in force, or one that is broken, is in the journal
5 note      the table and the note, each in one step; a crash before leaves the old ones, which are looked at again
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from secretguard.audit.journal import user_journal
from secretguard.audit.lock import lock
from secretguard.errors import ConfigError, GuardError
from secretguard.places import private_dir
from secretguard.policy import compiled, facts, kept, last_good, layers, repository_layer
from secretguard.policy.combine import Compiled, by_itself, combine, compile_base, compile_tightening, notes
from secretguard.policy.difference import changes, direction
from secretguard.policy.examples import check
from secretguard.policy.labels import label_changes
from secretguard.policy.repository_layer import Found
from secretguard.policy.source import EXAMPLES, FACTS, REPOSITORY, Source, joined, text_of
from secretguard.policy.table import Policy, Standing
from secretguard.terminal import printable

LOCK_S = 1.0
MOST_NOTES = 20
_LONGEST_SAID = 400
_UNFINISHED_S = 3600


def refresh(project: str, folders: list[Source]) -> Policy:
    """The policy in force in `project`, looked up anew. Raises GuardError where the base cannot be used and never was
    good, and RecordError where a change cannot be recorded."""
    with _locked(project):
        before = kept.read(layers.note_path(project))
        done = layers.noted(before, folders) if before and not before.get("faults") else None
        if before and done and not layers.moved(before):  # by another process, while this one waited
            return done
        found = repository_layer.look(project, _ref(folders[0]))
        digest = layers.set_digest(folders, found.source.digest if found.source else layers.NO_REPOSITORY)
        policy, table = _alone(folders[0], digest) if len(folders) == 1 and not found.source else (None, digest)
        if policy is None:
            policy, table = _built(folders, found, digest)
        note = _note(found, digest, table, policy.standing)
        if before is None or _said(before) != _said(note):
            _record(project, before, note, policy)
        if before != note:
            kept.write(layers.note_path(project), note)
            _sweep(os.path.dirname(layers.note_path(project)))
    return policy


def _alone(base: Source, digest: str) -> tuple[Policy | None, str]:
    """The stored table of a base that nothing tightens: tables are shared by all projects."""
    policy = None if base.fault else compiled.stored(digest)
    if policy is not None:
        policy.standing = Standing([[base.name, base.place, base.digest]], [], [])
        last_good.remember(base, base.place)
    return policy, digest


@dataclasses.dataclass(frozen=True, slots=True)
class _Layer:
    """One layer that counts, the digest of the texts that it was compiled from, and why they are not the newest."""

    compiled: Compiled
    digest: str
    fault: str


def _built(folders: list[Source], found: Found, digest: str) -> tuple[Policy, str]:
    """The policy of all layers and the digest of its table, compiled now."""
    base = _usable(folders[0], folders[0].place, base=True)
    if isinstance(base, ConfigError):
        raise GuardError(base.message, base.fix)
    below = [(found.source, found.anchor)] if found.source else []
    below += [(source, source.place) for source in folders[1:]]
    usable, faults = [], [base.fault] if base.fault else []
    for source, anchor in below:
        layer = _usable(source, anchor, base=False)
        if isinstance(layer, ConfigError):  # never good: what it forbids is not known, so nothing is released
            faults.append(layer.message)
            continue
        usable.append(layer)
        if layer.fault:
            faults.append(layer.fault)
    tightening = [layer.compiled for layer in usable]
    document = combine(base.compiled, tightening)
    stood = (base, *usable)
    table = joined((digest.encode(), *(layer.digest.encode() for layer in stood))) if faults else digest
    policy = compiled.policy_of(table, document)
    compiled.store(table, document)
    named = [[s.name, s.place, s.digest] for s in (folders[0], *(source for source, _ in below))]
    said = [_short(note) for note in _few(notes(base.compiled, tightening))]
    policy.standing = Standing(named, [_short(fault) for fault in faults], said)
    return policy, table


def _usable(source: Source, anchor: str, base: bool) -> _Layer | ConfigError:
    """`source` compiled, or its last good texts with the fault, or the fault alone."""
    make = compile_base if base else compile_tightening
    try:
        if source.fault:
            raise ConfigError(source.fault, source.fix)
        layer = _Layer(make(source), source.digest, "")
        _examples(source, layer.compiled, base)
    except ConfigError as error:
        good = last_good.recall(source.name, anchor)
        try:
            return _Layer(make(good), good.digest, error.message) if good else error
        except ConfigError:  # good for an older program
            return error
    last_good.remember(source, anchor)
    return layer


def _examples(source: Source, layer: Compiled, base: bool) -> None:
    """The examples beside the rules: of a base as it decides, of another layer as it is written by itself."""
    if base:
        compiled.run_examples(compiled.policy_of(source.digest, combine(layer, ())), source.place)
    elif source.name != REPOSITORY:
        compiled.run_examples(compiled.policy_of(source.digest, by_itself(source)), source.place)
    elif source.examples is not None:
        path = os.path.join(source.place, EXAMPLES)
        check(compiled.policy_of(source.digest, by_itself(source)), text_of(source.examples, path), path)


def _few(found: Sequence[str]) -> list[str]:
    more = len(found) - MOST_NOTES
    return [*found[:MOST_NOTES], *([f"{more} more like these"] if more > 0 else [])]


def _short(text: str) -> str:
    """One line of bounded length that drives no terminal: parts of it may be a repository's own words."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LONGEST_SAID else line[:_LONGEST_SAID] + "…"


def _ref(base: Source) -> str:
    """The protected branch that the base names, in its last good form where it is broken."""
    for source in (base, last_good.recall(base.name, base.place)):
        if source is not None and source.facts is not None and not source.fault:
            try:
                path = os.path.join(source.place, FACTS)
                return str(facts.parse(text_of(source.facts, path), path)["repository"]["ref"])  # type: ignore[index]
            except ConfigError:
                continue
    return ""


def _note(found: Found, digest: str, table: str, standing: Standing) -> dict[str, object]:
    return {
        "set": digest,
        "table": table,
        "repository": found.source.digest if found.source else layers.NO_REPOSITORY,
        "why": found.why,
        "watch": [list(watched) for watched in found.watch],
        "layers": standing.layers,
        "faults": standing.faults,
        "notes": standing.notes,
    }


def _said(note: dict[str, object]) -> tuple[object, object]:
    return note.get("table"), note.get("faults")


def _record(project: str, before: dict[str, object] | None, note: dict[str, object], policy: Policy) -> None:
    """What a reviewer must find: who decides from now on, and what is broken. Raises RecordError."""
    where: dict[str, object] = {"project": project, "digest": note["table"]}
    if policy.standing.faults:
        user_journal().append("policy:set:broken", {**where, "reason": "; ".join(policy.standing.faults)[:2000]})
    if before is None or before.get("table") == note["table"]:
        return
    old = compiled.stored(str(before.get("table")))
    labels = list(label_changes(old, policy)) if old else []
    went = direction(changes(old, policy), (label.ways for label in labels)) if old else "cannot tell"
    user_journal().append(
        "policy:set:changed",
        {
            **where,
            "digest_before": before.get("table"),
            "layers": [f"{name} {place}" for name, place, _ in policy.standing.layers],
            "direction": went,
            "labels_changed": old is None or bool(labels),
        },
    )


def _sweep(folder: str) -> None:
    """Remove what a process that was killed while it wrote has left."""
    try:
        unfinished = [entry for entry in os.scandir(folder) if entry.name.endswith(".new")]
        for entry in unfinished:
            if entry.stat(follow_symlinks=False).st_mtime < time.time() - _UNFINISHED_S:
                kept.unlink(entry.path)
    except OSError:
        return  # another process was first


@contextmanager
def _locked(project: str) -> Iterator[None]:
    """One process a project; after LOCK_S seconds without the lock it goes on alone: the work is the same."""
    path = layers.note_path(project).removesuffix("note") + "lock"
    try:
        private_dir(os.path.dirname(path))
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):  # a file system without locks
            lock(fd, LOCK_S)
        yield
    finally:
        os.close(fd)
