from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from secretguard import places
from secretguard.errors import GuardError
from secretguard.places import cache_dir, config_dir, private_dir, state_dir


def test_one_variable_moves_all_places(own_home: Path) -> None:
    """SECRETGUARD_HOME holds config, state and cache side by side."""
    assert [config_dir(), state_dir(), cache_dir()] == [str(own_home / kind) for kind in ("config", "state", "cache")]


@pytest.mark.parametrize(
    ("place", "variable", "fallback"),
    [
        (config_dir, "XDG_CONFIG_HOME", ".config"),
        (state_dir, "XDG_STATE_HOME", ".local/state"),
        (cache_dir, "XDG_CACHE_HOME", ".cache"),
    ],
)
def test_xdg_directories(monkeypatch: pytest.MonkeyPatch, place: object, variable: str, fallback: str) -> None:
    """Absolute XDG values count, relative and empty ones are ignored as the specification says."""
    assert callable(place)
    monkeypatch.delenv("SECRETGUARD_HOME")
    monkeypatch.setenv("HOME", "/home/dev")
    for value, expected in (
        ("/xdg", "/xdg/secretguard"),
        ("relative", f"/home/dev/{fallback}/secretguard"),
        ("", f"/home/dev/{fallback}/secretguard"),
    ):
        monkeypatch.setenv(variable, value)
        assert place() == expected
    monkeypatch.delenv(variable)
    assert place() == f"/home/dev/{fallback}/secretguard"


def test_private_directory_is_made_private(tmp_path: Path) -> None:
    """Also under a generous umask, and again without a change."""
    before = os.umask(0)
    try:
        path = private_dir(str(tmp_path / "a" / "b"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    assert private_dir(path) == path


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_directory_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    """What lies in it would not be ours."""
    tmp_path.chmod(mode)
    with pytest.raises(GuardError, match="chmod 700"):
        private_dir(str(tmp_path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    """A directory that somebody else prepared is not used."""
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(GuardError, match="not private"):
        private_dir(str(tmp_path))


def test_a_process_that_stays_looks_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of folder by itself; every other process looks each time."""
    monkeypatch.setattr(places, "fixed", {})
    first = state_dir()
    monkeypatch.setenv("SECRETGUARD_HOME", "/elsewhere")
    assert state_dir() == first == str(own_home / "state")
    assert config_dir() == "/elsewhere/config"
    monkeypatch.setattr(places, "fixed", None)
    assert state_dir() == "/elsewhere/state"
