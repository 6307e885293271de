"""What was killed by Vault alone, kept in files until the broker's record can take it in.

One JSON file a kill in the folder `kills` beside the broker's keys: written, flushed to the disk, before anything is
killed, and once more with the outcome. The broker looks there every second, kills in its own store what the order
meant, tells it in the record, and renames the file to `*.merged`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import Annotated

import pydantic
from pydantic import Field

from broker.emergency import Killed
from broker.errors import NotFound
from broker.private_file import private_bytes
from broker.revoke import kill_scope
from broker.service import Broker
from broker.store.log import append
from broker.toml_file import StrictModel
from secretguard.audit.record import stamp
from secretguard.errors import ConfigError
from secretguard.places import private_dir

FILE_CAP = 64 * 1024
KILLS = "kills"
"""Name of the folder, beside the broker's keys."""

WAITING, MERGED, BROKEN = ".json", ".merged", ".broken"


class KillFile(StrictModel):
    """The file. `at` is Unix seconds; `dead` and `left` count tokens, both -1 while the kill goes on or when it was
    interrupted."""

    scope: Annotated[str, Field(min_length=1, max_length=700)]
    by: Annotated[str, Field(min_length=1, max_length=300)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    at: Annotated[int, Field(ge=0, le=2**53)]
    dead: Annotated[int, Field(ge=-1, le=2**31)] = -1
    left: Annotated[int, Field(ge=-1, le=2**31)] = -1


def ordered(folder: str, scope: str, by: str, reason: str, now: float) -> tuple[str, KillFile]:
    """Put an order of `now` (Unix seconds) on the disk: its path and content. Raises OSError and GuardError: who orders
    decides what then."""
    order = KillFile(scope=scope, by=by, reason=reason, at=int(now))
    path = os.path.join(private_dir(folder), f"{int(now * 1000)}-{secrets.token_hex(4)}{WAITING}")
    _write(path, order)
    return path, order


def finished(path: str, order: KillFile, killed: Killed) -> None:
    """Put the outcome beside the order. Raises OSError."""
    _write(path, order.model_copy(update={"dead": killed.dead, "left": killed.left}))


def waiting(folder: str) -> list[str]:
    """Paths of the orders that the record has not taken in, oldest first."""
    try:
        names = os.listdir(folder) if folder else []
    except OSError:
        return []
    return [os.path.join(folder, name) for name in sorted(names) if name.endswith(WAITING)]


def merge(broker: Broker) -> int:
    """Take all waiting orders in: what they meant is killed here too, as far as it was there then. How many there were.

    Safe to repeat, and at several replicas at once. Raises RecordFailed; the file waits then.
    """
    found = waiting(broker.kills)
    for path in found:
        try:
            order = KillFile.model_validate_json(private_bytes(path, FILE_CAP))
        except (ConfigError, pydantic.ValidationError):
            _set_aside(path, BROKEN)
            continue
        with contextlib.suppress(NotFound):
            kill_scope(broker, order.scope, order.by, f"{order.reason} (by Vault alone)", before=order.at)
        told = {"scope": order.scope, "by": order.by, "reason": order.reason, "at": stamp(order.at)}
        with broker.database.write() as tx:
            outcome = {"dead": order.dead, "left": order.left} if order.dead >= 0 else {"interrupted": True}
            append(tx, "broker:kill:merged", "", broker.clock(), {**told, **outcome})
        _set_aside(path, MERGED)
    return len(found)


def _set_aside(path: str, ending: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # another replica on this folder was quicker
        os.rename(path, path.removesuffix(WAITING) + ending)


def _write(path: str, order: KillFile) -> None:
    """All of it or nothing, and on the disk when this returns."""
    draft = f"{path}.draft"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(order.model_dump_json() + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
