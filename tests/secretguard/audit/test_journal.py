from __future__ import annotations

import fcntl
import json
import os
import random
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.audit import reader
from secretguard.audit.fields import RESERVED
from secretguard.audit.head import Head, read
from secretguard.audit.journal import FILE, HEAD, LOCK, MAX_RECORD, MISSED, Journal, user_journal
from secretguard.audit.verify import UNANCHORED, verify
from secretguard.errors import RecordError
from secretguard.secret import Secret
from tests.secretguard.audit.journals import lines, written
from tests.secretguard.audit.writers import spawn


def events(directory: Path) -> list[str]:
    return [str(record["event"]) for record in reader.records(str(directory))]


def test_first_append_starts_a_private_journal(tmp_path: Path) -> None:
    """The folder is 0700, the files 0600, and the first record says format, host and user."""
    directory = written(tmp_path / "audit", 1)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    first = next(reader.records(str(directory)))
    assert (first["event"], first["format"], first["uid"]) == ("journal:file:started", 2, os.getuid())


def test_record_has_its_envelope_first(tmp_path: Path) -> None:
    """Version, number, UTC time in milliseconds and event come before the fields, in this order."""
    Journal(str(tmp_path)).append("guard:read:denied", {"path": "/etc/shadow"})
    record = list(reader.records(str(tmp_path)))[1]
    assert list(record) == ["v", "seq", "time", "event", "path"]
    assert len(str(record["time"])) == 24
    assert str(record["time"]).endswith("Z")


def test_user_journal_is_in_the_state_folder(own_home: Path) -> None:
    """This user's journal lies where the state of this user lies."""
    user_journal().append("guard:read:allowed", {})
    assert (own_home / "state" / "audit" / FILE).exists()


def test_unknown_event_and_forged_envelope_are_refused(tmp_path: Path) -> None:
    """Only the vocabulary's events are recorded, and no field can pass for the envelope."""
    journal = Journal(str(tmp_path))
    with pytest.raises(RecordError, match="vocabulary"):
        journal.append("guard:read:forgotten", {})
    for name in RESERVED:
        with pytest.raises(RecordError, match="may not be named"):
            journal.append("guard:read:denied", {name: 1})


@pytest.mark.parametrize("value", [Secret("made-up"), float("nan"), float("inf"), b"x", {1, 2}, object()])
def test_what_is_not_json_is_refused_without_showing_it(tmp_path: Path, value: object) -> None:
    """A secret or another non-JSON value never reaches the record, nor the message."""
    with pytest.raises(RecordError) as caught:
        Journal(str(tmp_path)).append("guard:read:denied", {"value": value})
    assert "made-up" not in str(caught.value)


def test_deep_and_cyclic_fields_are_refused(tmp_path: Path) -> None:
    """Nesting without end is a refused record, not a crash."""
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(RecordError):
        Journal(str(tmp_path)).append("guard:read:denied", {"value": cycle})


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=60), max_size=4))
def test_no_text_can_forge_a_line(tmp_path_factory: pytest.TempPathFactory, fields: dict[str, str]) -> None:
    """Newlines, tabs, control characters and lone surrogates come back as they were, on one line of ASCII."""
    for name in RESERVED:
        fields.pop(name, None)
    directory = tmp_path_factory.mktemp("j")
    Journal(str(directory)).append("guard:read:allowed", dict(fields))
    raw = lines(directory)
    assert len(raw) == 2
    assert raw[1].isascii()
    record = json.loads(raw[1].split(b"\t")[1])
    assert {key: value for key, value in record.items() if key != "salt"} == fields
    assert verify(str(directory)).words == UNANCHORED


def test_oversized_field_becomes_length_and_digest(tmp_path: Path) -> None:
    """A field that is too large is replaced, the others stay, and the record keeps its cap."""
    Journal(str(tmp_path)).append("guard:read:denied", {"path": "/x", "text": "y" * 100_000})
    record = list(reader.records(str(tmp_path)))[1]
    assert record["path"] == "/x"
    assert record["text"] == {"omitted_bytes": 100_002, "sha256": record["text"]["sha256"]}  # type: ignore[index]
    assert all(len(line.split(b"\t")[1]) <= MAX_RECORD for line in lines(tmp_path))


