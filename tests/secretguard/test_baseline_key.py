"""The key of a baseline: where it comes from, and which files are none."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import pytest

from secretguard.baseline_key import DIGEST, VARIABLE, key_name, keyed_digest, read_key
from secretguard.errors import ConfigError

KEY = b"0123456789abcdef" * 4


def written(path: Path, data: bytes = KEY, mode: int = 0o600) -> str:
    path.write_bytes(data)
    path.chmod(mode)
    return str(path)


def test_digest_is_hmac() -> None:
    """As the standard library computes it; it names its key, and another key or value gives another one."""
    expected = hmac.new(KEY, b"secretguard baseline entry\0value", hashlib.sha256).hexdigest()
    assert keyed_digest(KEY, b"value") == f"hmac-sha256:{key_name(KEY)}:{expected}"
    assert DIGEST.fullmatch(keyed_digest(KEY, b"value"))
    assert len({keyed_digest(key, value) for key in (KEY, KEY[1:]) for value in (b"a", b"b")}) == 4
    assert key_name(KEY) != key_name(KEY[1:])


def test_option_before_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option, else the variable, else none; a line end at the end of the file is not part of the key."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert read_key(None) is None
    monkeypatch.setenv(VARIABLE, written(tmp_path / "one", KEY + b"\n"))
    assert read_key(None) == KEY
    assert read_key(written(tmp_path / "two", KEY[::-1])) == KEY[::-1]


@pytest.mark.parametrize("data", [b"", b"short", b" " * 100, b"x" * 5000])
def test_file_that_is_no_key(data: bytes, tmp_path: Path) -> None:
    """Too short to keep anything, or no key at all."""
    with pytest.raises(ConfigError, match="a key is a file of 32 to 4096 bytes"):
        read_key(written(tmp_path / "key", data))


def test_key_for_everybody(tmp_path: Path) -> None:
    """A key that every user of the machine can read is refused."""
    with pytest.raises(ConfigError, match="everybody"):
        read_key(written(tmp_path / "key", KEY, 0o644))
    assert read_key(written(tmp_path / "key", KEY, 0o640)) == KEY


def test_place_that_is_no_file(tmp_path: Path) -> None:
    """Missing, a folder, a pipe: an error at once, and never a scan without the key."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("missing", ".", "pipe"):
        with pytest.raises(ConfigError, match="key"):
            read_key(str(tmp_path / name))
