"""One real Vault and one real PostgreSQL for a whole test run, started by the first test that asks.

Tests share them: use names of your own (`secrets.token_hex`) for mounts, roles, policies and databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.engines import Engines, engines
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import VaultServer, running_vault


@pytest.fixture(scope="session")
def vault_server(part: Callable[[str], Path]) -> Iterator[VaultServer]:
    """A real Vault with a root token."""
    with running_vault(part("vault")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(part: Callable[[str], Path]) -> Iterator[PostgresServer]:
    """A real PostgreSQL with a superuser's password."""
    with running_postgres(part("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def ready_vault(
    vault_server: VaultServer, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provisioned]:
    """A Vault that `vault setup` has made ready, with a token grant and a database grant. Shared: use own task ids."""
    ready = provision(vault_server, postgres_server, tmp_path_factory.mktemp("vault"))
    yield ready
    ready.vaults.close()


@pytest.fixture(scope="session")
def ready_engines(vault_server: VaultServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A Vault with ssh, pki and kv (version 2) engines and grants for them. Shared: use own task ids."""
    ready = engines(vault_server, tmp_path_factory.mktemp("engines"))
    yield ready
    ready.vaults.close()
