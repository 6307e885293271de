"""What the tests of the pages begin with: one site for a module, or a log of one run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.web.sample import Sample, ordinary
from tests.broker.web.site import Site, served


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Sample]:
    """A log of one run, numbered: 9 entries; what a test adds comes since."""
    made = Sample(str(tmp_path))
    ordinary(made, 1)
    made.number()
    yield made
    made.broker.database.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages over the whole sample; tests add to it and change nothing that is there."""
    with served(tmp_path_factory.mktemp("site")) as made:
        yield made
