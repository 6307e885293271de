"""One server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker.api.running import Running
from tests.broker.serving import serving


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the module's tests; each makes its own tasks."""
    made = Running(tmp_path_factory.mktemp("api"))
    with serving(made.app, made.socket):
        yield made
    made.broker.database.close()
