"""The process itself: quiet, small, and gone with its socket when it is told to end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from secretguard.resident import place, start
from tests.secretguard.resident.conftest import process, until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it(warm: Path, number: int) -> None:
    """At once, and cleanly."""
    with process(warm) as one:
        until(start.state)
        one.send_signal(number)
        assert one.wait(10) == 0
    assert not os.path.exists(place.socket_path())


def test_it_holds_nothing_of_who_started_it(warm: Path) -> None:
    """Neither its folder nor its files; no core file, bounded memory."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    with process(warm) as one:
        until(start.state)
        held = {os.readlink(f"/proc/{one.pid}/fd/{name}") for name in os.listdir(f"/proc/{one.pid}/fd")}
        assert os.readlink(f"/proc/self/fd/{writing}") not in held
        assert os.readlink(f"/proc/{one.pid}/cwd") == "/"
        limits = Path(f"/proc/{one.pid}/limits").read_text()
        assert "Max core file size        0" in limits
        one.terminate()
    os.close(reading)
    os.close(writing)


def test_without_a_usable_folder_it_does_not_serve(warm: Path) -> None:
    """Exit 2: nobody may listen where others could, too."""
    folder = warm / "state" / "serve"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with process(warm) as one:
        assert one.wait(10) == 2
