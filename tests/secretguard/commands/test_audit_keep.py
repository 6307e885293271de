from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from secretguard.audit import segments
from secretguard.audit.journal import FILE, user_journal
from secretguard.detect.finding import Finding
from secretguard.guard.room import found_fields
from secretguard.pack import open_engine
from tests.secretguard.audit.journals import small
from tests.secretguard.commands.test_audit_show import run
from tests.secretguard.guard.events import OTHER, TOKEN


def _shown(value: str) -> subprocess.CompletedProcess[str]:
    return run("show", "--secret", given=value)


def _findings() -> list[Finding]:
    return open_engine().scan(TOKEN.encode())


@pytest.fixture
def journal(own_home: Path) -> Path:
    """This user's journal, in several files."""
    return small(own_home / "state" / "audit", 20)


def test_rotate_closes_the_file(journal: Path) -> None:
    """The next record begins a new one; verify reads them all."""
    before = len(segments.closed(str(journal)))
    assert run("rotate").returncode == 0
    assert len(segments.closed(str(journal))) == before + 1
    assert "self-consistent" in run("verify").stdout


def test_rotate_makes_no_journal(tmp_path: Path) -> None:
    """A folder whose name was mistyped is said, and not made."""
    done = run("rotate", "--journal", str(tmp_path / "audti"))
    assert (done.returncode, "there is no journal" in done.stderr) == (2, True)
    assert not (tmp_path / "audti").exists()


def test_prune_says_what_goes_and_verify_what_went(journal: Path) -> None:
    """First as a trial, then in earnest; then the journal is told from the first record that is left."""
    count = len(segments.closed(str(journal)))
    trial = run("prune", "--keep-days", "0", "--dry-run")
    assert (trial.returncode, f"{count} files would be pruned" in trial.stdout) == (0, True)
    assert len(segments.closed(str(journal))) == count
    done = run("prune", "--keep-days", "0")
    assert (done.returncode, f"{count} files were pruned" in done.stdout) == (0, True)
    assert segments.closed(str(journal)) == []
    told = run("verify")
    assert (told.returncode, "were pruned on" in told.stdout) == (3, True)
    assert "0 files were pruned" in run("prune", "--before", "2020-01-01").stdout


def test_prune_wants_one_limit(journal: Path) -> None:
    """Neither or both is a mistake, said with the way on."""
    for words in ((), ("--keep-days", "1", "--before", "2026-01-01")):
        done = run("prune", *words)
        assert (done.returncode, "either --keep-days or --before" in done.stderr) == (2, True)


def test_nothing_is_pruned_from_a_tampered_journal(journal: Path) -> None:
    """Evidence stays."""
    path = Path(segments.closed(str(journal))[0][1])
    path.write_bytes(path.read_bytes().replace(b'"number":1', b'"number":7'))
    done = run("prune", "--keep-days", "0")
    assert (done.returncode, "nothing is pruned" in done.stderr) == (1, True)
    assert path.exists()


def test_erase_removes_a_session_and_says_how_much(journal: Path) -> None:
    """Afterwards it is found no more, and the journal is consistent."""
    done = run("erase", "--session", "s1", "--reason", "request 17")
    assert (done.returncode, "7 records erased" in done.stdout) == (0, True)
    assert run("show", "--session", "s1").returncode == 1
    assert "were erased on" in run("verify").stdout
    assert run("erase", "--session", "s1", "--reason", "again").returncode == 1


def test_nothing_is_erased_from_a_tampered_journal(journal: Path) -> None:
    """An edited record would otherwise be blank, and its edit with it."""
    path = Path(segments.closed(str(journal))[0][1])
    path.write_bytes(path.read_bytes().replace(b'"session_id":"s0"', b'"session_id":"s1"', 1))
    before = path.read_bytes()
    done = run("erase", "--session", "s1", "--reason", "to hide it")
    assert (done.returncode, "nothing is erased" in done.stderr) == (1, True)
    assert path.read_bytes() == before
    assert "was edited" in run("verify").stdout


def test_the_reason_is_recorded_after_redaction(journal: Path) -> None:
    """Whoever erases because a secret leaked is likely to name it."""
    assert run("erase", "--session", "s1", "--reason", f"it held {TOKEN}").returncode == 0
    written = (journal / FILE).read_text()
    assert TOKEN not in written
    assert "it held [[secret:github-token:" in written


def test_what_lacked_before_a_pruning_is_told_after_it(journal: Path) -> None:
    """A file that vanished is not excused by pruning those around it."""
    Path(segments.closed(str(journal))[1][1]).unlink()
    assert run("verify").returncode == 2
    assert run("prune", "--before", "2999-01-01").returncode == 0
    assert "the journal was incomplete before that" in run("verify").stdout


def test_a_leaked_secret_is_found_on_both_sides_of_a_rotation(own_home: Path) -> None:
    """Under the old key and the new one; the value comes on standard input."""
    found = _findings()
    user_journal().append("guard:read:redacted", {"session_id": "old", **found_fields(found)})
    rotated = run("rotate-key")
    assert (rotated.returncode, rotated.stdout.startswith("new key ")) == (0, True)
    user_journal().append("guard:read:redacted", {"session_id": "new", **found_fields(found)})
    shown = _shown(TOKEN)
    assert (shown.returncode, "session_id=old" in shown.stdout, "session_id=new" in shown.stdout) == (0, True, True)
    assert TOKEN not in (own_home / "state" / "audit" / FILE).read_text()
    assert _shown(OTHER).returncode == 1


def test_without_the_old_keys_the_search_cannot_tell(own_home: Path) -> None:
    """Keys that are lost are not taken for an answer."""
    found = _findings()
    user_journal().append("guard:read:redacted", found_fields(found))
    (own_home / "state" / "digest.key").unlink()
    assert _shown(TOKEN).returncode == 3
