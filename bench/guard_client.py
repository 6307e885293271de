"""What the guard adds to a call of a tool in the real client: from the API's answer to the request with the result."""

from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.needs import Needs
from scripts import parts
from secretguard.agents import claude_client
from secretguard.agents.loopback_api import LoopbackApi, use

CALLS, ROUNDS = 25, 3


def added() -> tuple[float, float, float, int]:
    """Median milliseconds of a Read with the guard's hooks, with hooks that do nothing, and with none; how many.

    The three take turns, so that other load on the machine meets all alike. Raises Needs without the client.
    """
    client = parts.find("claude")
    if client is None:
        raise Needs("the client: make parts")
    with tempfile.TemporaryDirectory(prefix="sg") as folder:
        guarded = _installed(Path(folder))
        each = {"guard": guarded, "nothing": _idle(guarded, Path(folder) / "nothing"), "none": {}}
        took: dict[str, list[float]] = {name: [] for name in each}
        for _ in range(ROUNDS):
            for name, settings in each.items():
                _settings(Path(folder)).write_text(json.dumps(settings))
                took[name] += session(client, Path(folder), ())
        records = Path(folder, "state", "audit", "journal.jsonl").read_bytes()
    if records.count(b"guard:read:allowed") < CALLS * ROUNDS:
        raise AssertionError("the guard did not see the calls; the figure would mean nothing")
    middle = {name: statistics.median(found) for name, found in took.items()}
    return middle["guard"], middle["nothing"], middle["none"], len(took["guard"])


def _settings(folder: Path) -> Path:
    return folder / "home" / ".claude" / "settings.json"


def _installed(folder: Path) -> dict[str, Any]:
    """The settings that `install` writes into a home of its own below `folder`."""
    _settings(folder).parent.mkdir(parents=True)
    home = {"HOME": str(folder / "home"), "CLAUDE_CONFIG_DIR": str(_settings(folder).parent)}
    environment = {**os.environ, **home, "SECRETGUARD_HOME": str(folder)}
    command = [sys.executable, "-m", "secretguard", "install", "claude-code"]
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)
    settings: dict[str, Any] = json.loads(_settings(folder).read_text())
    return settings


def _idle(settings: dict[str, Any], script: Path) -> dict[str, Any]:
    """The same hooks with a program that starts Python and ends."""
    script.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S -c pass\n")
    script.chmod(0o700)
    copied: dict[str, Any] = json.loads(json.dumps({"hooks": settings["hooks"]}))
    for groups in copied["hooks"].values():
        for item in (item for group in groups for item in group["hooks"]):
            item["command"] = str(script)
    return copied


class _Timed(LoopbackApi):
    """Notes when each turn's request came and when it was answered."""

    def __init__(self, turns: list[list[dict[str, object]]]) -> None:
        super().__init__(turns)
        self.times: list[tuple[float, float]] = []

    def answer(self, path: str, raw: bytes) -> tuple[str, bytes]:
        """As ever."""
        came = time.perf_counter()
        said = super().answer(path, raw)
        if b'"tools"' in raw and b"count_tokens" not in path.encode():
            self.times.append((came, time.perf_counter()))
        return said


def session(client: Path, folder: Path, options: tuple[str, ...], calls: int = CALLS) -> list[float]:
    """Milliseconds from each answer of the API to the next request, the first ones left out."""
    work, home = folder / "work", folder / "home"
    work.mkdir(exist_ok=True)
    (home / ".claude").mkdir(parents=True, exist_ok=True)
    for number in range(calls):
        (work / f"{number}.txt").write_text("an ordinary line of a file\n" * 40)
    with _Timed([[use("Read", file_path=str(work / f"{number}.txt"))] for number in range(calls)]) as api:
        environment = claude_client.environment(home, api.url, {"SECRETGUARD_HOME": str(folder)})
        done = claude_client.run(client, "go", work, environment, options)
    if done.returncode or len(api.times) != calls + 1:
        raise AssertionError("the session did not do its work; the figure would mean nothing")
    return [(after[0] - before[1]) * 1000 for before, after in zip(api.times, api.times[1:], strict=False)][3:]
