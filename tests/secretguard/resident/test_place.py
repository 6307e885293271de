"""Where the process listens: a folder of this user's alone, a path that fits, one lock."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.errors import GuardError
from secretguard.resident import place


def test_the_socket_is_in_a_private_folder() -> None:
    """0700, beside the rest of the state."""
    folder = os.path.dirname(place.socket_path())
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700


def test_a_long_name_is_made_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the runtime folder, another one for each state folder."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    found = set()
    for name in ("a" * 150, "b" * 150):
        monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / name))
        found.add(place.socket_path())
    assert len(found) == 2
    assert all(os.path.dirname(path) == str(tmp_path / f"secretguard-{os.geteuid()}") for path in found)


def test_a_folder_that_others_can_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever made it could listen in our place."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / ("a" * 150)))
    made = tmp_path / f"secretguard-{os.geteuid()}"
    made.mkdir()
    made.chmod(0o777)
    with pytest.raises(GuardError):
        place.socket_path()


def test_one_holds_the_lock_until_it_is_killed() -> None:
    """Also with no chance to clean up."""
    code = "from secretguard.resident.place import lock; import time; print(lock(), flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip().isdigit()
        assert place.lock() is None
        other.kill()
    held = place.lock()
    assert held is not None
    os.close(held)
