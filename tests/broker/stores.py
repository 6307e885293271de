"""Fresh stores for tests: SQLite always, PostgreSQL where the real server is to be had."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def fresh_url(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """The URL of an empty store of that kind; PostgreSQL's is a new database on the session's server."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/store/broker.db"
    server = request.getfixturevalue("postgres_server")
    name = f"broker_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(server.url(name))
