"""The export: every record once and in order into a file, whatever happens in between; never a wrong cursor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.audit import export as exports
from secretguard.audit.export import OutputFile, Stream, export
from secretguard.audit.journal import FILE, Journal
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import written

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from secretguard.audit import export as exports
exports.BATCH = 7
calls, real = [0], {name: getattr(os, name) for name in ("write", "fsync", "replace")}
def dying(name):
    def call(*given):
        calls[0] += 1
        if calls[0] == int(sys.argv[4]):
            if name == "write":
                real["write"](given[0], given[1][: len(given[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real[name](*given)
    return call
for name in real:
    setattr(os, name, dying(name))
exports.export(sys.argv[1], exports.OutputFile(sys.argv[2], fresh=False), sys.argv[3])
"""
"""An export that is killed by its own hand at the n-th write, flush or rename, in the middle of a write."""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Twenty-one records: the journal's first and twenty."""
    return written(tmp_path / "audit", 20)


def numbers(data: bytes) -> list[int]:
    """The journal's numbers of the exported records, as they come."""
    return [json.loads(line)["metadata"]["sequence"] for line in data.splitlines()]


def into(path: Path, journal: Path, cursor: Path) -> int:
    """One export into the file `path`."""
    output = OutputFile(str(path), fresh=False)
    try:
        return export(str(journal), output, str(cursor))
    finally:
        output.close()


def test_a_cursor_goes_on_where_the_last_run_ended(journal: Path, tmp_path: Path) -> None:
    """All, then nothing, then what is new; into a stream and into a file alike."""
    pieces: list[bytes] = []
    cursor = str(tmp_path / "cursor")
    assert export(str(journal), Stream(pieces.append), cursor) == 21
    assert export(str(journal), Stream(pieces.append), cursor) == 0
    Journal(str(journal)).append("guard:command:denied", {})
    assert export(str(journal), Stream(pieces.append), cursor) == 1
    assert numbers(b"".join(pieces)) == list(range(1, 23))
    assert into(tmp_path / "out", journal, tmp_path / "other") == 22
    assert into(tmp_path / "out", journal, tmp_path / "other") == 0
    assert numbers((tmp_path / "out").read_bytes()) == list(range(1, 23))
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_each_record_carries_the_hash_of_its_line(journal: Path) -> None:
    """What left the machine can be compared with the journal later: the last exported hash is a pin of a kind."""
    pieces: list[bytes] = []
    export(str(journal), Stream(pieces.append))
    last = json.loads(b"".join(pieces).splitlines()[-1])
    assert (journal / FILE).read_bytes().endswith(f"\t{last['unmapped']['record_hash']}\n".encode())


def test_killed_at_any_point_each_record_is_in_the_file_once(journal: Path, tmp_path: Path) -> None:
    """SIGKILL before or in the middle of every write, flush and rename of a run; the next run makes it whole."""
    expected = tmp_path / "expected"
    into(expected, journal, tmp_path / "its-cursor")
    deaths = 0
    for point in range(1, 60):
        out, cursor = tmp_path / f"out{point}", tmp_path / f"cursor{point}"
        command = [sys.executable, "-c", KILLED, str(journal), str(out), str(cursor), str(point)]
        done = subprocess.run(command, cwd=ROOT, timeout=60, check=False, capture_output=True)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        into(out, journal, cursor)
        assert out.read_bytes() == expected.read_bytes(), point
        if done.returncode == 0:
            break
        deaths += 1
    assert deaths == 15  # three batches: write, flush; the cursor's write, flush, rename


def test_a_stream_that_fails_moves_no_cursor(journal: Path, tmp_path: Path) -> None:
    """The reader went away: everything since the last batch comes again, nothing is lost."""

    def broken(data: bytes) -> None:
        raise BrokenPipeError

    cursor = tmp_path / "cursor"
    with pytest.raises(BrokenPipeError):
        export(str(journal), Stream(broken), str(cursor))
    assert not cursor.exists()
    assert export(str(journal), Stream(lambda data: None), str(cursor)) == 21