def test_too_many_fields_are_refused(tmp_path: Path) -> None:
    """A record whose names alone are too large is refused, not cut."""
    with pytest.raises(RecordError, match="too many fields"):
        Journal(str(tmp_path)).append("guard:read:denied", {f"field{n}": "x" for n in range(5000)})


def test_head_names_the_last_record(tmp_path: Path) -> None:
    """After each append, the head file has number, hash and size of what was written last."""
    written(tmp_path, 3)
    head = read(str(tmp_path / HEAD))
    assert head is not None
    assert (head.seq, head.size) == (4, (tmp_path / FILE).stat().st_size)
    assert lines(tmp_path)[-1].endswith(f"{head.hash}\n".encode())


def test_every_truncation_is_marked_and_nothing_is_cut(tmp_path: Path) -> None:
    """At whatever byte a crash or an attacker ends the file, the next append keeps what is there and says so."""
    written(tmp_path, 3)
    whole, head = (tmp_path / FILE).read_bytes(), (tmp_path / HEAD).read_bytes()
    for size in range(len(whole)):
        (tmp_path / FILE).write_bytes(whole[:size])
        (tmp_path / HEAD).write_bytes(head)
        Journal(str(tmp_path)).append("guard:read:allowed", {})
        assert (tmp_path / FILE).read_bytes().startswith(whole[:size]), size
        result = verify(str(tmp_path))
        assert result.outcome == "incomplete", (size, result)
        assert any("cut off, replaced or lost" in finding.text for finding in result.findings), size


def test_crash_before_the_head_was_written_is_made_good(tmp_path: Path) -> None:
    """A record that is in the journal, but not yet in the head file, is counted by the next writer: nothing is lost."""
    written(tmp_path, 2)
    behind = (tmp_path / HEAD).read_bytes()
    written(tmp_path, 1)
    (tmp_path / HEAD).write_bytes(behind)
    written(tmp_path, 1)
    result = verify(str(tmp_path))
    assert (result.words, result.records, result.findings) == (UNANCHORED, 5, ())


def test_every_torn_write_is_marked_and_the_chain_goes_on(tmp_path: Path) -> None:
    """However much of a record a killed writer got out, all acknowledged records stay and follow each other."""
    written(tmp_path, 2)
    before, head = (tmp_path / FILE).read_bytes(), (tmp_path / HEAD).read_bytes()
    written(tmp_path, 1)
    record = (tmp_path / FILE).read_bytes()[len(before) :]
    for size in range(len(record) + 1):
        (tmp_path / FILE).write_bytes(before + record[:size])
        (tmp_path / HEAD).write_bytes(head)
        written(tmp_path, 1)
        result = verify(str(tmp_path))
        assert result.words == UNANCHORED, (size, result)
        whole = size >= len(record) - 1  # without its newline it is a whole record
        assert ("journal:tail:torn" in events(tmp_path)) is (size > 0 and not whole), size
        assert result.records == (4 if size == 0 else 5), size


def test_marker_that_was_torn_itself_is_covered_by_the_next(tmp_path: Path) -> None:
    """A writer killed while marking a torn line leaves more torn bytes; the next marker owns up to all of them."""
    written(tmp_path, 2)
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"v":1,"seq":4,"ti\n{"v":1,"seq":4,"time":"2026')
    written(tmp_path, 1)
    result = verify(str(tmp_path))
    assert result.words == UNANCHORED
    assert [finding.kind for finding in result.findings] == ["note"]


def test_missing_and_damaged_head_files_are_recorded(tmp_path: Path) -> None:
    """A head file that went missing leaves a trace: without it, a cut-off end would not have shown."""
    for damage in (None, b"x"):
        directory = written(tmp_path / str(damage), 2)
        (directory / HEAD).unlink()
        if damage:
            (directory / HEAD).write_bytes(damage)
            (directory / HEAD).chmod(0o600)
        written(directory, 1)
        assert "journal:head:mismatch" in events(directory)
        assert verify(str(directory)).outcome == "incomplete"


