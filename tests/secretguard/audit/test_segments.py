from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.audit import head as heads
from secretguard.audit import journal as journals
from secretguard.audit import reader, segments
from secretguard.audit.journal import FILE, HEAD, Journal
from secretguard.audit.verify import INCOMPLETE, INTACT, NOTE, TAMPERED, UNANCHORED, verify
from secretguard.errors import RecordError
from tests.secretguard.audit.journals import lines, pinned, rechained, small, written
from tests.secretguard.audit.writers import spawn


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of three closed files and the one that is written."""
    directory = small(tmp_path / "audit", 20)
    assert len(segments.closed(str(directory))) >= 3
    return directory


def seqs(directory: Path) -> list[object]:
    return [record["seq"] for record in reader.records(str(directory))]


def numbers(directory: Path) -> list[object]:
    return [record["number"] for record in reader.records(str(directory)) if "number" in record]


def test_a_file_that_has_grown_is_closed_and_the_chain_goes_on(journal: Path) -> None:
    """Each closed file is named by its last record, the next begins with a record that names the journal."""
    found = list(reader.records(str(journal)))
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))
    assert numbers(journal) == list(range(20))
    first = lines(journal, oldest(journal))[0][-65:-1].decode()
    starts = [record for record in found if record["event"] == "journal:segment:started"]
    assert [start["journal"] for start in starts] == [first] * len(segments.closed(str(journal)))
    assert [segments.last_of(str(start["before"])) for start in starts] == [int(str(s["seq"])) - 1 for s in starts]
    assert (verify(str(journal)).words, verify(str(journal)).findings) == (UNANCHORED, ())
    assert verify(str(journal), pinned(journal)).words == INTACT


def oldest(directory: Path) -> str:
    return os.path.basename(segments.closed(str(directory))[0][1])


def test_closing_on_demand_begins_a_new_file(tmp_path: Path) -> None:
    """`audit rotate`: whatever its size, the file is closed; twice in a row closes a file of one record."""
    written(tmp_path, 1)
    Journal(str(tmp_path)).close_segment()
    assert [record["event"] for record in reader.records(str(tmp_path))][-1] == "journal:segment:started"
    Journal(str(tmp_path)).close_segment()
    written(tmp_path, 1)
    assert [last for last, _ in segments.closed(str(tmp_path))] == [2, 3]
    assert seqs(tmp_path) == [1, 2, 3, 4, 5]
    assert verify(str(tmp_path)).findings == ()


def test_closing_a_journal_that_does_not_exist_begins_one(tmp_path: Path) -> None:
    """There is nothing to close, and nothing goes wrong."""
    Journal(str(tmp_path)).close_segment()
    assert [record["event"] for record in reader.records(str(tmp_path))] == ["journal:file:started"]


STEPS = ("rename", "new file", "torn first record", "records without head")


@pytest.mark.parametrize("step", STEPS)
def test_a_writer_killed_at_any_step_of_closing_loses_and_forks_nothing(tmp_path: Path, step: str) -> None:
    """After the rename, after the new file, within its first record, before the head file: the next one goes on."""
    written(tmp_path, 3)
    head, before = heads.read(str(tmp_path / HEAD)), (tmp_path / HEAD).read_bytes()
    assert head is not None
    whole = shutil.copytree(tmp_path, tmp_path / "whole")
    Journal(str(whole)).close_segment()
    began = (whole / FILE).read_bytes()
    sizes = {STEPS[1]: [0], STEPS[2]: range(1, len(began)), STEPS[3]: [len(began)]}.get(step, [0])
    for size in sizes:
        directory = shutil.copytree(tmp_path, tmp_path / f"cut{size}", ignore=shutil.ignore_patterns("whole", "cut*"))
        (directory / FILE).rename(segments.closed_path(str(directory), head.seq))
        if step != STEPS[0]:
            (directory / FILE).write_bytes(began[:size])
            (directory / FILE).chmod(0o600)
        assert (directory / HEAD).read_bytes() == before
        assert verify(str(directory)).outcome != TAMPERED, (step, size)
        assert verify(str(directory)).words == UNANCHORED, (step, size, verify(str(directory)))
        written(directory, 1)
        result = verify(str(directory))
        assert result.words == UNANCHORED, (step, size, result)
        assert {finding.kind for finding in result.findings} <= {NOTE}
        assert seqs(directory) == list(range(1, result.records + 1))
        assert len(segments.closed(str(directory))) == 1


def test_a_closed_file_is_never_overwritten(tmp_path: Path) -> None:
    """Where the name is taken, the file grows on: evidence of whatever made that name stays."""
    written(tmp_path, 1)
    taken = Path(segments.closed_path(str(tmp_path), 2))
    taken.write_text("something else")
    Journal(str(tmp_path)).close_segment()
    assert taken.read_text() == "something else"
    written(tmp_path, 1)
    assert len(lines(tmp_path)) == 3


def test_every_truncation_of_any_file_is_incomplete(tmp_path: Path) -> None:
    """Wherever a closed file or the last one is cut off, it shows."""
    journal = small(tmp_path, 6, size=900)
    assert len(segments.closed(str(journal))) >= 2
    for path in sorted(journal.glob("*.jsonl")):
        whole = path.read_bytes()
        for size in range(len(whole)):
            path.write_bytes(whole[:size])
            result = verify(str(journal))
            assert result.outcome in (INCOMPLETE, TAMPERED), (path.name, size)
            assert result.exit_code in (1, 2), (path.name, size)
        path.write_bytes(whole)


def test_every_flipped_byte_of_any_file_is_tampered(tmp_path: Path) -> None:
    """Also in the fields, which the chain covers by their digest."""
    journal = small(tmp_path, 6, size=900)
    for path in sorted(journal.glob("*.jsonl")):
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
            last = at == len(whole) - 1  # a closed file without its last newline could as well be cut off
            assert verify(str(journal)).outcome == (INCOMPLETE if last and path.name != FILE else TAMPERED), (path, at)
        path.write_bytes(whole)


def test_a_file_that_vanished_is_incomplete(journal: Path) -> None:
    """First, middle or last: which records are missing is said."""
    for last, path in segments.closed(str(journal)):
        away = Path(path).rename(journal / "away")
        result = verify(str(journal))
        assert result.outcome == INCOMPLETE
        assert any(f"to {last} are missing" in finding.text for finding in result.findings)
        away.rename(path)
    (journal / FILE).unlink()
    assert verify(str(journal)).outcome == INCOMPLETE


def test_files_of_two_journals_are_not_one(journal: Path, tmp_path: Path) -> None:
    """A file of another journal in the place of one's own is tampering, also with fresh hashes inside."""
    other = small(tmp_path / "other", 20)
    last, path = segments.closed(str(journal))[1]
    Path(path).write_bytes(Path(segments.closed_path(str(other), last)).read_bytes())
    assert verify(str(journal)).outcome == TAMPERED


