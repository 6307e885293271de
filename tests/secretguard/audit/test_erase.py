from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.audit import erase as erasing
from secretguard.audit import reader, segments
from secretguard.audit import verify as verifying
from secretguard.audit.erase import erase
from secretguard.audit.head import Head
from secretguard.audit.head import write as write_head
from secretguard.audit.journal import FILE, HEAD
from secretguard.audit.line import GENESIS
from secretguard.audit.verify import INTACT, NOTE, TAMPERED, UNANCHORED, verify
from secretguard.errors import ConfigError, RecordError
from secretguard.keyed import sha256_hex
from tests.secretguard.audit.journals import lines, pinned, replace, small, written

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Records of the sessions s0, s1 and s2 in turn, in several files."""
    return small(tmp_path / "audit", 20)


def files(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.glob("*.jsonl")))


def test_a_session_is_gone_and_every_proof_stays(journal: Path) -> None:
    """Nothing of it is left on disk; numbers, times and events are; the pin from before still holds."""
    pin = pinned(journal)
    sizes = {path.name: path.stat().st_size for path in journal.glob("journal-*.jsonl")}
    done = erase(str(journal), "s1", "request 17")
    assert (done.count, done.stay) == (7, 0)
    assert b'"s1"' not in files(journal)
    assert b'"number":1,' not in files(journal)
    assert b'"number":2,' in files(journal) or b'"number":2}' in files(journal)
    assert {path.name: path.stat().st_size for path in journal.glob("journal-*.jsonl")} == sizes
    result = verify(str(journal), pin)
    assert (result.words, [f.kind for f in result.findings]) == (INTACT, [NOTE])
    assert "7 records were erased" in result.findings[0].text
    erased = [record for record in reader.records(str(journal)) if record.get("erased")]
    assert [set(record) for record in erased] == [{"v", "seq", "time", "event", "erased"}] * 7
    last = list(reader.records(str(journal)))[-1]
    assert (last["event"], last["reason"]) == ("journal:record:erased", "request 17")
    assert "s1" not in str(last["session_digest"])


def test_writers_go_on_behind_an_erasure(journal: Path) -> None:
    """The journal is not closed by it, nor disturbed: also after the head file was lost, which makes writers look."""
    erase(str(journal), "s1", "x")
    written(journal, 1)
    assert verify(str(journal)).words == UNANCHORED
    (journal / HEAD).unlink()
    written(journal, 1)
    found = list(reader.records(str(journal)))
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))
    assert "journal:tail:torn" not in [record["event"] for record in found]


def test_fields_that_nobody_erased_on_the_record_are_tampering(journal: Path) -> None:
    """Dashes alone are a hole: which record and that no erasure owns it is said. Other bytes are an edit."""
    raw = lines(journal)
    for filler in (b"-", b"x", b" "):
        envelope, fields, *rest = raw[-1].split(b"\t")
        replace(journal, [*raw[:-1], b"\t".join([envelope, filler * len(fields), *rest])])
        result = verify(str(journal))
        assert result.outcome == TAMPERED
        assert any(("no erasure owns" if filler == b"-" else "edited") in f.text for f in result.findings)


def test_an_erasure_owns_only_what_it_names(journal: Path) -> None:
    """Blanking one more record besides is not covered by it."""
    erase(str(journal), "s1", "x")
    for path in journal.glob("*.jsonl"):
        raw = lines(journal, path.name)
        for at, line in enumerate(raw):
            envelope, fields, *rest = line.split(b"\t")
            if fields.startswith(b"-"):
                continue
            blank = [*raw[:at], b"\t".join([envelope, b"-" * len(fields), *rest]), *raw[at + 1 :]]
            path.write_bytes(b"".join(blank))
            assert verify(str(journal)).outcome == TAMPERED, (path.name, at)
            path.write_bytes(b"".join(raw))


@pytest.mark.parametrize("stop", range(4))
def test_a_stopped_erasure_is_said_and_finished_by_the_next(
    journal: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    """Killed before, between or within two records: a note, not tampering; erasing again leaves nothing."""
    pwrite, left = os.pwrite, [stop]

    def stopping(fd: int, data: bytes, offset: int) -> int:
        if not left[0]:
            pwrite(fd, data[: stop * 7], offset)
            raise KeyboardInterrupt
        left[0] -= 1
        return pwrite(fd, data, offset)

    monkeypatch.setattr(erasing.os, "pwrite", stopping)
    with pytest.raises(KeyboardInterrupt):
        erase(str(journal), "s1", "x")
    monkeypatch.undo()
    result = verify(str(journal))
    assert (result.words, {f.kind for f in result.findings}) == (UNANCHORED, {NOTE})
    assert any("erasure was stopped" in f.text for f in result.findings)
    erase(str(journal), "s1", "x")
    result = verify(str(journal))
    assert b'"s1"' not in files(journal)
    assert not any("erasure was stopped" in f.text for f in result.findings), result
    assert result.words == UNANCHORED


def test_a_partly_blank_record_that_nobody_owns_is_not_finished(journal: Path) -> None:
    """An erasure never makes somebody's tampering respectable."""
    raw = lines(journal)
    envelope, fields, *rest = raw[-1].split(b"\t")
    replace(journal, [*raw[:-1], b"\t".join([envelope, b"--" + fields[2:], *rest])])
    erase(str(journal), "s1", "x")
    assert verify(str(journal)).outcome == TAMPERED


