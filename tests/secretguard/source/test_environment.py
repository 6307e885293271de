"""Environments, a variable at a time."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from secretguard.errors import ConfigError
from secretguard.source.environment import variables


def test_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and values as they are now."""
    monkeypatch.setenv("MADE_UP", "a=b\nc")
    assert dict(variables())["MADE_UP"] == b"MADE_UP=a=b\nc"


@pytest.mark.skipif(sys.platform != "linux", reason="procfs")
def test_another_process() -> None:
    """A child's environment as it was started."""
    with subprocess.Popen(["sleep", "60"], env={"ONE": "1", "TWO": "x y"}) as child:
        try:
            deadline = time.monotonic() + 10
            while not (found := list(variables(child.pid))) and time.monotonic() < deadline:
                time.sleep(0.01)  # the kernel shows nothing until the program has begun
            assert found == [("ONE", b"ONE=1"), ("TWO", b"TWO=x y")]
        finally:
            child.kill()


def test_no_such_process() -> None:
    """A number that is no process is an error with a way on."""
    with pytest.raises(ConfigError, match="/proc/999999999/environ"):
        list(variables(999_999_999))
