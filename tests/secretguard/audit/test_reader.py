from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit import reader, segments
from secretguard.audit.journal import FILE, Journal
from secretguard.audit.line import GENESIS, seal
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
    info = (tmp_path / FILE).stat()
    assert reader.last(str(tmp_path), 0) == ([], (info.st_ino, info.st_size))


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

    place = reader.last(str(tmp_path), 0)[1]
    found = [record["seq"] for record in reader.follow(str(tmp_path), place, going_on)]
    assert found == [4, 5, 6, 7]


def test_follow_misses_nothing_of_files_that_are_closed_or_pruned_meanwhile(tmp_path: Path) -> None:
    """Between looking at the end and following, and while it is followed."""
    written(tmp_path, 2)
    place = reader.last(str(tmp_path), 0)[1]
    written(tmp_path, 1)
    for _ in range(2):
        Journal(str(tmp_path)).close_segment()
        written(tmp_path, 1)
    records = reader.follow(str(tmp_path), place)
    assert [next(records)["seq"] for _ in range(5)] == [4, 5, 6, 7, 8]
    for _, path in segments.closed(str(tmp_path)):
        Path(path).unlink()
    assert [record["seq"] for record in itertools.islice(reader.follow(str(tmp_path), place), 2)] == [7, 8]


def test_an_erased_record_says_so_and_nothing_else(tmp_path: Path) -> None:
    """Its envelope is shown; neither salt nor digest are anything to read."""
    line, _ = seal(4, "now", "guard:read:allowed", '{"salt":"00","path":"/x"}', GENESIS)
    assert reader.parse(line) == {"v": 2, "seq": 4, "time": "now", "event": "guard:read:allowed", "path": "/x"}
    envelope, fields, rest = line.split(b"\t", 2)
    blank = b"\t".join([envelope, b"-" * len(fields), rest])
    assert reader.parse(blank) == {"v": 2, "seq": 4, "time": "now", "event": "guard:read:allowed", "erased": True}


def test_fields_cannot_pass_for_the_envelope(tmp_path: Path) -> None:
    """Whatever the second column says, number, time and event are those of the first."""
    line, _ = seal(4, "now", "guard:read:allowed", '{"salt":"00","seq":9,"event":"guard:read:denied"}', GENESIS)
    assert reader.parse(line) == {"v": 2, "seq": 4, "time": "now", "event": "guard:read:allowed"}


@given(st.binary(max_size=300))
def test_any_line_is_a_record_or_none(data: bytes) -> None:
    """No line ends in an exception."""
    assert reader.parse(data) is None