def test_removed_journal_is_recorded_in_the_new_one(tmp_path: Path) -> None:
    """Deleting the journal does not give a clean start: the head file remembers."""
    written(tmp_path, 3)
    (tmp_path / FILE).unlink()
    written(tmp_path, 1)
    assert events(tmp_path)[:2] == ["journal:file:started", "journal:head:mismatch"]
    assert verify(str(tmp_path)).outcome == "incomplete"


def test_held_lock_is_a_refused_record_within_its_deadline(tmp_path: Path) -> None:
    """A writer that never lets go cannot hold others for ever; what was not recorded is counted later."""
    written(tmp_path, 1)
    with (tmp_path / LOCK).open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for _ in range(2):
            with pytest.raises(RecordError, match="has held"):
                Journal(str(tmp_path), lock_seconds=0.05).append("guard:read:denied", {})
    written(tmp_path, 1)
    missing = next(r for r in reader.records(str(tmp_path)) if r["event"] == "journal:record:missing")
    assert missing["count"] == 2
    assert not (tmp_path / MISSED).exists()
    assert verify(str(tmp_path)).outcome == "incomplete"


@pytest.mark.parametrize("name", [FILE, LOCK])
def test_files_that_are_not_private_are_refused(tmp_path: Path, name: str) -> None:
    """A journal that others may read or a link in its place is no place for a record."""
    written(tmp_path, 1)
    (tmp_path / name).chmod(0o644)
    with pytest.raises(RecordError, match="private"):
        Journal(str(tmp_path)).append("guard:read:denied", {})
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecordError):
        Journal(str(tmp_path)).append("guard:read:denied", {})
    assert not (tmp_path / "elsewhere").exists()


def test_directory_writable_by_others_is_refused(tmp_path: Path) -> None:
    """Who may write the folder may replace the journal."""
    directory = written(tmp_path / "audit", 1)
    directory.chmod(0o777)
    with pytest.raises(RecordError, match="not private"):
        Journal(str(directory)).append("guard:read:denied", {})


def test_sixteen_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Sixteen processes append to one journal; every record is there once, in each writer's own order."""
    writers = [spawn(tmp_path, writer, 25) for writer in range(16)]
    for process in writers:
        process.communicate(timeout=120)
        assert process.returncode == 0
    result = verify(str(tmp_path))
    assert (result.words, result.findings, result.records) == (UNANCHORED, (), 16 * 25 + 1)
    for writer in range(16):
        numbers = [r["number"] for r in reader.records(str(tmp_path)) if r.get("writer") == writer]
        assert numbers == list(range(25))


@pytest.mark.slow
def test_killed_writers_lose_no_acknowledged_record(tmp_path: Path) -> None:
    """200 writers killed at any moment while others write: each acknowledged record is there, no chain break."""
    acknowledged: dict[int, int] = {}
    chance = random.Random(20)
    for round_ in range(50):
        writers = {round_ * 4 + n: spawn(tmp_path, round_ * 4 + n, -1, "allowed") for n in range(4)}
        for process in writers.values():
            assert process.stdout is not None
            process.stdout.readline()  # it has begun
        time.sleep(chance.random() * 0.02)
        for writer, process in writers.items():
            process.kill()
            output = process.communicate(timeout=60)[0].split()
            acknowledged[writer] = len(output) + 1
    written(tmp_path, 1)
    result = verify(str(tmp_path))
    assert result.words == UNANCHORED, result.findings
    counts: dict[object, int] = {}
    for record in reader.records(str(tmp_path)):
        counts[record.get("writer")] = counts.get(record.get("writer"), 0) + 1
    assert len(acknowledged) == 200
    assert all(counts.get(writer, 0) >= number for writer, number in acknowledged.items())


def test_fresh_head_stands_for_an_empty_journal() -> None:
    """What the first record follows is sixty-four zeros at size zero."""
    assert Head().fields() == {"seq": 0, "hash": "0" * 64, "size": 0}
