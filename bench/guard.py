"""The hook process, start to answer, over a hook that does nothing: what one event of the client costs.

Both are run in turn in the same loop, so that other load on the machine meets both alike.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from bench import guard_client, guard_faults, guard_malformed, guard_resident, guard_wrapper
from bench.figure import Figure
from bench.guard_install import given_back, protected
from bench.guard_living import accept_to_clear
from bench.needs import Needs
from secretguard.guard import main as entry
from secretguard.worktree import main as looking
from secretguard.worktree.start import TURN_END, Look

ROUNDS = 200
FILES, LOOKS = 20_000, 7
_SECRET = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"


def run() -> list[Figure]:
    """A Read result of 20 kB with one secret: redacted and recorded; the commands that need no parser or one; the end
    of a turn, and the look at the project's files that it starts."""
    with tempfile.TemporaryDirectory() as folder:
        read, plain, parsed = (
            _samples(payload, Path(folder))
            for payload in (read_event(), _bash("git status"), _bash("cd . && ls | head"))
        )
        stop = _turn_ends(Path(folder))
        looks, status = _looks(Path(folder))
        clear = accept_to_clear(Path(folder))
        added, launched = guard_wrapper.added(Path(folder))
        leaked, damaged = guard_malformed.reached(Path(folder))
    same, files = given_back()
    over = [hook - nothing for hook, nothing in read]
    p50, floor = statistics.median(over), statistics.median(nothing for _, nothing in read)
    hooks = sorted(hook for hook, _ in read)
    noop = "no-op python -I -S"
    return [
        Figure("hook over no-op p50 ms", p50, "ms", len(read), "<= 12", noop, floor),
        Figure("hook p99 ms", hooks[int(len(hooks) * 0.99) - 1], "ms", len(read), "<= 50", noop, floor),
        Figure("plain command over no-op p50 ms", _over(plain), "ms", len(plain), "<= 15", noop, floor),
        Figure("parsed command over no-op p50 ms", _over(parsed), "ms", len(parsed), "<= 25", noop, floor),
        Figure("files changed: turn end hook over no-op p50 ms", _over(stop), "ms", len(stop), "<= 15", noop, floor),
        Figure("files changed: snapshot s, 20,000 files", looks, "s", LOOKS, "<= 2", "git status", status),
        Figure("shell wrapper added p50 ms", added, "ms", guard_wrapper.ROUNDS, "<= 40", noop, launched),
        Figure("accept to clear s", statistics.median(clear), "s", len(clear), "<= 2"),
        Figure("malformed reached the model", leaked, "events", damaged, "== 0"),
        Figure("uninstall byte for byte", same / files, "ratio", files, "== 1"),
        *_faults(),
        *_protected(),
        *_served(),
        *_in_the_client(),
    ]


def _faults() -> list[Figure]:
    """The figure that needs namespaces: left out, and said, where there are none."""
    try:
        with tempfile.TemporaryDirectory(prefix="sg") as folder:
            passed, events = guard_faults.answered(Path(folder))
    except Needs as need:
        print(f"bench guard: faults answered: not measured, needs {need}", file=sys.stderr)
        return []
    for name in passed:
        print(f"bench guard: not answered: {name}", file=sys.stderr)
    return [Figure("faults answered", 1 - len(passed) / events, "ratio", events, "== 1")]


def _protected() -> list[Figure]:
    """The one figure that needs a package registry: left out, and said, where there is none."""
    try:
        return [Figure("protected in s", protected(), "s", 1, "<= 10")]
    except Needs as need:
        print(f"bench guard: protected in s: not measured, needs {need}", file=sys.stderr)
        return []


def _served() -> list[Figure]:
    """The resident process."""
    alone, many, sent = guard_resident.served(read_event())
    return [
        Figure("serve 20 kB p99 ms", alone[int(len(alone) * 0.99) - 1], "ms", len(alone), "<= 2"),
        Figure("parallel 200 lost", sent - len(many), "events", sent, "== 0"),
        Figure("parallel 200 serve p99 ms", many[int(len(many) * 0.99) - 1], "ms", len(many), "<= 150"),
    ]


def _in_the_client() -> list[Figure]:
    """The figures that need the real client: left out, and said, where there is none."""
    try:
        hooked, idle, bare, calls = guard_client.added()
        added = Figure("client added p50 ms", hooked - bare, "ms", calls, "", "no-op hooks added", idle - bare)
        return [added, *_mod()]
    except Needs as need:
        print(f"bench guard: what needs the client: not measured, needs {need}", file=sys.stderr)
        return []


