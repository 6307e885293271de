"""`vault check` against servers that are ill or tell odd rights; a real Vault is tried in `commands/test_vault.py`."""

from __future__ import annotations

import json

import pytest

from broker.vault import Endpoint, Vault
from broker.vault_check import check
from broker.vault_config import IdentityTable, Vaults, VaultTable
from broker.vault_identity import FixedToken
from secretguard.secret import Secret
from tests.servers.loopback import Play, Request, loopback, reply


def problems(play: Play) -> dict[str, str]:
    """What the check says of a server that answers with `play`, by probe; empty text where all is well."""
    token = IdentityTable(token_file="/t")
    with loopback(play) as server:
        one = Vault(Endpoint(server.address), FixedToken(Secret("x")))
        table = VaultTable(address=server.address, issuer=token, revoker=token)
        return {probe.name.split()[0]: probe.problem for probe in check(table, Vaults(one, one))}


@pytest.mark.parametrize(
    ("status", "words"), [(503, "sealed"), (501, "not initialised"), (472, "disaster"), (307, "redirect"), (500, "500")]
)
def test_a_server_that_cannot_serve_is_told(status: int, words: str) -> None:
    """In words, and no drill is tried."""
    found = problems(lambda _: reply(status))
    assert words in found["the"]
    assert "drill:" not in found


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        (["root"], "root token"),
        (["deny"], "lacks"),
        ("update", "does not say"),
        (["update", "sudo", "list"], "more than"),
    ],
)
def test_rights_that_are_not_exactly_right_are_told(rights: object, words: str) -> None:
    """Too many, too few, or not a list."""

    def play(request: Request) -> list[bytes]:
        if request.path.endswith("capabilities-self"):
            return reply(200, {"data": dict.fromkeys(json.loads(request.body)["paths"], rights)})
        return reply(200, {})

    found = problems(play)
    assert words in found["issuer"]
    assert "drill:" not in found
