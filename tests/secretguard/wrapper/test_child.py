"""The program inside: its surroundings are ours, its end is seen once."""

from __future__ import annotations

import os
import time

import pytest

from secretguard.wrapper.child import Child


def test_it_finds_its_surroundings_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment, folder and process group are ours; its output is what it was given."""
    monkeypatch.setenv("SOME_NAME", "some value")
    read, write = os.pipe()
    group = "$(ps -o pgid= -p $$ | tr -d ' ')"
    child = Child(["sh", "-c", f'echo "$SOME_NAME $PWD {group}"; exit 7'], write, write)
    os.close(write)
    text = b""
    while piece := os.read(read, 1000):
        text += piece
    os.close(read)
    assert text.decode() == f"some value {os.getcwd()} {os.getpgrp()}\n"
    while child.status is None:
        child.tend()
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(child.status) == 7
    child.heard(b"\x0f")
    assert child.tend() is None, "its number may be another's by now"


def test_a_program_that_is_not_there_raises() -> None:
    """Nothing is started."""
    with pytest.raises(FileNotFoundError):
        Child(["no-such-program"], 1, 2)
