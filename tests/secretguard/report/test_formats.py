"""Every format in the table can be loaded and rendered."""

from __future__ import annotations

import pytest

from secretguard.report.formats import FORMATS, renderer
from secretguard.report.located import Scan, Skipped
from tests.secretguard.report.test_json_report import FOUND, MADE


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_renders(name: str) -> None:
    """A path that is no UTF-8, a gap and a finding, in ASCII."""
    text = renderer(name)(Scan([FOUND], [Skipped("b\udcff", "binary")], 1, 1), MADE, False)
    assert text.isascii()
    assert text.endswith("\n")


def test_unknown_name() -> None:
    """A name that the table does not have is a KeyError."""
    with pytest.raises(KeyError):
        renderer("yaml")
