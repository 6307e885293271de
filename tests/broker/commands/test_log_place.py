"""Where the record is: the store of `broker dev` by default, or the one that a configuration names."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.commands.log_place import opened
from broker.store.database import open_database
from secretguard.errors import ConfigError


def test_a_state_folder_holds_store_and_key(tmp_path: Path) -> None:
    """The verifier key lies beside the store."""
    open_database(f"sqlite:///{tmp_path}/broker.db").close()
    database, key = opened(None, str(tmp_path))
    assert database.kind == "sqlite"
    assert key == tmp_path / "keys" / "log.vkey"
    database.close()


def test_nothing_is_created_by_looking(tmp_path: Path) -> None:
    """A folder without a store is an error, and stays without."""
    with pytest.raises(ConfigError):
        opened(None, str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match=r"none\.toml"):
        opened(tmp_path / "none.toml", "")
