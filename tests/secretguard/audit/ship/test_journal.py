"""The journal as a source: every record once and in order, across its files; never a wrong cursor."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secretguard.audit.erase import erase
from secretguard.audit.journal import FILE, Journal
from secretguard.audit.prune import prune
from secretguard.audit.ship.batch import Batch
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.journal import METHOD, JournalSource
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import written
from tests.secretguard.audit.ocsf_schema import faults

START = Cursor()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Twenty-one records: the journal's first and twenty."""
    return written(tmp_path / "audit", 20)


def batches(journal: Path, cursor: Cursor = START, limit: int = 500) -> list[Batch]:
    """What there is after `cursor`."""
    return list(JournalSource(str(journal)).batches(cursor, limit))


def numbers(found: list[Batch]) -> list[int]:
    """The journal's numbers of the records, as they come."""
    return [event.number for batch in found for event in batch.events]


def documents(found: list[Batch]) -> list[dict[str, Any]]:
    """The events as a receiver reads them."""
    return [json.loads(line) for batch in found for line in batch.lines.splitlines()]


def test_batches_are_bounded_and_go_on_where_the_last_ended(journal: Path) -> None:
    """However long the journal, only a batch is held; a cursor in the middle is as good as the beginning."""
    found = batches(journal, limit=4)
    assert [len(batch.events) for batch in found] == [4, 4, 4, 4, 4, 1]
    assert numbers(found) == list(range(1, 22))
    assert numbers(batches(journal, found[2].cursor)) == list(range(13, 22))
    assert batches(journal, found[-1].cursor) == []


def test_large_records_make_small_batches(tmp_path: Path) -> None:
    """A batch has a size, too: receivers refuse requests that are too long."""
    journal = Journal(str(tmp_path / "audit"))
    for _ in range(40):
        journal.append("guard:command:denied", {"command": "x" * 20_000})
    found = batches(tmp_path / "audit")
    assert numbers(found) == list(range(1, 42))
    assert len(found) > 1
    assert all(len(batch.lines) <= 1 << 20 for batch in found)


def test_a_receiver_can_check_the_chain_on_its_own(journal: Path) -> None:
    """From the events alone: each digest is of the text beside it and the digest before; one edited record shows."""
    events = documents(batches(journal))
    assert all(faults(event) == [] for event in events)

    def intact(received: list[dict[str, Any]]) -> bool:
        before = "0" * 64
        for event in received:
            (proof,) = event["attestation_list"]
            told = proof.get("prev_event", {}).get("fingerprint", {}).get("value", "0" * 64)
            own = hashlib.sha256((before + event["raw_data"].split("\t")[0]).encode()).hexdigest()
            if (told, own) != (before, proof["fingerprint"]["value"]):
                return False
            before = own
        return True

    assert intact(events)
    assert {event["attestation_list"][0]["fingerprint"]["serialization"] for event in events} == {METHOD}
    assert not intact([*events[:3], *events[4:]])
    events[5]["raw_data"] = events[5]["raw_data"].replace('"seq":6', '"seq":7')
    assert not intact(events)


def test_the_fields_are_covered_by_their_digest(journal: Path) -> None:
    """The envelope, which is chained, states the digest of the rest of `raw_data`."""
    for event in documents(batches(journal)):
        envelope, fields = event["raw_data"].split("\t")
        assert json.loads(envelope)["fields"] == hashlib.sha256(fields.encode()).hexdigest()


def test_files_that_were_closed_are_read_first(tmp_path: Path) -> None:
    """Across three files; and a cursor into a file that was closed since is still where it was."""
    folder = tmp_path / "audit"
    journal = Journal(str(folder))
    found: list[Batch] = []
    cursor = Cursor()
    for _ in range(3):
        for number in range(5):
            journal.append("guard:command:denied", {"command": f"{number}"})
            new = batches(folder, cursor, 2)
            found, cursor = [*found, *new], new[-1].cursor
        journal.close_segment()
    everything = numbers(batches(folder))
    assert numbers(found + batches(folder, cursor)) == everything == list(range(1, len(everything) + 1))
    assert len(list(folder.glob("*.jsonl"))) == 4
    assert len({event["metadata"]["log_name"] for event in documents(batches(folder))}) == 1


def test_a_file_that_is_closed_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    """What was opened stays what it is; the rest comes the next time."""
    folder = written(tmp_path / "audit", 10)
    going = JournalSource(str(folder)).batches(Cursor(), 4)
    first = next(going)
    Journal(str(folder)).close_segment()
    Journal(str(folder)).append("guard:command:denied", {})
    rest = list(going)
    found = [first, *rest]
    assert numbers(found + batches(folder, rest[-1].cursor)) == list(range(1, 14))


