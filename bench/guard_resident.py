"""The resident process and the mod that asks it: one event after another, 200 at once, and in the real client.

What is measured in the real client is the time from the moment at which the API has answered with a tool call to the
request that carries its result, with the mod and with one that handles the same events and does nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from bench.guard_client import session
from bench.needs import Needs
from scripts import parts
from secretguard.agents import claude_mod
from secretguard.agents.claude_launcher import launcher_path, write_launcher
from secretguard.resident import start

ONE_BY_ONE, AT_ONCE, ROUNDS = 1000, 200, 10
PAIRS, READS = 8, 50
"""Pairs of sessions in the real client, and Reads in each."""
_NOTHING = """\
export const register = (on) => {
  on("tool.call", async ($, e, next) => next(e)).catch(($, e, next) => next(e));
  on("prompt.mention", async ($, e, next) => next(e)).catch(($, e, next) => next(e));
  on("prompt.context", async ($, e, next) => next(e)).catch(($, e, next) => next(e));
  on("http.fetch", async ($, e, next) => next(e)).catch(($, e, next) => next(e));
};
"""


def served(event: bytes) -> tuple[list[float], list[float], int]:
    """Milliseconds of `event` asked one by one, then `AT_ONCE` times at once, each sorted; how many of those were to
    be answered."""
    with _home():
        path = start.ensure()
        try:
            for _ in range(20):
                _together(path, event, 1)
            alone = [_together(path, event, 1)[0] for _ in range(ONE_BY_ONE)]
            many = [took for _ in range(ROUNDS) for took in _together(path, event, AT_ONCE)]
        finally:
            start.stop()
    return sorted(alone), sorted(many), AT_ONCE * ROUNDS


class Unclear(Exception):
    """The rounds differ more among themselves than what was to be measured; the message has the numbers."""


def in_the_client() -> tuple[float, float, int]:
    """What the mod adds to one Read in the real client, and the median with a mod that does nothing (milliseconds); how
    many Reads. Raises Needs without the client, Unclear.
    """
    client = parts.find("claude")
    if client is None:
        raise Needs("the client: make parts")
    with _home() as folder:
        write_launcher("user", str(folder / "records"))
        claude_mod.write_plugin(folder / "mod", launcher_path("user"))
        _do_nothing(folder / "nothing")
        try:
            pairs = [_pair(client, folder, turned=bool(number % 2)) for number in range(PAIRS)]
            asked = (start.state() or {}).get("events", 0)
            if not isinstance(asked, int) or asked < 2 * READS * (PAIRS - 1):
                raise AssertionError("the mod did not ask; the figure would mean nothing")
        finally:
            start.stop()
    floors = [gap for pair in pairs for gap in pair["nothing"]]
    return difference(pairs), statistics.median(floors), len(floors)


def difference(pairs: list[dict[str, list[float]]]) -> float:
    """Median over pairs of sessions of what the mod's median is over that of the one beside it that does nothing.

    The two of a pair meet the same load, what drifts from pair to pair cancels out. The middle half of the pairs is
    told on stderr; where it is wider than the difference, that is no figure: Unclear.
    """
    over = [statistics.median(pair["mod"]) - statistics.median(pair["nothing"]) for pair in pairs]
    low, middle, high = statistics.quantiles(over, n=4, method="inclusive")
    said = f"{middle:.1f} ms over {len(pairs)} pairs of sessions, the middle half {low:.1f} to {high:.1f}"
    if high - low > abs(middle):
        raise Unclear(f"{said}: they differ more than that; measure on a quieter machine")
    print(f"bench guard: mod over no-op mod: {said}", file=sys.stderr)
    return middle


def _pair(client: Path, folder: Path, turned: bool) -> dict[str, list[float]]:
    """One session with each mod, one after the other."""
    names = ("nothing", "mod") if turned else ("mod", "nothing")
    return {name: session(client, folder, ("--plugin-dir", str(folder / name)), READS) for name in names}


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sg") as folder, mock.patch.dict(os.environ, SECRETGUARD_HOME=folder):
        yield Path(folder)


def _together(path: str, event: bytes, count: int) -> list[float]:
    """Milliseconds until each of `count` events, sent at once, was answered in full and without its secret."""
    head = f"POST /event HTTP/1.1\r\nContent-Length: {len(event)}\r\nConnection: close\r\n\r\n".encode()
    took: list[float] = []
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as stack:
        for _ in range(count):
            sock = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            sock.connect(path)
            selector.register(sock, selectors.EVENT_READ, [time.perf_counter(), b""])
            sock.sendall(head + event)
            sock.setblocking(False)
        while selector.get_map() and (ready := selector.select(10)):
            for key, _ in ready:
                piece = key.fileobj.recv(1 << 18)  # type: ignore[union-attr]
                key.data[1] += piece
                if not piece:
                    selector.unregister(key.fileobj)
                    if b"[[secret:" in key.data[1] and b"ghp_" not in key.data[1]:
                        took.append((time.perf_counter() - key.data[0]) * 1000)
    return took


def _do_nothing(folder: Path) -> None:
    """A mod that handles the same events and passes them on."""
    for name, text in (
        (".claude-plugin/plugin.json", json.dumps({"name": "nothing", "version": "0.0.1", "description": "nothing"})),
        ("hooks/hooks.json", '{"modules": ["./register.js"]}'),
        ("hooks/register.js", _NOTHING),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
