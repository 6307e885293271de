from __future__ import annotations

import fcntl
import stat
from pathlib import Path

import pytest

from secretguard.audit import keys, reader
from secretguard.audit.digest import key_id
from secretguard.audit.journal import user_journal
from secretguard.errors import GuardError, RecordError
from secretguard.keyed import first_key, user_key, user_keys
from secretguard.placeholder import of_user
from secretguard.places import state_dir


def test_a_rotation_keeps_old_keys_and_is_recorded(own_home: Path) -> None:
    """The new key is used from now on, the old ones stay, private; placeholders do not change."""
    first, tag = user_key(), of_user("/p").tag("rule", b"value")
    fresh = keys.rotate(state_dir(), user_journal())
    assert user_keys() == [first, user_key()]
    assert (key_id(user_key()), first_key()) == (fresh, first)
    assert of_user("/p").tag("rule", b"value") == tag
    assert stat.S_IMODE((own_home / "state" / "digest.keys").stat().st_mode) == 0o600
    last = list(reader.records(str(own_home / "state" / "audit")))[-1]
    assert (last["event"], last["key"], last["before"]) == ("journal:key:rotated", fresh, key_id(first))
    assert keys.rotate(state_dir(), user_journal()) != fresh
    assert len(user_keys()) == 3


def test_no_record_no_new_key(own_home: Path) -> None:
    """A rotation that cannot be recorded does not happen."""
    first = user_key()
    (own_home / "state" / "audit").write_text("no folder")
    with pytest.raises(RecordError):
        keys.rotate(state_dir(), user_journal())
    assert user_keys() == [first]


def test_two_rotations_at_once_lose_no_key(own_home: Path) -> None:
    """While one is at work another is refused, with the way on."""
    user_key()
    with (own_home / "state" / "digest.keys.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(GuardError, match="another process"):
            keys.rotate(state_dir(), user_journal())


def test_keys_have_a_bound(own_home: Path) -> None:
    """The file that every hook reads stays small."""
    first = user_key()
    path = own_home / "state" / "digest.keys"
    path.write_bytes(first * 256)
    path.chmod(0o600)
    with pytest.raises(GuardError, match="no room"):
        keys.rotate(state_dir(), user_journal())
