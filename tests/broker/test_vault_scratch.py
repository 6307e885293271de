"""The scratch place of `broker vault check ADDRESS`: all under one name, short-lived, gone afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from broker.errors import SourceFailed
from broker.vault import Endpoint
from broker.vault_scratch import SECONDS, enable_pki, scratch
from tests.servers.loopback import Request, forward, loopback, unchanged
from tests.servers.vault import VaultServer

pytestmark = pytest.mark.vault

NAME = re.compile(r"sgcheck-[0-9a-f]{8}")


def test_whatever_is_written_is_named_after_the_place(vault_server: VaultServer) -> None:
    """Nothing that was there before the check can be changed by it."""
    with loopback(forward(vault_server.address, unchanged)) as proxy:
        admin = vault_server.root()
        through = type(admin)(Endpoint(proxy.address), admin.login._identity)
        left: list[str] = []
        with scratch(through, Endpoint(proxy.address), left) as place:
            enable_pki(place)
            assert NAME.fullmatch(place.name)
        through.close()
        admin.close()
    assert left == []
    for request in filter(_writes, proxy.requests):
        assert place.name in request.path, f"{request.method} {request.path}"


def _writes(request: Request) -> bool:
    return request.method != "GET" and "capabilities-self" not in request.path


def test_its_logins_and_tokens_end_soon_and_its_files_with_it(vault_server: VaultServer) -> None:
    """A run that is killed outright leaves names behind, and nothing that lives for long."""
    admin = vault_server.root()
    with scratch(admin, admin.endpoint, []) as place:
        files = [Path(place.table.issuer.role_id_file or ""), Path(place.table.revoker.secret_id_file or "")]
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
        role = vault_server.do("GET", f"auth/token/roles/{place.table.task_role}")["data"]
        assert role["token_explicit_max_ttl"] == SECONDS
    assert not any(file.exists() for file in files)
    admin.close()


def test_a_failure_inside_is_not_hidden_by_the_cleaning(vault_server: VaultServer) -> None:
    """It goes on to the caller, after everything has been taken away."""
    admin = vault_server.root()
    with pytest.raises(SourceFailed, match="of the case"), scratch(admin, admin.endpoint, []) as place:
        raise SourceFailed("of the case")
    assert vault_server.call("GET", f"sys/policies/acl/{place.name}-issuer")[0] == 404
    admin.close()
