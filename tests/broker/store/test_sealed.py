"""What the store holds only as ciphertext: it opens for its own task and key, and for nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broker.errors import SourceFailed
from broker.store.sealed import NONCE_BYTES, Sealer, key_file
from secretguard.errors import ConfigError
from secretguard.secret import Secret

KEY = bytes(range(32))
VALUE = "hvs." + "CAESIJ" * 8


def test_what_was_sealed_opens_for_its_task() -> None:
    """The value comes back, and the ciphertext does not hold it."""
    sealed = Sealer(KEY).seal("task-1", Secret(VALUE))
    assert VALUE.encode() not in sealed
    assert Sealer(KEY).unseal("task-1", sealed).reveal() == VALUE


def test_two_seals_of_one_value_differ() -> None:
    """A fresh nonce each time: equal ciphertexts would show equal values."""
    first, second = (Sealer(KEY).seal("task-1", Secret(VALUE)) for _ in range(2))
    assert first[:NONCE_BYTES] != second[:NONCE_BYTES]
    assert first != second


def test_it_opens_for_nothing_else() -> None:
    """Another task, another key, and every changed or missing byte are refused, without the value in the error."""
    sealed = Sealer(KEY).seal("task-1", Secret(VALUE))
    with pytest.raises(SourceFailed):
        Sealer(KEY).unseal("task-2", sealed)
    with pytest.raises(SourceFailed):
        Sealer(bytes(32)).unseal("task-1", sealed)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SourceFailed) as refused:
            Sealer(KEY).unseal("task-1", changed)
        assert VALUE not in str(refused.value)
    with pytest.raises(SourceFailed):
        Sealer(KEY).unseal("task-1", sealed[:-1])


def test_a_session_token_is_bound_to_all_that_it_is_made_of() -> None:
    """The same activation has the same token; another task, key thumbprint, bootstrap or broker key has another."""
    token = Sealer(KEY).session_token("task", "thumb", "boot").reveal()
    assert Sealer(KEY).session_token("task", "thumb", "boot").reveal() == token
    others = [
        ("task2", "thumb", "boot"),
        ("task", "thumb2", "boot"),
        ("task", "thumb", "boot2"),
        ("taskt", "humb", "boot"),
    ]
    found = {Sealer(KEY).session_token(*parts).reveal() for parts in others}
    found.add(Sealer(bytes(32)).session_token("task", "thumb", "boot").reveal())
    assert len(found) == len(others) + 1
    assert token not in found
    assert len(token) == 43  # 256 bits in base64url


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """The first use makes 32 bytes with mode 0600; later uses read the same ones."""
    path = tmp_path / "keys" / "store.key"
    key = key_file(str(path))
    assert len(key) == 32
    assert key_file(str(path)) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["store.key"]


@pytest.mark.parametrize("damage", ["short", "long", "readable"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, damage: str) -> None:
    """A key of another length, or one that others may read, is never used."""
    path = tmp_path / "keys" / "store.key"
    key_file(str(path))
    if damage == "readable":
        path.chmod(0o640)
    else:
        path.write_bytes(bytes(31 if damage == "short" else 33))
    with pytest.raises(ConfigError, match="damaged or readable"):
        key_file(str(path))


def test_a_key_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """A link is not followed: whoever made it would choose the key."""
    (tmp_path / "theirs").write_bytes(bytes(32))
    (tmp_path / "theirs").chmod(0o600)
    (tmp_path / "store.key").symlink_to(tmp_path / "theirs")
    with pytest.raises((OSError, ConfigError)):
        key_file(str(tmp_path / "store.key"))
