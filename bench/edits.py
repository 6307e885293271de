"""Journals edited in every way that there is, each verified against a pin made before: how many edits are seen."""

from __future__ import annotations

import hashlib
import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from secretguard.audit import segments
from secretguard.audit.head import Head
from secretguard.audit.head import write as write_head
from secretguard.audit.journal import FILE, HEAD, Journal
from secretguard.audit.line import GENESIS
from secretguard.audit.pin import Pin, make
from secretguard.audit.verify import INCOMPLETE, TAMPERED, verify

KINDS = ("flip", "drop", "swap", "insert", "truncate", "splice", "re-chain", "old copy", "blank", "file gone")
RECORDS = 12
SEGMENT_BYTES = 1800
Files = dict[str, list[bytes]]
"""The journal's files by name, oldest first, as lines with their newlines."""


def edits(count: int, fields: dict[str, object]) -> Iterator[tuple[str, bool]]:
    """`count` edited journals, one after another: the kind of edit, and whether the verifier, given the pin, saw it."""
    chance = random.Random(2026)
    with tempfile.TemporaryDirectory() as folder:
        directory, other = Path(folder) / "audit", Path(folder) / "other"
        for made in (directory, other):
            for number in range(RECORDS):
                Journal(str(made), segment_bytes=SEGMENT_BYTES).append(
                    "guard:read:allowed", {**fields, "number": number}
                )
        files, foreign = _files(directory), _files(other)
        found = verify(str(directory))
        pin = make(found.first, found.records, found.last)
        head = (directory / HEAD).read_bytes()
        if verify(str(directory), pin).exit_code or len(files) < 3:
            raise RuntimeError("the journal under test is not intact before it is edited")
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            changed = _edited(kind, files, foreign, chance)
            yield kind, _caught(directory, pin, changed, fitting=kind in ("re-chain", "old copy"))
            _write(directory, files)
            (directory / HEAD).write_bytes(head)


def _files(directory: Path) -> Files:
    paths = [Path(path) for _, path in segments.closed(str(directory))] + [directory / FILE]
    return {path.name: path.read_bytes().splitlines(keepends=True) for path in paths}


def _write(directory: Path, files: Files) -> None:
    for path in directory.glob("*.jsonl"):
        if path.name not in files:
            path.unlink()
    for name, lines in files.items():
        (directory / name).write_bytes(b"".join(lines))


def _caught(directory: Path, pin: Pin, files: Files, *, fitting: bool) -> bool:
    """`fitting`: with a head file made to fit, so that only the pin can tell."""
    _write(directory, files)
    if fitting:
        newest = files[FILE]
        count = sum(map(len, files.values()))
        write_head(str(directory / HEAD), Head(count, newest[-1][-65:-1].decode(), sum(map(len, newest))))
    return verify(str(directory), pin).outcome in (TAMPERED, INCOMPLETE)


def _edited(kind: str, files: Files, foreign: Files, chance: random.Random) -> Files:
    if kind == "re-chain":
        return _rechained(files, chance)
    name = chance.choice(list(files))
    if kind == "old copy":
        return _old_copy(files, name, chance)
    if kind == "file gone":
        return {other: lines for other, lines in files.items() if other != name}
    return {**files, name: _lines(kind, files[name], foreign[FILE], chance)}


def _lines(kind: str, raw: list[bytes], foreign: list[bytes], chance: random.Random) -> list[bytes]:
    """The lines of one file, edited."""
    at = chance.randrange(len(raw))
    before, line, after = raw[:at], raw[at], raw[at + 1 :]
    if kind == "flip":
        changed = bytearray(line)
        changed[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
        return [*before, bytes(changed), *after]
    if kind == "drop":
        return before + after
    if kind == "swap":
        at = chance.randrange(len(raw) - 1)
        return [*raw[:at], raw[at + 1], raw[at], *raw[at + 2 :]]
    if kind == "insert":
        return [*before, chance.choice(raw), *raw[at:]]
    if kind == "truncate":
        whole = b"".join(raw)
        return [whole[: chance.randrange(len(whole))]]
    if kind == "splice":
        return [*before, chance.choice(foreign), *after]
    envelope, fields, *rest = line.split(b"\t")
    return [*before, b"\t".join([envelope, b"-" * len(fields), *rest]), *after]


def _old_copy(files: Files, name: str, chance: random.Random) -> Files:
    """The journal as it stood at one of its records before the last."""
    names = list(files)
    kept = {other: files[other] for other in names[: names.index(name)]}
    count = chance.randrange(1, len(files[name])) if name == FILE else len(files[name])
    return {**kept, FILE: files[name][:count]}


def _rechained(files: Files, chance: random.Random) -> Files:
    """One record changed, with fresh hashes from there to the end and names that fit."""
    numbered = [(name, line) for name, lines in files.items() for line in lines]
    at = chance.randrange(len(numbered))
    journal = numbered[0][1][-65:-1]
    prev, changed = GENESIS.encode(), {name: list[bytes]() for name in files}
    first = b""
    for place, (name, line) in enumerate(numbered):
        envelope, fields = line.split(b"\t")[:2]
        if place == at:
            envelope = envelope.replace(b'"time":"2', b'"time":"3')
        fields = fields.replace(journal, first or journal)
        digest = hashlib.sha256(fields).hexdigest().encode()
        envelope = re.sub(rb'"fields":"[0-9a-f]{64}"', b'"fields":"' + digest + b'"', envelope)
        own = hashlib.sha256(prev + envelope).hexdigest().encode()
        changed[name].append(b"\t".join([envelope, fields, prev, own]) + b"\n")
        prev, first = own, first or own
    return changed