def test_renamed_swapped_and_repeated_files_are_seen(journal: Path) -> None:
    """A file's name says where it ends; the chain says what it follows."""
    (_, one), (two, second), *_ = segments.closed(str(journal))
    for change in (
        lambda: Path(second).rename(segments.closed_path(str(journal), two + 1)),
        lambda: shutil.copy(one, second),
        lambda: shutil.copy(second, segments.closed_path(str(journal), two + 1)),
    ):
        kept = {path: path.read_bytes() for path in journal.glob("*.jsonl")}
        change()
        assert verify(str(journal)).exit_code in (1, 2)
        for path in journal.glob("*.jsonl"):
            path.unlink()
        for path, data in kept.items():
            path.write_bytes(data)
    assert verify(str(journal)).findings == ()


def test_a_rewritten_closed_file_shows_only_against_a_pin(journal: Path) -> None:
    """Fresh hashes through all files and a fitting head: nothing inside tells, the pin does."""
    pin = pinned(journal)
    paths = [Path(path) for _, path in segments.closed(str(journal))] + [journal / FILE]
    raw = [line for path in paths for line in path.read_bytes().splitlines(keepends=True)]
    changed = rechained([raw[0].replace(b'"time":"2', b'"time":"3'), *raw[1:]], 0)
    first = changed[0][-65:-1]
    changed = rechained([line.replace(raw[0][-65:-1], first) for line in changed], 0)
    at = 0
    for path in paths:
        count = len(path.read_bytes().splitlines())
        path.write_bytes(b"".join(changed[at : at + count]))
        at += count
    heads.write(
        str(journal / HEAD),
        heads.Head(len(changed), changed[-1][-65:-1].decode(), (journal / FILE).stat().st_size),
    )
    assert verify(str(journal)).words == UNANCHORED
    assert verify(str(journal), pin).outcome == TAMPERED


