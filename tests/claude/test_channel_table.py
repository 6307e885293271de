"""The guide's table of channels names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "guide" / "channels.md"


def test_each_row_names_a_test_that_is_there() -> None:
    """Every row has one, and every name in the page is a function of the file it names."""
    text = PAGE.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    named = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
    assert [row for row in rows if not named.search(row.rsplit("|", 2)[1])] == []
    missing = [
        f"{file}::{name}" for file, name in named.findall(text) if f"\ndef {name}(" not in (HERE / file).read_text()
    ]
    assert missing == []
