"""Vault identities that are as a test says."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import cast

from broker.vault_config import Vaults

LEFT = {"issuer": 1200.0, "revoker": None}


def vaults(problems: Mapping[str, str]) -> Vaults:
    """An issuer with 20 minutes left and a revoker that has no token yet; `problems` by identity."""
    one = {
        name: types.SimpleNamespace(login=types.SimpleNamespace(left=lambda left=left: left))
        for name, left in LEFT.items()
    }
    return cast(Vaults, types.SimpleNamespace(**one, problems=lambda: dict(problems)))
