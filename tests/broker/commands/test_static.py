"""`broker static` over a real store and key file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.errors import Conflict
from broker.store.database import open_database
from broker.store.sealed import Sealer, key_file
from broker.store.static import StaticValues
from secretguard.errors import ConfigError

VALUE = "made-up-" + "Yq72" * 6


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of a broker that was started once."""
    (tmp_path / "keys").mkdir(0o700)
    key_file(str(tmp_path / "keys" / "broker.key"))
    open_database(f"sqlite:///{tmp_path}/broker.db").close()
    path = tmp_path / "broker.toml"
    path.write_text(
        f'[server]\nsocket = "{tmp_path}/launch.sock"\n[store]\nurl = "sqlite:///{tmp_path}/broker.db"\n'
        f'[policy]\ndirectory = "{tmp_path}"\n[keys]\ndirectory = "{tmp_path}/keys"\n'
    )
    return path


def run(config: Path, *words: str, given: str | bytes = "") -> Result:
    """The command; its own refusals are raised."""
    result = CliRunner().invoke(cli, ["static", *words, "--config", str(config)], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert VALUE not in result.output
    return result


def kept(config: Path) -> StaticValues:
    """The values as the broker itself opens them."""
    folder = config.parent
    sealer = Sealer(key_file(str(folder / "keys" / "broker.key")))
    return StaticValues(open_database(f"sqlite:///{folder}/broker.db"), sealer, lambda: 0.0)


@pytest.mark.parametrize("given", [VALUE, f"{VALUE}\n", f"{VALUE}\r\n"])
def test_a_value_comes_from_standard_input(config: Path, given: str) -> None:
    """One line end after it is the pipe's; it is shown by no command."""
    assert "version 1 is kept" in run(config, "set", "crates-io", given=given).output
    assert kept(config).value("crates-io")[0].reveal() == VALUE
    assert "crates-io" in run(config, "list").output
    (listed,) = json.loads(run(config, "list", "--format", "json").output)["values"]
    assert (listed["name"], listed["version"], listed["by"]) == ("crates-io", 1, f"unix:{os.geteuid()}")
    assert VALUE.encode() not in (config.parent / "broker.db").read_bytes()


def test_lines_within_a_value_are_part_of_it(config: Path) -> None:
    """A private key has many; only the last line end is dropped."""
    run(config, "set", "key", given="one\ntwo\n\n")
    assert kept(config).value("key")[0].reveal() == "one\ntwo\n"


def test_a_value_is_rotated_and_removed(config: Path) -> None:
    """And what is not there, or there already, is refused with the way on."""
    run(config, "set", "one", given="first")
    with pytest.raises(Conflict, match="already"):
        run(config, "set", "one", given=VALUE)
    assert "version 2" in run(config, "rotate", "one", given=VALUE).output
    assert kept(config).value("one")[0].reveal() == VALUE
    assert "removed" in run(config, "remove", "one").output
    assert json.loads(run(config, "list", "--format", "json").output) == {"values": []}


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff\xfe"])
def test_no_value_is_made_of_nothing(config: Path, given: bytes) -> None:
    """An empty pipe is a failed command before it, not a secret."""
    with pytest.raises(ConfigError):
        run(config, "set", "one", given=given)


def test_it_makes_neither_store_nor_key(config: Path) -> None:
    """On the wrong machine, or with a typing error, a new key would seal what the broker cannot open."""
    (config.parent / "keys" / "broker.key").unlink()
    with pytest.raises(ConfigError, match=r"broker\.key"):
        run(config, "set", "one", given=VALUE)
    assert not (config.parent / "keys" / "broker.key").exists()
