from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import reader
from secretguard.audit.journal import FILE
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import written


def test_records_come_in_order_and_torn_lines_are_passed_over(tmp_path: Path) -> None:
    """A reader shows what is there; a torn line stops nothing."""
    written(tmp_path, 2)
    with (tmp_path / FILE).open("ab") as file:
        file.write(b"torn")
    written(tmp_path, 1)
    assert [record["seq"] for record in reader.records(str(tmp_path))] == [1, 2, 3, 4, 5]


def test_last_records_are_the_newest_oldest_first(tmp_path: Path) -> None:
    """`tail` counts from the end."""
    written(tmp_path, 5)
    assert [record["seq"] for record in reader.last(str(tmp_path), 2)[0]] == [5, 6]
    assert reader.last(str(tmp_path), 0) == ([], (tmp_path / FILE).stat().st_size)


def test_missing_journal_is_an_expected_error(tmp_path: Path) -> None:
    """A wrong folder is named, with the way on."""
    with pytest.raises(ConfigError, match="--journal"):
        list(reader.records(str(tmp_path / "none")))


def test_follow_shows_what_is_written_from_now_on(tmp_path: Path) -> None:
    """Records that were there are not shown again; those that come are, until the caller has enough."""
    written(tmp_path, 2)
    turns = iter([True, True, True, True, False])

    def going_on() -> bool:
        go = next(turns)
        if go:
            written(tmp_path, 1)
        return go

    found = [record["seq"] for record in reader.follow(str(tmp_path), (tmp_path / FILE).stat().st_size, going_on)]
    assert found == [4, 5, 6, 7]


@given(st.binary(max_size=300))
def test_any_line_is_a_record_or_none(data: bytes) -> None:
    """No line ends in an exception."""
    assert reader.parse(data) is None
