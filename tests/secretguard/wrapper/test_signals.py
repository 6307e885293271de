"""Signals that reach the wrapper: noted, ignored where they were, and none of it left to the program inside."""

from __future__ import annotations

import signal
import subprocess
import sys

NOTED = """
import os, signal, sys
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
from secretguard.wrapper import signals
woken = signals.listen()
os.kill(os.getpid(), signal.SIGHUP)
os.kill(os.getpid(), signal.SIGUSR1)
try:
    print(*sorted(os.read(woken, 9)), signal.SIGHUP in signals.restored(), signal.SIGPIPE in signals.restored())
except BlockingIOError:
    print("nothing")
"""


def said(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a process that runs `code` says."""
    heeded = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # a run under `nohup` ignores it
    command = [sys.executable, "-c", heeded + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_sent_is_noted() -> None:
    """Each signal is one byte; a program that is started finds it as it was."""
    assert said(NOTED, "plain").stdout == f"{signal.SIGHUP:d} {signal.SIGUSR1:d} True True\n"


def test_what_was_ignored_stays_ignored() -> None:
    """As under `nohup`: it is neither noted nor restored."""
    assert said(NOTED, "ignored").stdout == f"{signal.SIGUSR1:d} False True\n"


def test_an_end_by_a_signal_leaves_no_core() -> None:
    """Whatever the limit was, the memory of this process is not written to disk."""
    code = (
        "import resource, signal\nfrom secretguard.wrapper import signals\n"
        "signals.end_by(signal.SIGWINCH) if False else signals.end_by(signal.SIGSEGV)"
    )
    done = said(code)
    assert done.returncode == -signal.SIGSEGV
    assert said("from secretguard.wrapper import signals; signals.end_by(28)").returncode == 128 + 28
