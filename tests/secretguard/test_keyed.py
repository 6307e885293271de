from __future__ import annotations

import hashlib
import hmac
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import GuardError
from secretguard.keyed import KEY_BYTES, first_key, hmac_sha256, sha256_hex, user_key, user_keys

RFC_4231 = [
    ("0b" * 20, b"Hi There".hex(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe".hex(),
        b"what do ya want for nothing?".hex(),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    ("aa" * 20, "dd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (
        "0102030405060708090a0b0c0d0e0f10111213141516171819",
        "cd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (
        "aa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First".hex(),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        "aa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be"
            b" hashed before being used by the HMAC algorithm."
        ).hex(),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]
"""Test cases 1 to 4, 6 and 7 (5 is truncated output)."""


@pytest.mark.parametrize(("key", "message", "digest"), RFC_4231)
def test_hmac_of_rfc_4231(key: str, message: str, digest: str) -> None:
    """The published vectors hold."""
    assert hmac_sha256(bytes.fromhex(key), bytes.fromhex(message)).hex() == digest


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_is_the_standard_librarys(key: bytes, message: bytes) -> None:
    """For any key and message, the value is that of `hmac`."""
    assert hmac_sha256(key, message) == hmac.new(key, message, "sha256").digest()


@given(st.binary(max_size=300))
def test_sha256_is_the_standard_librarys(data: bytes) -> None:
    """The C module behind it is the same function."""
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()


def test_key_is_made_once_and_private(own_home: Path) -> None:
    """The first use makes 32 random bytes that only this user may read; later uses get the same."""
    key = user_key()
    path = own_home / "state" / "digest.key"
    assert len(key) == KEY_BYTES
    assert user_key() == key == path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["digest.key"]


def test_first_uses_at_once_agree_on_one_key(own_home: Path) -> None:
    """However many start together, there is one key: two would give one secret two placeholders."""
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: user_key(), range(64)))) == 1
    assert [entry.name for entry in (own_home / "state").iterdir()] == ["digest.key"]


@pytest.mark.parametrize("damage", [b"", b"x" * (KEY_BYTES - 1), b"x" * (KEY_BYTES + 1)])
def test_damaged_key_is_refused_and_not_replaced(own_home: Path, damage: bytes) -> None:
    """A key of the wrong length is an error with a way on; a new one in silence would orphan every digest."""
    user_key()
    path = own_home / "state" / "digest.key"
    path.write_bytes(damage)
    with pytest.raises(GuardError, match="is damaged"):
        user_key()
    assert path.read_bytes() == damage


def test_key_that_others_may_read_is_refused(own_home: Path) -> None:
    """Digests under a known key can be guessed."""
    user_key()
    (own_home / "state" / "digest.key").chmod(0o640)
    with pytest.raises(GuardError, match="readable by others"):
        user_key()


def test_link_and_fifo_in_place_of_the_key_are_refused(own_home: Path, tmp_path: Path) -> None:
    """Neither is followed or waited for."""
    user_key()
    path = own_home / "state" / "digest.key"
    path.unlink()
    (tmp_path / "elsewhere").write_bytes(b"x" * KEY_BYTES)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GuardError):
        user_key()
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(GuardError):
        user_key()


def test_disk_without_space_is_an_expected_error_and_leaves_nothing(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that could not be written whole is never taken for one."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(GuardError, match="No space left"):
        user_key()
    assert list((own_home / "state").iterdir()) == []


def test_without_a_rotation_records_use_the_first_key(own_home: Path) -> None:
    """One key for everything, until somebody rotates it."""
    assert user_keys() == [user_key()] == [first_key()]


def test_the_newest_key_is_the_one_of_records_and_the_first_stays(own_home: Path) -> None:
    """What placeholders are made with does not change."""
    first = first_key()
    (own_home / "state" / "digest.keys").write_bytes(first + b"n" * KEY_BYTES)
    (own_home / "state" / "digest.keys").chmod(0o600)
    assert (user_key(), first_key(), user_keys()) == (b"n" * KEY_BYTES, first, [first, b"n" * KEY_BYTES])


@pytest.mark.parametrize("damage", [b"", b"x" * 33, b"x" * (KEY_BYTES * 257)])
def test_damaged_keys_are_refused_and_no_other_is_used_in_their_place(own_home: Path, damage: bytes) -> None:
    """Going back to the first key in silence would undo a rotation."""
    first_key()
    path = own_home / "state" / "digest.keys"
    path.write_bytes(damage)
    path.chmod(0o600)
    with pytest.raises(GuardError, match="is damaged"):
        user_key()


def test_keys_that_others_may_read_or_that_are_a_link_are_refused(own_home: Path) -> None:
    """As with the first key."""
    first_key()
    path = own_home / "state" / "digest.keys"
    path.write_bytes(b"x" * KEY_BYTES)
    path.chmod(0o644)
    with pytest.raises(GuardError, match="readable by others"):
        user_key()
    path.unlink()
    path.symlink_to(own_home / "state" / "digest.key")
    with pytest.raises(GuardError):
        user_key()
