"""One task from start to end, on whichever machine it runs: clone if need be, scan in a child process, hand back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

from secretguard.errors import GuardError, SecretguardError
from secretguard.fleet.clone import clone
from secretguard.fleet.processes import finished
from secretguard.fleet.task import LARGEST, Outcome, Task
from secretguard.githooks.shim import flags


def scan_one(task: Task) -> Outcome:
    """Scan the repository of `task`. Never raises for what happens to that repository: it is in the outcome."""
    ends = time.monotonic() + task.deadline
    try:
        with tempfile.TemporaryDirectory(prefix="secretguard-fleet-") as scratch:
            place = task.target.place
            if task.target.url:
                place = clone(task.target.url, scratch, bool(task.options["history"]), task.deadline)
            return Outcome(task.target, _scanned(task, place, scratch, ends - time.monotonic()))
    except SecretguardError as error:
        return Outcome(task.target, error=" ".join(error.message.split()))
    except OSError as error:
        return Outcome(task.target, error=f"{error.strerror}")


def _scanned(task: Task, place: str, scratch: str, left: float) -> bytes:
    """What the child process wrote. Raises GuardError where it failed."""
    told = {"place": place, "repository": task.target.text, "options": task.options, "key": task.key.hex()}
    with (
        open(os.path.join(scratch, "shard"), "w+b") as shard,
        open(os.path.join(scratch, "errors"), "w+b") as errors,
    ):
        status = finished(
            lambda: subprocess.Popen(
                [sys.executable, *flags(), "-m", "secretguard.fleet.child"],
                stdin=subprocess.PIPE,
                stdout=shard,
                stderr=errors,
                process_group=0,
                env={key: value for key, value in os.environ.items() if not key.startswith("GIT_") or "CONFIG" in key},
            ),
            left,
            "the scan",
            json.dumps(told).encode("ascii"),
        )
        if status:
            errors.seek(0)
            raise GuardError(_reason(status, errors.read(65536).decode("utf-8", "replace")))
        shard.seek(0)
        data = shard.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise GuardError(f"more than {LARGEST} bytes of findings")
    return data


def _reason(status: int, said: str) -> str:
    """Why the child failed: its own line, or how it ended. A traceback's last line may hold values: not told."""
    lines = said.strip().splitlines()
    if status == 2 and len(lines) == 1:
        return lines[0][:2000]
    return f"the scan was killed by signal {-status}" if status < 0 else "the scan failed: internal error"
