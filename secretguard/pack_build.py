"""Making the pack: rules → lint → one Hyperscan database and one flat table → one file, written atomically.

Off the hot path, except that the first hook after an upgrade pays for it once, under a lock (about half a second).
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from secretguard import pack_file, rawjson
from secretguard.detect import lint
from secretguard.detect.expression import freeze
from secretguard.detect.hyperscan import Refused, compile_database
from secretguard.detect.registry import RULES
from secretguard.errors import ConfigError, GuardError
from secretguard.keyed import sha256_hex
from secretguard.places import private_dir
from secretguard.whole_file import replace

if TYPE_CHECKING:
    from secretguard.detect.engine import Table
    from secretguard.detect.expression import Frozen
    from secretguard.detect.rule import Pattern

AHEAD_OF_TOKEN = 2
"""Bytes after the longest match that look-ahead may see."""


def stage1() -> list[str]:
    """The stage 1 pattern of every shape, in the order of its number."""
    return [pattern.stage1 for rule in RULES for pattern in rule.patterns]


def flatten() -> tuple[Table, bytes]:
    """The second-stage table, what `engine.py` needs to know about rules and no more, and its expressions' code."""
    codes = bytearray()
    shapes: list[tuple[int, str, int, int, int, Frozen | None]] = []
    rows: list[tuple[str, str, str, str, str]] = []
    for index, rule in enumerate(RULES):
        rows.append((rule.id, rule.description, rule.severity, rule.confidence, rule.judge))
        for pattern in rule.patterns:
            made = freeze(pattern.confirm, len(codes))
            codes += made[1] if made else b""
            back, ahead = _reach(pattern)
            shapes.append((index, pattern.confirm, back, ahead, pattern.near, made[0] if made else None))
    digest = sha256_hex(rawjson.dumps([rows, [shape[:-1] for shape in shapes], stage1()]).encode())
    return {"rules": rows, "shapes": shapes, "version": digest}, bytes(codes)


def _reach(pattern: Pattern) -> tuple[int, int]:
    """How many bytes before and after the end of a hit the second stage has to look at."""
    wide, hit = lint.width(pattern.confirm), lint.width(pattern.stage1)
    back = hit + pattern.near + wide if pattern.near else max(hit, wide)
    return back, wide + AHEAD_OF_TOKEN


def table_bytes(table: Table) -> bytes:
    """`table` in lines: its version, the number of shapes, a line a shape, a line a rule. `pack.table_of` reads it."""
    shapes, rules = table["shapes"], table["rules"]
    rows = [rawjson.dumps(shapes[n]) for n in range(len(shapes))] + [rawjson.dumps(rules[n]) for n in range(len(rules))]
    return "\n".join([table["version"], str(len(shapes)), *rows]).encode("ascii")


def check() -> list[str]:
    """Every problem of every rule; empty when the pack may be built."""
    found = [problem for rule in RULES for problem in lint.problems(rule)]
    ids = [rule.id for rule in RULES]
    return found + [f"{name}: the id is used twice" for name in sorted(set(ids)) if ids.count(name) > 1]


def pack_bytes(native: object, key: str) -> bytes:
    """The pack for `key`. Raises ConfigError for a rule that the engine refuses, or a pack that is too large."""
    flat, codes = flatten()
    try:
        database = compile_database(native, [pattern.encode() for pattern in stage1()])
    except Refused as error:
        raise ConfigError(f"hyperscan refuses a rule: {error}", "run `secretguard rules test`") from None
    try:
        return pack_file.join(key, table_bytes(flat), codes, database)
    except pack_file.PackError as error:
        raise ConfigError(f"the pack cannot be made: {error}") from None


def build(native: object, path: str, key: str) -> None:
    """Write the pack to `path`; of several processes that want it, one builds and the others take what it built.

    Raises GuardError when the cache folder cannot be used.
    """
    try:
        folder = private_dir(os.path.dirname(path))
        lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            before = _identity(path)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _identity(path) == before:
                replace(path, pack_bytes(native, key), durable=True, fresh=f"{path}.new")  # the lock is held
                _drop_old(folder, os.path.basename(path))
        finally:
            os.close(lock)
    except OSError as error:
        raise GuardError(
            f"the pack cannot be written: {error.strerror}", "free space, or set SECRETGUARD_HOME to a folder of yours"
        ) from None


def _identity(path: str) -> tuple[int, int] | None:
    """Tells one file at `path` from the next; None where there is none."""
    try:
        info = os.lstat(path)
    except FileNotFoundError:
        return None
    return info.st_ino, info.st_mtime_ns


def _drop_old(folder: str, current: str) -> None:
    """Packs of versions gone by, beyond the newest three: two checkouts in use must not rebuild in turns."""
    packs = sorted(
        (entry for entry in os.scandir(folder) if entry.name.endswith(".pack") and entry.name != current),
        key=lambda entry: entry.stat().st_mtime_ns,
        reverse=True,
    )
    for entry in packs[3:]:
        os.unlink(entry.path)