def test_no_record_no_erasure(journal: Path) -> None:
    """Where the erasure cannot be recorded nothing is erased."""
    before = files(journal)
    (journal / "journal.lock").chmod(0o644)
    with pytest.raises(RecordError):
        erase(str(journal), "s1", "x")
    assert files(journal) == before


def test_records_of_the_first_format_stay_and_are_counted(tmp_path: Path) -> None:
    """They have no digest of their fields: only pruning their file removes them."""
    bodies = [
        '{"v":1,"seq":1,"time":"2026-01-01T00:00:00.000Z","event":"journal:file:started"}',
        '{"v":1,"seq":2,"time":"2026-01-01T00:00:00.000Z","event":"guard:read:allowed","session_id":"s1"}',
    ]
    prev, raw = GENESIS, []
    for body in bodies:
        own = sha256_hex((prev + body).encode())
        raw.append(f"{body}\t{prev}\t{own}\n".encode())
        prev = own
    tmp_path.chmod(0o700)
    replace(tmp_path, raw)
    (tmp_path / FILE).chmod(0o600)
    write_head(str(tmp_path / HEAD), Head(2, prev, sum(map(len, raw))))
    small(tmp_path, 3)
    done = erase(str(tmp_path), "s1", "x")
    assert (done.count, done.stay) == (1, 1)
    assert verify(str(tmp_path)).words == UNANCHORED
    assert [record.get("session_id") for record in reader.records(str(tmp_path))][1] == "s1"


def test_nothing_to_erase_records_nothing(journal: Path) -> None:
    """A session that the journal does not have leaves it as it is."""
    before = files(journal)
    assert erase(str(journal), "nobody", "x").count == 0
    assert files(journal) == before


def test_a_journal_that_is_not_there_is_an_expected_error(tmp_path: Path) -> None:
    """A wrong folder is named."""
    with pytest.raises(ConfigError, match="--journal"):
        erase(str(tmp_path / "none"), "s1", "x")


def test_hostile_erasure_records_are_bounded(tmp_path: Path) -> None:
    """A record that claims to erase a billion records costs nothing, and is no writer's."""
    from secretguard.audit.journal import Journal

    small(tmp_path, 2)
    Journal(str(tmp_path)).append("journal:record:erased", {"records": [[1, 10**15]]})
    Journal(str(tmp_path)).append("journal:record:erased", {"records": "all"})
    assert erase(str(tmp_path), "s0", "x").count == 1
    assert verify(str(tmp_path)).outcome == TAMPERED
    assert segments.closed(str(tmp_path)) == []


def test_a_verifier_beside_an_erasure_does_not_cry_wolf(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was recorded and erased after it had looked how far the journal goes is looked for again."""
    snapshot = verifying._snapshot
    calls: list[str] = []

    def overtaken(directory: str) -> object:
        seen = snapshot(directory)
        calls.append(directory)
        if len(calls) < 3:
            erase(directory, f"s{len(calls)}", "x")
        return seen

    monkeypatch.setattr(verifying, "_snapshot", overtaken)
    assert verify(str(journal)).words == UNANCHORED
    assert len(calls) == 3
