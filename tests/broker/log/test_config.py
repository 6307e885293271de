"""`[log]`: what it may say, and what is refused where it is written."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from broker.assemble import log_signer
from broker.config import Config
from broker.log.config import LOG_ORIGIN, LogTable
from broker.log.cosignature import Witness, verifier_key
from secretguard.errors import ConfigError

WITNESS = verifier_key(Witness("w.example", Ed25519PrivateKey.from_private_bytes(b"w" * 32).public_key()))
BASE = {
    "server": {"socket": "/run/x/launch.sock"},
    "store": {"url": "sqlite:////x/broker.db"},
    "policy": {"directory": "/x"},
    "keys": {"directory": "/x"},
}


def test_nothing_said_is_a_key_of_the_brokers_own() -> None:
    """No Vault, no witness, the default origin."""
    table = LogTable()
    assert (table.signer, table.origin, table.transit, table.witness) == ("file", LOG_ORIGIN, None, [])


def test_transit_names_one_key() -> None:
    """Mount and name, as they go into policies and paths."""
    assert LogTable(signer="transit", mount="team/transit", key="log").transit == ("team/transit", "log")


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "two words"},
        {"origin": "a+b"},
        {"origin": ""},
        {"signer": "vault"},
        {"key": "../root"},
        {"mount": "a/../b"},
        {"witness": [{"url": "ftp://x", "key": WITNESS}]},
        {"witness": [{"url": "https://x", "key": "w.example+00000000+AAAA"}]},
        {"witness": [{"url": "https://x"}]},
        {"witnesses": []},
    ],
)
def test_what_is_not_usable_is_refused(wrong: dict[str, object]) -> None:
    """Names that no note can hold, paths that lead elsewhere, keys that are none, unknown words."""
    with pytest.raises(ValidationError):
        LogTable.model_validate(wrong)


def test_a_witness_becomes_a_client() -> None:
    """With its prefix and its key; nothing is sent by that."""
    table = LogTable.model_validate({"witness": [{"url": "https://w.example/submit", "key": WITNESS}]})
    client = table.witness[0].client()
    assert (client.url, client.witness.name) == ("https://w.example/submit", "w.example")
    client.close()


def test_a_key_in_vault_needs_a_vault(tmp_path: Path) -> None:
    """Said at the start, before anything is served."""
    config = Config.model_validate({**BASE, "log": {"signer": "transit"}})
    with pytest.raises(ConfigError, match=r"\[vault\]"):
        log_signer(config, str(tmp_path), None)


def test_the_origin_is_in_the_key_that_others_get(tmp_path: Path) -> None:
    """`log.vkey` names the log, so that two logs are not taken for one."""
    config = Config.model_validate({**BASE, "log": {"origin": "broker.example/log"}})
    signer = log_signer(config, str(tmp_path), None)
    assert signer.origin == "broker.example/log"
    assert (tmp_path / "log.vkey").read_text().startswith("broker.example/log+")
    assert dataclasses.is_dataclass(signer)
