from __future__ import annotations

import datetime
import os
import shutil
from pathlib import Path

import pytest

from secretguard.audit import prune as pruning
from secretguard.audit import reader, segments
from secretguard.audit.journal import FILE
from secretguard.audit.prune import old_files, prune
from secretguard.audit.verify import INCOMPLETE, INTACT, NOTE, TAMPERED, UNANCHORED, UNKNOWN, verify
from secretguard.errors import GuardError, RecordError
from tests.secretguard.audit.journals import pinned, small, written

NOW = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of three closed files and the one that is written."""
    return small(tmp_path / "audit", 20)


def test_old_files_go_and_the_journal_says_so(journal: Path) -> None:
    """What is left verifies from the first record that stayed on; the pruning is a note, with date and record."""
    last = segments.closed(str(journal))[-1][0]
    gone = prune(str(journal), NOW)
    assert [file.last for file in gone][-1] == last
    assert segments.closed(str(journal)) == []
    result = verify(str(journal))
    assert (result.words, result.start, [f.kind for f in result.findings]) == (UNANCHORED, last + 1, [NOTE])
    assert f"records 1 to {last} were pruned" in result.findings[0].text
    pin = pinned(journal)
    written(journal, 1)
    assert verify(str(journal), pin).words == INTACT


def test_a_file_that_another_prune_removes_meanwhile_is_passed_over(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at once are no fault of either: what is there is pruned, and the journal holds."""
    listed = segments.closed(str(journal))
    Path(listed[0][1]).unlink()
    monkeypatch.setattr(segments, "closed", lambda _: listed)
    assert [file.last for file in old_files(str(journal), NOW)] == [last for last, _ in listed[1:]]


def test_only_files_that_are_old_throughout_go(journal: Path) -> None:
    """Records of the time that is kept stay, and so do older ones in their file."""
    assert prune(str(journal), NOW - datetime.timedelta(days=2)) == []
    assert verify(str(journal)).findings == ()


def test_two_prunings_are_each_owned(journal: Path) -> None:
    """A later one covers what an earlier one said, whose record it may remove."""
    prune(str(journal), NOW)
    small(journal, 12)
    gone = prune(str(journal), NOW)
    assert gone
    result = verify(str(journal))
    assert (result.words, [f.kind for f in result.findings]) == (UNANCHORED, [NOTE])


def test_a_pin_of_a_pruned_record_cannot_tell(journal: Path) -> None:
    """It confirms nothing any more, and is not said to: a later pin is asked for. One at a file's end still does."""
    pin = pinned(journal)
    small(journal, 20)
    ends = segments.closed(str(journal))
    prune(str(journal), NOW)
    result = verify(str(journal), pin)
    assert pin.seq < ends[-1][0]
    assert (result.outcome, result.exit_code) == (UNKNOWN, 3)
    assert any("take a later pin" in finding.text for finding in result.findings)
    end = next(reader.records(str(journal)))
    first = (journal / FILE).read_bytes().split(b"\t")[2].decode()
    at_the_end = type(pin)(pin.journal, int(str(end["seq"])) - 1, first, pin.time)
    assert verify(str(journal), at_the_end).words == INTACT


def test_a_pruning_that_is_not_of_these_files_is_tampering(journal: Path) -> None:
    """What is left must go on from what was said to be pruned."""
    other = small(journal.parent / "other", 20)
    prune(str(journal), NOW)
    prune(str(other), NOW)
    shutil.copy(other / FILE, journal / FILE)
    assert verify(str(journal)).outcome in (TAMPERED, INCOMPLETE)


def test_files_that_vanished_are_not_excused_by_an_earlier_pruning(journal: Path) -> None:
    """Only what the record names is owned up to."""
    prune(str(journal), NOW)
    small(journal, 20)
    last, path = segments.closed(str(journal))[0]
    Path(path).unlink()
    result = verify(str(journal))
    assert result.outcome == INCOMPLETE
    assert any(f"to {last} are missing" in finding.text for finding in result.findings)


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_a_stopped_pruning_is_finished_by_the_next(journal: Path, monkeypatch: pytest.MonkeyPatch, stop: int) -> None:
    """Killed after its record, or between two files: nothing is tampered, and the next one removes the rest."""
    unlink, left = os.unlink, [stop]

    def stopping(path: str) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        unlink(path)

    monkeypatch.setattr(pruning.os, "unlink", stopping)
    with pytest.raises(KeyboardInterrupt):
        prune(str(journal), NOW)
    monkeypatch.undo()
    assert verify(str(journal)).words == UNANCHORED
    prune(str(journal), NOW)
    result = verify(str(journal))
    assert (result.words, segments.closed(str(journal))) == (UNANCHORED, [])


def test_no_record_no_pruning(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the pruning cannot be recorded nothing is removed."""
    (journal / "journal.lock").chmod(0o644)
    with pytest.raises(RecordError):
        prune(str(journal), NOW)
    assert len(segments.closed(str(journal))) >= 3


def test_what_is_not_understood_is_not_removed(journal: Path) -> None:
    """A file that does not end with the record in its name is for a reviewer."""
    last, path = segments.closed(str(journal))[0]
    Path(path).rename(segments.closed_path(str(journal), last - 1))
    with pytest.raises(GuardError, match="does not end with record"):
        old_files(str(journal), NOW)


def test_a_file_that_cannot_be_removed_is_an_expected_error(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, with the way on."""

    def refused(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pruning.os, "unlink", refused)
    with pytest.raises(GuardError, match="Permission denied"):
        prune(str(journal), NOW)


def test_missing_folder_is_an_expected_error(tmp_path: Path) -> None:
    """A wrong folder is named."""
    with pytest.raises(GuardError, match="No such file"):
        old_files(str(tmp_path / "none"), NOW)
