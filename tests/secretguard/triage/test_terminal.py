"""The terminal of a screen; signals and sizes are tested with the command, in `commands/test_baseline_review.py`."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.triage.terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]


def test_no_terminal() -> None:
    """Without one it says what else there is."""
    with pytest.raises(ConfigError, match="baseline accept"):
        Terminal()


@pytest.mark.parametrize("ending", ["pass", "raise RuntimeError", "raise KeyboardInterrupt", "raise SystemExit(3)"])
def test_everything_is_put_back(ending: str) -> None:
    """However the block ends: modes as before, the other screen left, the cursor shown."""
    program = f"from secretguard.triage.terminal import Terminal\nwith Terminal() as t:\n t.draw(['x'])\n {ending}\n"
    master, slave = pty.openpty()
    before = termios.tcgetattr(master)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-c", program], stdin=slave, stdout=slave, stderr=subprocess.DEVNULL, env=environment,
        timeout=60, check=False,
    )  # fmt: skip
    printed = os.read(master, 65536)
    assert termios.tcgetattr(master) == before
    assert printed.index(b"\x1b[?1049h") < printed.index(b"x\x1b[K") < printed.index(b"\x1b[?1049l")
    assert printed.endswith(b"\x1b[?25h\x1b[?1049l")
    os.close(slave)
    os.close(master)