def _mod() -> list[Figure]:
    """What the mod adds; left out, and said, where the sessions differ more than that. Raises Needs."""
    try:
        over, floor, n = guard_resident.in_the_client()
        return [Figure("mod over no-op mod p50 ms", over, "ms", n, "<= 8", "no-op mod", floor)]
    except guard_resident.Unclear as unclear:
        print(f"bench guard: mod over no-op mod p50 ms: no figure, {unclear}", file=sys.stderr)
        return []


def _over(samples: list[tuple[float, float]]) -> float:
    return statistics.median(hook - nothing for hook, nothing in samples)


def _samples(payload: bytes, folder: Path, rounds: int = ROUNDS, first: bool = True) -> list[tuple[float, float]]:
    """(hook, no-op) in milliseconds for each round, after a `first` one that builds the pack and the policy table."""
    environment = {"HOME": str(folder), "SECRETGUARD_HOME": str(folder / "guard"), "PATH": os.defpath}
    python = [sys.executable, "-I", "-S"]
    hook = [*python, str(entry.__file__), "claude-code", sysconfig.get_path("platlib")]
    nothing = [*python, "-c", "pass"]
    if first:
        _milliseconds(hook, payload, environment)
    return [
        (_milliseconds(hook, payload, environment), _milliseconds(nothing, payload, environment)) for _ in range(rounds)
    ]


def _turn_ends(folder: Path) -> list[tuple[float, float]]:
    """As `_samples`, for a Stop; each round waits until the look that it started is over."""
    work = folder / "work"
    work.mkdir()
    payload = json.dumps({"session_id": "bench", "cwd": str(work), "hook_event_name": "Stop"}).encode()
    found = []
    for _ in range(ROUNDS // 4):
        before = _snapshots(folder)
        found += _samples(payload, folder, rounds=1, first=False)
        end = time.monotonic() + 30
        while _snapshots(folder) == before:
            if time.monotonic() > end:
                raise AssertionError("the look did not come; the figure would mean nothing")
            time.sleep(0.01)
    return found


def _snapshots(folder: Path) -> list[int]:
    kept = (folder / "guard" / "state" / "worktree").glob("*/*")
    return [path.stat().st_mtime_ns for path in kept if path.name not in ("lock", "requests") and not path.suffix]


def _looks(folder: Path) -> tuple[float, float]:
    """Medians in seconds: a whole look at a repository of 20,000 files after one file changed; `git status` there."""
    tree = folder / "tree"
    for number in range(FILES):
        path = tree / f"d{number // 100}" / f"f{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"value = {number}\n" * 40)
    environment = {"HOME": str(folder), "SECRETGUARD_HOME": str(folder / "guard"), "PATH": os.defpath}
    git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for step in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"], ["status", "--porcelain=v2"]):
        subprocess.run([*git, *step], env=environment, capture_output=True, check=True)
    python = [sys.executable, "-I", "-S", str(looking.__file__)]
    took, peer = [], []
    for number in range(LOOKS + 1):
        (tree / "d0" / "f0.py").write_text(str(number))
        line = Look(str(tree), TURN_END, str(number), {"session_id": "bench"}).line()
        took.append(_milliseconds([*python, line, sysconfig.get_path("platlib")], b"", environment) / 1000)
        peer.append(_milliseconds([*git, "status", "--porcelain=v2"], b"", environment) / 1000)
    return statistics.median(took[1:]), statistics.median(peer[1:])  # the first one reads every file


def _milliseconds(command: list[str], payload: bytes, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, input=payload, env=environment, capture_output=True, check=True)
    took = (time.perf_counter() - start) * 1000
    if b"ghp_" in done.stdout or done.stderr:
        raise AssertionError("the hook did not do its work; the figure would mean nothing")
    return took


def read_event() -> bytes:
    """What the agent's client tells of a Read of 20 kB with one secret in it."""
    lines = [f"def function_{i}(argument): return argument + {i}  # an ordinary line" for i in range(300)]
    lines[150] = f"TOKEN = '{_SECRET}'"
    content = "\n".join(lines)[:20_000]
    file = {"filePath": "/srv/app.py", "content": content, "numLines": 300, "startLine": 1, "totalLines": 300}
    return _event("PostToolUse", "Read", {"file_path": "/srv/app.py"}, tool_response={"type": "text", "file": file})


def _bash(command: str) -> bytes:
    return _event("PreToolUse", "Bash", {"command": command})


def _event(name: str, tool: str, given: dict[str, str], **more: object) -> bytes:
    ids = {"session_id": "bench", "prompt_id": "bench", "tool_use_id": "bench", "cwd": "/srv"}
    return json.dumps({**ids, "hook_event_name": name, "tool_name": tool, "tool_input": given, **more}).encode()
