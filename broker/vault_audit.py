"""Read Vault's own record, the JSON lines of a file audit device, for the tokens that were made and taken back.

Vault writes each string as an HMAC under a salt of the device; `sys/audit-hash` tells the same HMAC of a value that is
known. A token's metadata in an answer stand in clear and in the request as HMACs (seen on 1.14.1), which shows whether
a line was written under the salt of today: a device that is made anew has another.
"""

from __future__ import annotations

import dataclasses
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

from broker.errors import SourceFailed
from broker.vault import Vault, segments
from broker.vault_answer import unix, whole
from secretguard import rawjson
from secretguard.errors import ConfigError

MAX_LINE = 1 << 20
MAX_TOKENS = 500_000
"""Creations and revocations that are kept in memory, about 1 KiB each."""

MAX_VALUES, MAX_VALUE, WORKERS = 100_000, 512, 8
"""Values that one run has hashed at most, their longest, and how many are asked for at once: one call each."""

MADE, REVOKED = "auth/token/create", "auth/token/revoke-accessor"
ALREADY_DEAD = "invalid accessor"
LAST_USE = 1
"""What Vault logs of a use-limited token as `remaining_uses` at its last call, whatever that is answered (seen on
1.14.1); it is dead after it."""

AUDITOR_POLICY = """\
# Compute what Vault's log writes for a value that is known: confirms a guess of a logged value, gives none away.
path "sys/audit-hash/{device}" {{
  capabilities = ["update"]
}}
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """One token that Vault's log says was made. `accessor` and `maker` (of the token that asked) as logged, usually an
    HMAC; `meta` in clear, `sealed` the same as HMACs. `at` is Unix seconds by Vault's clock, `ttl` seconds."""

    line: int
    at: float
    path: str
    accessor: str
    maker: str
    maker_policies: frozenset[str]
    policies: frozenset[str]
    meta: Mapping[str, str]
    sealed: Mapping[str, str]
    ttl: int


@dataclasses.dataclass(frozen=True, slots=True)
class VaultLog:
    """What a log says. `first` and `last` are the times of its ends; `revoked` are accessors as logged, of tokens that
    were revoked or spent; `unreadable` are numbers of lines that are no entry; `torn` that the last line was cut off
    while it was written."""

    made: tuple[Made, ...]
    revoked: frozenset[str]
    first: float
    last: float
    lines: int
    unreadable: tuple[int, ...]
    torn: bool


def read(path: str, namespace: str = "") -> VaultLog:
    """Read the file as long as it is now, a line at a time. Raises ConfigError: not a file, no entry, too much."""
    made: list[Made] = []
    revoked: set[str] = set()
    unreadable: list[int] = []
    first = last = float("inf")
    number, torn = 0, False
    for number, line, ended in _lines(path):
        entry = _entry(line)
        if entry is None:
            torn = not ended
            unreadable += [number] if ended else []
            continue
        last = unix(entry["time"])
        first = min(first, last)
        _keep(entry, number, namespace.strip("/"), made, revoked)
        if len(made) + len(revoked) > MAX_TOKENS:
            raise ConfigError(f"{path}: more than {MAX_TOKENS} tokens were made", "split the log by day")
    if first == float("inf"):
        raise ConfigError(f"{path}: no entry of an audit device", "give a file device's log, as JSON, no prefix")
    return VaultLog(tuple(made), frozenset(revoked), first, last, number, tuple(unreadable), torn)


def entries(path: str) -> Iterator[dict[str, Any]]:
    """Every entry of the file that can be read, as long as it is now. Raises ConfigError for what is no file."""
    for _, line, _ in _lines(path):
        entry = _entry(line)
        if entry is not None:
            yield entry


def hashes(vault: Vault, device: str, values: Iterable[str], seconds: float = 300.0) -> dict[str, str]:
    """What the log of `device` writes for each of `values`. Raises SourceFailed: no right, no device, too many or too
    slow."""
    wanted = sorted({value for value in values if value})
    until = time.monotonic() + seconds
    path = segments(device)

    def one(value: str) -> str:
        if time.monotonic() > until:
            raise SourceFailed(f"{len(wanted)} values take more than {seconds:.0f} s to hash", "narrow it with --since")
        return _hash(vault, path, value)

    if len(wanted) > MAX_VALUES:
        raise SourceFailed(f"{len(wanted)} values to hash, {MAX_VALUES} are the most", "narrow it with --since")
    if not wanted:
        return {}
    answers = [one(wanted[0])]  # alone: a missing right is told once, and does not flood Vault
    with ThreadPoolExecutor(WORKERS) as pool:
        answers += pool.map(one, wanted[1:])
    return dict(zip(wanted, answers, strict=True))


