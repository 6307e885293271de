"""The watcher, in a process tree of its own: pytest itself must not be forked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys
from broker.sandbox.watcher import watch
out, scratch, end = sys.argv[1:]
os.mkdir(scratch)
def finish(task_id):
    with open(out, "a") as file:
        file.write(task_id + "\\n")
watcher = watch(finish)
watcher.scratch(scratch)
if end != "early":
    watcher.task("task-1")
if end == "done":
    watcher.done()
    watcher.close()
elif end == "given up":
    watcher.close()
elif end == "crash":
    raise SystemExit(7)
else:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("end", "finished"),
    [("done", ""), ("given up", "task-1\n"), ("crash", "task-1\n"), ("killed", "task-1\n"), ("early", "")],
)
def test_the_watcher_finishes_unless_all_is_done(end: str, finished: str, tmp_path: Path) -> None:
    """It ends the task and clears up for a supervisor that died or gave up, once; not for one that did so itself."""
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    out.touch()
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(out), str(scratch), end], stderr=subprocess.PIPE, timeout=60, check=False
    )  # ends when the last holder of stderr has, which is the watcher
    assert out.read_text() == finished
    assert scratch.exists() == (end == "done")


def test_the_watcher_is_out_of_the_terminals_reach(tmp_path: Path) -> None:
    """It leads a session of its own, so that Ctrl-C in the supervisor's terminal does not end it."""
    program = """
import os
from broker.sandbox.watcher import watch
watcher = watch(lambda task_id: None)
watcher.task("task-1")
import time
for _ in range(500):
    if os.getsid(watcher.pid) == watcher.pid:
        break
    time.sleep(0.01)
print(os.getsid(watcher.pid) == watcher.pid)
watcher.done()
watcher.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"
