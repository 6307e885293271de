"""What the shell wrapper adds to one command of the client: the launcher, the redaction and the record of a secret.

Without it, with it, and a launcher whose Python does nothing, in turn in one loop: other load meets all three alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from secretguard.wrapper import launcher

ROUNDS = 60
_TEXT = "a neutral line of text\n" * 900
_SECRET = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"


def added(folder: Path) -> tuple[float, float]:
    """(what it adds to a command that prints 20 kB with one secret, what a Python that does nothing takes), in ms."""
    (folder / "text").write_text(f"{_TEXT}TOKEN={_SECRET}\n")
    line = f"eval 'cat text' && pwd -P >| {folder}/cwd"
    wrapper = _script(folder / launcher.NAME, launcher.script())
    nothing = _script(folder / "nothing", f"#!/bin/sh\nexec '{sys.executable}' -I -S -c pass\n".encode())
    _milliseconds([str(wrapper), line], folder)
    rounds = [
        [_milliseconds(words, folder) for words in ([str(wrapper), line], ["bash", "-c", line], [str(nothing)])]
        for _ in range(ROUNDS)
    ]
    over = statistics.median(wrapped - plain for wrapped, plain, _ in rounds)
    return over, statistics.median(noop for _, _, noop in rounds)


def _script(path: Path, text: bytes) -> Path:
    path.write_bytes(text)
    path.chmod(0o700)
    return path


def _milliseconds(words: list[str], folder: Path) -> float:
    home = {"HOME": str(folder), "SECRETGUARD_HOME": str(folder / "guard"), "SHELL": "/bin/bash"}
    begun = time.perf_counter()
    done = subprocess.run(
        words, cwd=folder, env={**home, "PATH": os.defpath}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=True,
    )  # fmt: skip
    if words[0].endswith(launcher.NAME) and _SECRET.encode() in done.stdout:
        raise AssertionError("the wrapper let the secret pass")
    return (time.perf_counter() - begun) * 1000
