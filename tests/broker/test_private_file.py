"""Files of the broker's own secrets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broker.private_file import private_bytes
from secretguard.errors import ConfigError


def written(path: Path, mode: int = 0o600) -> str:
    """A file with that mode."""
    path.write_bytes(b"the-value\n")
    path.chmod(mode)
    return str(path)


def test_a_private_file_is_read_as_it_is(tmp_path: Path) -> None:
    """All bytes, through a link as well, up to the cap."""
    path = written(tmp_path / "key")
    (tmp_path / "link").symlink_to(path)
    assert private_bytes(path, 10) == private_bytes(str(tmp_path / "link"), 10) == b"the-value\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
def test_what_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """The message has the file and the command that mends it, not the value; a link does not hide it."""
    path = written(tmp_path / "key", mode)
    (tmp_path / "link").symlink_to(path)
    for name in (path, str(tmp_path / "link")):
        with pytest.raises(ConfigError, match="chmod 600") as refused:
            private_bytes(name, 10)
        assert "the-value" not in str(refused.value)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe without a writer would hold the broker for ever."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("pipe", "", "none"):
        with pytest.raises(ConfigError):
            private_bytes(str(tmp_path / name), 10)


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns it chooses who the broker is."""
    path = written(tmp_path / "key")
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr("os.geteuid", lambda: 12345)
    with pytest.raises(ConfigError, match="another user"):
        private_bytes(path, 10)


def test_a_longer_file_is_refused(tmp_path: Path) -> None:
    """It is not the file that was meant."""
    with pytest.raises(ConfigError, match="larger than 9"):
        private_bytes(written(tmp_path / "key"), 9)