def _hash(vault: Vault, device: tuple[str, ...], value: str) -> str:
    answer = vault.ask("post", "sys", "audit-hash", *device, body={"input": value})
    name = "/".join(device)
    if answer.status == 403:
        policy = AUDITOR_POLICY.format(device=name)
        raise SourceFailed(f"this identity may not use sys/audit-hash/{name}", f"give it this policy:\n{policy}")
    if answer.says("unknown audit backend"):
        raise SourceFailed(f"Vault has no audit device at {name}", "name it with --device; `vault audit list` has it")
    told = answer.or_failed("asking for what its log writes").data.get("hash")
    if not isinstance(told, str) or not told:
        raise SourceFailed("Vault's answer has no hash", "check vault.address")
    return told


def _lines(path: str) -> Iterator[tuple[int, bytes | None, bool]]:
    """(number, line or None when too long, whether it ended). Up to the size at the start: hashing itself is logged."""
    try:
        with open(path, "rb", opener=_regular) as file:
            left, number = os.fstat(file.fileno()).st_size, 0
            while left > 0 and (line := file.readline(min(left, MAX_LINE + 1))):
                left -= len(line)
                number += 1
                if line.endswith(b"\n") or len(line) <= MAX_LINE:
                    yield number, line, line.endswith(b"\n")
                else:
                    passed, ended = _rest(file, left)
                    left -= passed
                    yield number, None, ended
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", "only Vault's user may read its log") from None


def _regular(path: str, flags: int) -> int:
    """Open what is a file; a FIFO would make the reader wait for ever."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ConfigError(f"{path}: not a file", "give a copy of the log")
    return descriptor


def _rest(file: BinaryIO, left: int) -> tuple[int, bool]:
    """Pass over what is left of a line: (bytes, whether it ended)."""
    passed = 0
    while passed < left and (part := file.readline(min(left - passed, MAX_LINE))):
        passed += len(part)
        if part.endswith(b"\n"):
            return passed, True
    return passed, False


def _entry(line: bytes | None) -> dict[str, Any] | None:
    try:
        entry = rawjson.loads(line) if line else None
    except rawjson.JsonError:
        return None
    if not isinstance(entry, dict) or unix(entry.get("time")) == float("inf"):
        return None
    good = entry.get("type") in ("request", "response") and isinstance(entry.get("request"), dict)
    return entry if good else None


def _keep(entry: dict[str, Any], number: int, namespace: str, made: list[Made], revoked: set[str]) -> None:
    request = entry["request"]
    path = str(request.get("path"))
    here = str(_part(request, "namespace").get("path") or "").strip("/") == namespace
    if entry["type"] != "response" or not here:
        return
    error, caller = entry.get("error"), _part(entry, "auth")
    if whole(caller.get("remaining_uses")) == LAST_USE:
        revoked.add(str(caller.get("accessor")))
    if path == REVOKED and (not error or ALREADY_DEAD in str(error)):
        revoked.add(str(_part(request, "data").get("accessor")))
    elif path.startswith(MADE) and not error:
        token = _made(entry, number, path)
        made += [token] if token else []


def _made(entry: dict[str, Any], number: int, path: str) -> Made | None:
    answer, maker = _part(entry, "response"), _part(entry, "auth")
    token, wrapped = _part(answer, "auth"), _part(answer, "wrap_info")
    if not token and not wrapped:
        return None
    return Made(
        number, unix(entry["time"]), path,
        accessor=str(token.get("accessor") or wrapped.get("wrapped_accessor") or ""),
        maker=str(maker.get("accessor") or ""),
        maker_policies=_names(maker.get("policies")),
        policies=_names(token.get("policies")),
        meta=_texts(token.get("metadata")),
        sealed=_texts(_part(_part(entry, "request"), "data").get("meta")),
        ttl=whole(token.get("token_ttl")),
    )  # fmt: skip


def _part(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = entry.get(name)
    return value if isinstance(value, dict) else {}


def _names(value: object) -> frozenset[str]:
    return frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()


def _texts(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {key: text for key, text in pairs if isinstance(text, str) and len(text) <= MAX_VALUE}
