"""One site for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.broker.web.site import Site, served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages over the sample; tests add to it and change nothing that is there."""
    with served(tmp_path_factory.mktemp("site")) as made:
        yield made
