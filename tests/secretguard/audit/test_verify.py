from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from secretguard.audit.head import Head
from secretguard.audit.head import write as write_head
from secretguard.audit.journal import FILE, HEAD, LOCK, Journal
from secretguard.audit.line import GENESIS, columns, seal
from secretguard.audit.pin import Pin, make
from secretguard.audit.verify import INCOMPLETE, INTACT, MAX_FINDINGS, TAMPERED, UNANCHORED, UNKNOWN, Result, verify
from tests.secretguard.audit.journals import chained, lines, pinned, rechained, replace, written


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of nine records."""
    return written(tmp_path / "audit", 8)


def kinds(result: Result) -> set[str]:
    return {finding.kind for finding in result.findings}


def set_head(directory: Path) -> None:
    """Make the head file fit the journal, as a careful attacker would."""
    raw = lines(directory)
    write_head(str(directory / HEAD), Head(len(raw), raw[-1][-65:-1].decode(), sum(map(len, raw))))


def test_consistent_journal_without_a_pin_is_not_called_intact(journal: Path) -> None:
    """Consistency alone is no proof: the words say so, and the exit code is that of `cannot tell`."""
    result = verify(str(journal))
    assert (result.words, result.outcome, result.exit_code) == (UNANCHORED, UNKNOWN, 3)
    assert result.records == 9


def test_pinned_journal_is_intact_also_when_it_has_grown(journal: Path) -> None:
    """Records after the pin do not make the pinned ones less intact."""
    pin = pinned(journal)
    assert verify(str(journal), pin).words == INTACT
    written(journal, 3)
    result = verify(str(journal), pin)
    assert (result.words, result.exit_code, result.records) == (INTACT, 0, 12)


def test_every_truncation_is_incomplete(tmp_path: Path) -> None:
    """Wherever the end is cut off, in the first record, one in the middle or the last, the head file tells."""
    journal = written(tmp_path, 3)
    whole = (journal / FILE).read_bytes()
    for size in range(len(whole)):
        (journal / FILE).write_bytes(whole[:size])
        result = verify(str(journal))
        assert (result.outcome, result.exit_code) == (INCOMPLETE, 2), (size, result)


def test_every_flipped_byte_is_tampered(tmp_path: Path) -> None:
    """Whichever byte is changed, to whatever value tried, the journal is not accepted."""
    journal = written(tmp_path, 3)
    whole = (journal / FILE).read_bytes()
    for at in range(len(whole)):
        for change in (0x01, 0x20, 0x80):
            (journal / FILE).write_bytes(whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
            result = verify(str(journal))
            assert result.outcome == TAMPERED, (at, change, result)


def test_dropped_swapped_repeated_and_inserted_lines_are_tampered(journal: Path) -> None:
    """Each record has one place: removing, moving, repeating or adding one shows where."""
    raw = lines(journal)
    for at in range(len(raw) - 1):
        forged = seal(at + 2, "", "guard:read:allowed", "{}", raw[at][-65:-1].decode())[0]
        for changed in (
            raw[:at] + raw[at + 1 :],
            [*raw[:at], raw[at + 1], raw[at], *raw[at + 2 :]],
            [*raw[: at + 1], raw[at], *raw[at + 1 :]],
            [*raw[: at + 1], forged, *raw[at + 1 :]],
        ):
            replace(journal, changed)
            result = verify(str(journal))
            assert result.outcome == TAMPERED, (at, result)
            assert any(finding.line in (at + 1, at + 2, at + 3) for finding in result.findings)


def test_dropped_records_are_counted_in_words(journal: Path) -> None:
    """A reviewer reads which records are gone."""
    raw = lines(journal)
    replace(journal, raw[:3] + raw[5:])
    assert "records 4 to 5 are missing" in verify(str(journal)).findings[0].text


def test_line_of_another_journal_is_tampered(journal: Path, tmp_path: Path) -> None:
    """A genuine record of one journal cannot be spliced into another."""
    other = lines(written(tmp_path / "other", 8))
    raw = lines(journal)
    replace(journal, [*raw[:4], other[4], *raw[5:]])
    assert verify(str(journal)).outcome == TAMPERED


def test_rechaining_shows_only_against_a_pin(journal: Path) -> None:
    """Rewritten from record k on with good hashes and a fitting head: nothing inside tells, the pin does."""
    pin = pinned(journal)
    raw = lines(journal)
    for start in range(len(raw)):
        edited = [*raw[:start], raw[start].replace(b'"time":"2', b'"time":"3'), *raw[start + 1 :]]
        replace(journal, rechained(edited, start))
        set_head(journal)
        assert verify(str(journal)).words == UNANCHORED
        assert verify(str(journal), pin).outcome == TAMPERED, start


def test_old_copy_shows_only_against_a_pin(journal: Path, tmp_path: Path) -> None:
    """Yesterday's journal with yesterday's head file is consistent; the pin has seen more."""
    old = tmp_path / "old"
    shutil.copytree(journal, old)
    written(journal, 2)
    pin = pinned(journal)
    assert verify(str(old)).words == UNANCHORED
    result = verify(str(old), pin)
    assert (result.outcome, result.exit_code) == (INCOMPLETE, 2)
    assert "older copy" in result.findings[0].text


def test_cut_with_a_fitting_head_shows_only_against_a_pin(journal: Path) -> None:
    """Cutting the end and the head file together is caught by the pin."""
    pin = pinned(journal)
    replace(journal, lines(journal)[:-2])
    set_head(journal)
    assert verify(str(journal), pin).outcome == INCOMPLETE


def test_pin_of_another_journal_is_not_accepted(journal: Path, tmp_path: Path) -> None:
    """A journal that was replaced as a whole does not pass for the pinned one."""
    written(journal, 1)
    assert verify(str(journal), pinned(written(tmp_path / "other", 8))).outcome == TAMPERED


def test_growing_by_a_forged_tail_after_the_pin_is_not_claimed_to_show(journal: Path) -> None:
    """The honest boundary: after the last pin, whoever writes as this user writes the truth."""
    pin = pinned(journal)
    written(journal, 2)
    raw = lines(journal)
    replace(journal, rechained([*raw[:-1], raw[-1].replace(b"status", b"statux")], len(raw) - 1))
    set_head(journal)
    assert verify(str(journal), pin).outcome == INTACT


def test_head_file_of_another_record_is_tampered(journal: Path) -> None:
    """A head file that names a record the journal does not have at that place is a contradiction."""
    write_head(str(journal / HEAD), Head(9, "ab" * 32, (journal / FILE).stat().st_size))
    assert verify(str(journal)).outcome == TAMPERED


def test_missing_head_file_is_incomplete(journal: Path) -> None:
    """Without the head file a cut-off end would not show, so the answer cannot be better, pin or not."""
    pin = pinned(journal)
    (journal / HEAD).unlink()
    assert verify(str(journal), pin).outcome == INCOMPLETE


def test_torn_bytes_that_nobody_owned_up_to_are_tampered(journal: Path) -> None:
    """Bytes that are no record pass only when the record after them states their length and digest."""
    raw = lines(journal)
    replace(journal, [*raw[:4], b"torn\n", *raw[4:]])
    assert verify(str(journal)).outcome == TAMPERED
    replace(journal, raw)
    with (journal / FILE).open("ab") as file:
        file.write(b'{"v":1,"seq":10')
    written(journal, 1)
    assert verify(str(journal)).words == UNANCHORED
    replace(journal, [line.replace(b'{"v":1,"seq":10\n', b'{"v":1,"seq":11\n') for line in lines(journal)])
    assert verify(str(journal)).outcome == TAMPERED


def test_torn_bytes_that_were_taken_out_are_missed(journal: Path) -> None:
    """The record that owns up to them stays behind, in a closed file, too, where no head file knows the size."""
    with (journal / FILE).open("ab") as file:
        file.write(b'{"v":1,"seq":10')
    written(journal, 1)
    Journal(str(journal)).close_segment()
    (closed,) = journal.glob("journal-*.jsonl")
    assert verify(str(journal)).words == UNANCHORED
    closed.write_bytes(closed.read_bytes().replace(b'{"v":1,"seq":10\n', b""))
    result = verify(str(journal))
    assert result.outcome == TAMPERED
    assert "they were taken out" in result.findings[0].text


def test_torn_end_without_loss_is_a_note(journal: Path) -> None:
    """A writer that was killed just now lost nothing that had been acknowledged."""
    with (journal / FILE).open("ab") as file:
        file.write(b'{"v":1,"seq":10')
    result = verify(str(journal))
    assert (result.words, kinds(result)) == (UNANCHORED, {"note"})


def test_gap_before_a_pin_is_known_to_who_pinned(journal: Path) -> None:
    """A recorded gap makes the journal incomplete until a person has pinned it with the gap in it."""
    (journal / "journal.missed").write_bytes(b"..")
    written(journal, 1)
    assert verify(str(journal)).outcome == INCOMPLETE
    raw = lines(journal)
    pin = make(raw[0][-65:-1].decode(), len(raw), raw[-1][-65:-1].decode())
    result = verify(str(journal), pin)
    assert (result.outcome, kinds(result)) == (INTACT, {"note"})


def test_chained_garbage_is_tampered(tmp_path: Path) -> None:
    """Good hashes over something that no writer of this program makes are not enough."""
    good = seal(1, "", "journal:file:started", "{}", GENESIS)[0].split(b"\t")[0]
    for envelope, fields in (
        (seal(1, "", "guard:read:allowed", "{}", GENESIS)[0].split(b"\t")[0], b"{}"),
        (good.replace(b'"journal:file:started"', b'["journal:head:mismatch"]'), b"{}"),
        (good, b"{} {}"),
        (good, b'{"x":'),
        (good, b"[]"),
        (good, b'{"x":' + b"[" * 20_000),
        (good + b" {}", b"{}"),
        (good.replace(b'"event"', b'"x"'), b"{}"),
        (good.replace(b'"v":2', b'"v":1'), b"{}"),
        (b'{"v":2,"seq":1,"time":"' + b"[" * 20_000, b"{}"),
    ):
        replace(tmp_path, chained([(envelope, fields)]))
        set_head(tmp_path)
        assert verify(str(tmp_path)).outcome == TAMPERED, (envelope, fields)


def test_newer_format_cannot_be_told(journal: Path) -> None:
    """A journal of a later version is not called tampered by a program that cannot read it."""
    raw = [line.replace(b'{"v":2,', b'{"v":3,') for line in lines(journal)]
    replace(journal, rechained(raw, 0))
    set_head(journal)
    result = verify(str(journal))
    assert (result.outcome, result.exit_code) == (UNKNOWN, 3)
    assert result.words != UNANCHORED


def test_nothing_to_read_cannot_be_told(tmp_path: Path, journal: Path) -> None:
    """No folder, no journal, an empty one: none of them is intact; a journal that is gone is incomplete."""
    assert verify(str(tmp_path / "none")).outcome == UNKNOWN
    pin = pinned(journal)
    assert verify(str(tmp_path / "none"), pin).outcome == INCOMPLETE
    (journal / FILE).unlink()
    assert verify(str(journal)).outcome == INCOMPLETE
    (journal / FILE).mkdir()
    assert verify(str(journal)).outcome == UNKNOWN


def test_copy_without_a_lock_file_can_be_verified(journal: Path) -> None:
    """What a reviewer is sent needs no lock file."""
    (journal / LOCK).unlink()
    assert verify(str(journal)).words == UNANCHORED


def test_findings_are_capped_and_the_worst_kind_is_kept(journal: Path) -> None:
    """A journal that is wrong on every line does not drown the reader, and the outcome does not depend on the cap."""
    written(journal, MAX_FINDINGS + 20)
    raw = lines(journal)
    replace(journal, [raw[0], *(line.replace(b"git", b"got") for line in raw[1:])])
    (journal / HEAD).unlink()
    result = verify(str(journal))
    assert len(result.findings) <= MAX_FINDINGS + 3
    assert kinds(result) == {TAMPERED, INCOMPLETE}


def test_random_edits_never_pass_against_a_pin(journal: Path) -> None:
    """300 random edits of all sorts, hashes made good or not: none is called intact, none ends in an exception."""
    pin: Pin = pinned(journal)
    raw = lines(journal)
    chance = random.Random(6962)
    for _ in range(300):
        changed = list(raw)
        at = chance.randrange(len(raw))
        line = bytearray(changed[at])
        for _ in range(chance.randint(1, 4)):
            line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
        changed[at] = bytes(line)
        if columns(changed[at][:-1]) and chance.random() < 0.5 and changed[at].isascii():
            changed = rechained(changed, at)
        replace(journal, changed)
        if changed != raw:
            assert verify(str(journal), pin).outcome == TAMPERED


def test_result_is_the_same_while_writers_go_on(journal: Path) -> None:
    """A verifier beside a writer sees a state between two appends, never half of one."""
    writer = Journal(str(journal))
    for _ in range(30):
        writer.append("guard:read:allowed", {"n": 1})
        assert verify(str(journal)).findings == ()


def test_record_is_json_that_any_tool_reads(journal: Path) -> None:
    """The first two columns of each line are one JSON object each."""
    for line in lines(journal):
        assert json.loads(line.split(b"\t")[0])["v"] == 2
        assert json.loads(line.split(b"\t")[1])["salt"]