def test_batches_are_bounded(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the journal, only a batch is held and made durable at a time."""
    monkeypatch.setattr(exports, "BATCH", 4)
    pieces: list[bytes] = []
    export(str(journal), Stream(pieces.append))
    assert [piece.count(b"\n") for piece in pieces] == [4, 4, 4, 4, 4, 1]


def test_what_is_being_written_is_left_for_the_next_run(journal: Path, tmp_path: Path) -> None:
    """A line without its end is no record yet; torn bytes that a later writer closed are passed over."""
    whole = (journal / FILE).read_bytes()
    (journal / FILE).write_bytes(whole[:-30])
    pieces: list[bytes] = []
    cursor = str(tmp_path / "cursor")
    assert export(str(journal), Stream(pieces.append), cursor) == 20
    Journal(str(journal)).append("guard:command:denied", {})
    export(str(journal), Stream(pieces.append), cursor)
    events = [json.loads(line)["metadata"]["event_code"] for line in b"".join(pieces).splitlines()]
    assert events.count("journal:tail:torn") == 1
    assert events[-1] == "guard:command:denied"


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
def test_a_cursor_of_another_journal_is_refused(change: Callable[[Path], None], journal: Path, tmp_path: Path) -> None:
    """A journal that was replaced, cut off or changed at the cursor is no place to go on silently."""
    cursor = str(tmp_path / "cursor")
    export(str(journal), Stream(lambda data: None), cursor)
    change(journal)
    with pytest.raises(ConfigError, match="audit verify"):
        export(str(journal), Stream(lambda data: None), cursor)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"offset":1}', '{"offset":-1,"hash":"a","inode":0,"size":0}',
        '{"offset":true,"hash":"a","inode":0,"size":0}', '{"offset":1,"hash":"\u00e9","inode":0,"size":0}',
        '{"offset":1,"hash":7,"inode":0,"size":0}',
    ],
)  # fmt: skip
def test_a_damaged_cursor_is_named(text: str, journal: Path, tmp_path: Path) -> None:
    """It is neither guessed nor silently started anew."""
    (tmp_path / "cursor").write_text(text)
    with pytest.raises(ConfigError, match="is no cursor\n  remove it"):
        export(str(journal), Stream(lambda data: None), str(tmp_path / "cursor"))


def test_two_exports_do_not_share_a_cursor(journal: Path, tmp_path: Path) -> None:
    """The second one ends at once and says so."""
    cursor = str(tmp_path / "cursor")

    def nested(data: bytes) -> None:
        with pytest.raises(ConfigError, match="another export"):
            export(str(journal), Stream(lambda data: None), cursor)

    assert export(str(journal), Stream(nested), cursor) == 21


def test_an_output_is_never_overwritten(journal: Path, tmp_path: Path) -> None:
    """Without a cursor an existing file is refused; with one it is added to, on a line of its own."""
    out = tmp_path / "out"
    out.write_bytes(b"somebody else's")
    with pytest.raises(ConfigError, match="--cursor"):
        OutputFile(str(out), fresh=True)
    into(out, journal, tmp_path / "cursor")
    first, rest = out.read_bytes().split(b"\n", 1)
    assert first == b"somebody else's"
    assert numbers(rest) == list(range(1, 22))


def test_a_rotated_output_is_begun_anew(journal: Path, tmp_path: Path) -> None:
    """The file was moved away: the next records go to a new one, none is left out."""
    out, cursor = tmp_path / "out", tmp_path / "cursor"
    into(out, journal, cursor)
    os.rename(out, tmp_path / "out.1")
    Journal(str(journal)).append("guard:command:denied", {})
    into(out, journal, cursor)
    assert numbers(out.read_bytes()) == [22]


def test_links_are_not_followed(journal: Path, tmp_path: Path) -> None:
    """Neither output nor lock is written through a link that somebody laid there."""
    (tmp_path / "target").write_text("")
    (tmp_path / "out").symlink_to(tmp_path / "target")
    (tmp_path / "cursor.lock").symlink_to(tmp_path / "target")
    with pytest.raises(ConfigError):
        OutputFile(str(tmp_path / "out"), fresh=False)
    with pytest.raises(ConfigError):
        export(str(journal), Stream(lambda data: None), str(tmp_path / "cursor"))


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    """A wrong folder is no empty export."""
    with pytest.raises(ConfigError, match="--journal"):
        export(str(tmp_path / "none"), Stream(lambda data: None))