def test_a_lost_newest_file_goes_on_after_the_last_closed_one(journal: Path) -> None:
    """What was lost is recorded; what is left is not begun anew."""
    last = segments.closed(str(journal))[-1][0]
    (journal / FILE).unlink()
    written(journal, 1)
    assert seqs(journal) == list(range(1, last + 4))
    found = [record["event"] for record in reader.records(str(journal))][-3:]
    assert found == ["journal:segment:started", "journal:head:mismatch", "guard:command:allowed"]
    assert verify(str(journal)).outcome == INCOMPLETE


def test_full_disk_while_closing_refuses_and_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rename has happened, the first record does not fit: refused, counted, and made good by the next."""
    written(tmp_path, 2)
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(
            journals.os, "write", lambda fd, data: write(fd, data[:40]) if len(data) > 40 else write(fd, data)
        )
        with pytest.raises(RecordError, match="in part"):
            Journal(str(tmp_path), segment_bytes=1).append("guard:read:denied", {})
    written(tmp_path, 1)
    events = [record["event"] for record in reader.records(str(tmp_path))][-4:]
    assert events[:3] == ["journal:segment:started", "journal:tail:torn", "journal:record:missing"]
    result = verify(str(tmp_path))
    assert (result.outcome, [f.kind for f in result.findings]) == (INCOMPLETE, [NOTE, INCOMPLETE])


def test_sixty_four_writers_at_once_close_files_and_lose_nothing(tmp_path: Path) -> None:
    """Every record is there once, in each writer's own order, although files are closed all the time."""
    processes = [spawn(tmp_path, writer, 10, "allowed", 4000, 60) for writer in range(64)]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    result = verify(str(tmp_path))
    closed = len(segments.closed(str(tmp_path)))
    assert (result.words, result.findings, result.records) == (UNANCHORED, (), 64 * 10 + 1 + closed)
    for writer in range(64):
        found = [r["number"] for r in reader.records(str(tmp_path)) if r.get("writer") == writer]
        assert found == list(range(10))


@pytest.mark.slow
def test_killed_writers_lose_no_acknowledged_record_while_files_are_closed(tmp_path: Path) -> None:
    """120 writers killed at any moment, a file closed every few records: no acknowledged record is lost."""
    acknowledged: dict[object, int] = {}
    for round_ in range(30):
        writers = {round_ * 4 + n: spawn(tmp_path, round_ * 4 + n, -1, "allowed", 4000, 60) for n in range(4)}
        for writer, process in writers.items():
            assert process.stdout is not None
            for _ in range(1 + writer % 5):
                process.stdout.readline()
        for writer, process in writers.items():
            process.kill()
            acknowledged[writer] = len(process.communicate(timeout=60)[0].split()) + 1 + writer % 5
    written(tmp_path, 1)
    result = verify(str(tmp_path))
    assert result.words == UNANCHORED, result.findings
    counts: dict[object, int] = {}
    for record in reader.records(str(tmp_path)):
        counts[record.get("writer")] = counts.get(record.get("writer"), 0) + 1
    assert len(acknowledged) == 120
    assert all(counts.get(writer, 0) >= number for writer, number in acknowledged.items())


@pytest.mark.parametrize("name", ["journal-.jsonl", "journal-1.jsonl", "journal-00000000000x.jsonl", "journal-0.jsonl"])
def test_other_files_of_the_folder_are_none_of_the_journal(tmp_path: Path, name: str) -> None:
    """Only what a writer names is read."""
    written(tmp_path, 1)
    (tmp_path / name).write_text("x")
    assert segments.closed(str(tmp_path)) == []
    assert segments.last_of(name) is None


def test_a_file_closed_while_it_is_opened_is_read_once(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between opening the newest file and listing the closed ones, a writer may close it."""
    listed: Callable[[str], list[str]] = os.listdir
    expected = seqs(journal)

    def closing(directory: str) -> list[str]:
        monkeypatch.setattr(os, "listdir", listed)
        Journal(str(journal)).close_segment()
        written(journal, 2)
        Journal(str(journal)).close_segment()
        return listed(directory)

    monkeypatch.setattr(os, "listdir", closing)
    assert seqs(journal) == expected
