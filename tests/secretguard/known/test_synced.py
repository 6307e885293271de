"""Values of a store: their digests by store, and nothing else."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from secretguard.errors import ConfigError, GuardError
from secretguard.known import synced
from secretguard.known.build import KEPT
from secretguard.known.index import SYNCED, place
from tests.secretguard.known.projects import OTHER, PASSWORD, index_of, knows


def put(project: Path, store: str, *values: str) -> None:
    synced.put(str(project), store, synced.digested([("value", value.encode()) for value in values])[0])


def test_what_a_program_prints() -> None:
    """One JSON object, nested or not, or lines of settings."""
    wanted = [("password", PASSWORD.encode())]
    assert synced.given(json.dumps({"data": {"password": PASSWORD, "port": 5432}}).encode(), "x") == wanted
    assert synced.given(f"password={PASSWORD}\n".encode(), "x") == wanted


@pytest.mark.parametrize("text", [b"", b"hello", b'{"a":', b"[" * 5000, b'{"a":1,"a":2}', b"x" * (synced.LARGEST + 1)])
def test_what_is_neither_is_named(text: bytes) -> None:
    """The message says which store, and quotes nothing."""
    with pytest.raises(ConfigError, match=r"^stdin broker: ") as error:
        synced.given(text, "stdin broker")
    assert "hello" not in str(error.value)


def test_what_is_left_out_is_said() -> None:
    """A user name and a short word are none to be known by."""
    values, left_out = synced.digested([("username", b"application"), ("p", b"abc"), ("value", PASSWORD.encode())])
    assert (len(values), left_out) == (1, ["username", "p"])


def test_stores_are_kept_apart(tmp_path: Path) -> None:
    """Each is replaced and forgotten by itself."""
    put(tmp_path, "vault secret/a", PASSWORD)
    put(tmp_path, "vault secret/b", OTHER)
    assert synced.stores(str(tmp_path)) == [("vault secret/a", 1), ("vault secret/b", 1)]
    assert index_of(tmp_path).name(0)[1] in ("value of vault secret/a", "value of vault secret/b")
    synced.forget(str(tmp_path), {"vault secret/a"})
    assert synced.stores(str(tmp_path)) == [("vault secret/b", 1)]
    assert not knows(tmp_path, PASSWORD)
    assert knows(tmp_path, OTHER)
    synced.forget_all(str(tmp_path))
    assert not knows(tmp_path, OTHER)


def test_syncing_something_else_does_not_forget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that syncs nonsense under the same name makes nothing unknown; after a day the old value goes."""
    put(tmp_path, "stdin broker", PASSWORD)
    put(tmp_path, "stdin broker", OTHER)
    assert knows(tmp_path, PASSWORD)
    later = time.time() + KEPT + 5
    monkeypatch.setattr(time, "time", lambda: later)
    put(tmp_path, "stdin broker", OTHER)
    assert synced.stores(str(tmp_path)) == [("stdin broker", 1)]


def test_damage_is_said_and_not_written_over(tmp_path: Path) -> None:
    """Digests of a store cannot be made again from anything here: the person is told to sync."""
    put(tmp_path, "vault secret/a", PASSWORD)
    Path(place(str(tmp_path), SYNCED)).write_bytes(b"garbage")
    assert "sync" in index_of(tmp_path).missing[0]
    with pytest.raises(GuardError, match="cannot be used"):
        put(tmp_path, "vault secret/b", OTHER)
    synced.forget_all(str(tmp_path))
    put(tmp_path, "vault secret/b", OTHER)
    assert knows(tmp_path, OTHER)


def test_no_value_is_anywhere(tmp_path: Path, own_home: Path) -> None:
    """The state folder holds digests alone, in private files."""
    put(tmp_path, "vault secret/a", PASSWORD)
    assert knows(tmp_path, PASSWORD)
    for path in (own_home / "state").rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes()
            assert os.stat(path).st_mode & 0o077 == 0
