"""What the tests of the pages' badge begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.broker.web.sample import Sample, ordinary


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Sample]:
    """A log of one run, numbered: 9 entries; what a test adds comes since."""
    made = Sample(str(tmp_path))
    ordinary(made, 1)
    made.number()
    yield made
    made.broker.database.close()