def test_pruned_records_are_counted(tmp_path: Path) -> None:
    """The cursor's own record is gone with the file that held it: what is left comes; how many were lost is said."""
    folder = tmp_path / "audit"
    journal = Journal(str(folder))
    for _ in range(3):
        journal.append("guard:command:denied", {})
    cursor = batches(folder)[-1].cursor
    for _ in range(2):
        journal.close_segment()
        journal.append("guard:command:denied", {})
    closed = sorted(folder.glob("journal-*.jsonl"))
    lost = 6 - cursor.number
    for path in closed[:2]:
        path.unlink()
    found = batches(folder, cursor, 1)
    assert numbers(found) == [7, 8]
    assert [batch.lost for batch in found] == [lost, 0]
    assert cursor.number == 4


def test_what_the_commands_prune_and_erase_is_told_from_a_break(tmp_path: Path) -> None:
    """`audit prune` before it was sent: counted. `audit erase`: the record comes without its words, the chain holds."""
    folder = tmp_path / "audit"
    journal = Journal(str(folder))
    journal.append("guard:command:denied", {"command": "git push", "session_id": "gone"})
    cursor = batches(folder, limit=1)[0].cursor
    journal.close_segment()
    journal.append("guard:command:denied", {"command": "git pull", "session_id": "gone"})
    erase(str(folder), "gone", "request 17")
    prune(str(folder), datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1))
    (found,) = batches(folder, cursor)
    assert found.lost == 1
    told = documents([found])
    assert [event["metadata"]["sequence"] for event in told] == list(range(3, 3 + len(told)))
    assert {"journal:record:erased", "journal:segment:pruned"} <= {event["metadata"]["event_code"] for event in told}
    assert [fault for event in told for fault in faults(event)] == []
    erased = next(event for event in told if event["metadata"]["event_code"] == "guard:command:denied")
    assert "git pull" not in json.dumps(erased)
    for before, after in itertools.pairwise(told):
        (first,), (second,) = before["attestation_list"], after["attestation_list"]
        assert second["prev_event"]["fingerprint"]["value"] == first["fingerprint"]["value"]


def test_nothing_is_lost_where_only_sent_records_were_pruned(tmp_path: Path) -> None:
    """The next record is the first that is left."""
    folder = written(tmp_path / "audit", 3)
    cursor = batches(folder)[-1].cursor
    Journal(str(folder)).close_segment()
    next(folder.glob("journal-*.jsonl")).unlink()
    (found,) = batches(folder, cursor)
    assert (found.lost, found.events[0].number) == (0, cursor.number + 1)


def test_a_copied_journal_is_found_again_by_its_records(journal: Path, tmp_path: Path) -> None:
    """Restored from a backup its files have other inodes; the cursor's record is in them all the same."""
    cursor = batches(journal, limit=9)[0].cursor
    data = (journal / FILE).read_bytes()
    (journal / "copy").write_bytes(data)
    os.replace(journal / "copy", journal / FILE)
    assert numbers(batches(journal, cursor)) == list(range(10, 22))


def test_what_is_being_written_is_left_for_the_next_time(journal: Path) -> None:
    """A line without its end is no record yet; torn bytes that a later writer closed are passed over."""
    whole = (journal / FILE).read_bytes()
    (journal / FILE).write_bytes(whole[:-30])
    first = batches(journal)
    assert numbers(first) == list(range(1, 21))
    Journal(str(journal)).append("guard:command:denied", {})
    names = [event.name for batch in batches(journal, first[-1].cursor) for event in batch.events]
    assert names.count("journal:tail:torn") == 1
    assert names[-1] == "guard:command:denied"


@pytest.mark.parametrize("put", [b"\xc3\xa9", b"\xff", b"\\ud800", b"\x00", b"\t"])
def test_a_line_that_somebody_else_wrote_stops_nothing(put: bytes, journal: Path) -> None:
    """Edited into something that no writer of ours makes: what is a record goes out as it is, what follows comes."""
    data = (journal / FILE).read_bytes()
    (journal / FILE).write_bytes(data.replace(b"git status 7", b"git status " + put))
    found = batches(journal)
    assert {*range(1, 22)} - {9} <= set(numbers(found)) <= {*range(1, 22)}
    assert [fault for event in documents(found) for fault in faults(event)] == []


def shortened(journal: Path) -> None:
    (journal / FILE).write_bytes((journal / FILE).read_bytes()[:500])


def replaced(journal: Path) -> None:
    for file in journal.iterdir():
        file.unlink()
    written(journal, 40)


def edited(journal: Path) -> None:
    data = (journal / FILE).read_bytes()
    (journal / FILE).write_bytes(data[:-3] + b"00\n")


@pytest.mark.parametrize("change", [shortened, replaced, edited])
def test_a_cursor_of_another_journal_is_refused(change: Callable[[Path], None], journal: Path) -> None:
    """A journal that was replaced, cut off or changed at the cursor is no place to go on silently."""
    cursor = batches(journal)[-1].cursor
    change(journal)
    with pytest.raises(ConfigError, match="audit verify"):
        batches(journal, cursor)


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    """A wrong folder is no empty export."""
    with pytest.raises(ConfigError, match="--journal"):
        batches(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="--journal"):
        batches(tmp_path / "empty")
