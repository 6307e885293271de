"""Every store that a test opened is closed with it: Python 3.13 reports a forgotten connection as an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from broker.store import database


@pytest.fixture(autouse=True)
def stores_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    opened: list[sa.Engine] = []
    real = database._engine

    def engine(url: str, create: bool) -> sa.Engine:
        opened.append(real(url, create))
        return opened[-1]

    monkeypatch.setattr(database, "_engine", engine)
    yield
    for one in opened:
        one.dispose()
