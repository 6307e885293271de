from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.secretguard.audit.journals import small
from tests.secretguard.commands.test_audit import run


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal in several files."""
    return small(tmp_path / "audit", 20)


def test_a_record_is_proved_by_pin_and_proof_alone(journal: Path, tmp_path: Path) -> None:
    """The proof is written, the journal goes away, the pin is enough."""
    pin, proof = str(tmp_path / "pin"), str(tmp_path / "proof")
    assert run("pin", "--journal", str(journal), "-o", pin).returncode == 0
    assert run("prove", "5", "--journal", str(journal), "--pin", pin, "-o", proof).returncode == 0
    assert run("prove", "5", "--journal", str(journal), "--pin", pin).stdout == Path(proof).read_text()
    journal.rename(tmp_path / "away")
    done = run("verify-proof", proof, "--pin", pin)
    assert (done.returncode, done.stdout.startswith("proved:"), "session_id=" in done.stdout) == (0, True, True)
    assert json.loads(run("verify-proof", proof, "--pin", pin, "--format", "json").stdout)["seq"] == 5


def test_a_proof_without_what_the_record_says(journal: Path, tmp_path: Path) -> None:
    """That it was there is proved; that nobody knows from the proof whether its fields were erased is said."""
    pin, proof = str(tmp_path / "pin"), tmp_path / "proof"
    run("pin", "--journal", str(journal), "-o", pin)
    made = json.loads(run("prove", "5", "--journal", str(journal), "--pin", pin).stdout)
    proof.write_text(json.dumps({**made, "fields": None}))
    done = run("verify-proof", str(proof), "--pin", pin)
    assert (done.returncode, done.stdout.startswith("proved:"), "session_id" in done.stdout) == (0, True, False)
    assert "erased, or whoever made the proof left it out" in done.stderr


def test_what_is_not_proved_is_said(journal: Path, tmp_path: Path) -> None:
    """An altered proof, one for another pin, no proof at all: exit code 1 with the reason; a missing file is 2."""
    pin, proof = str(tmp_path / "pin"), tmp_path / "proof"
    run("pin", "--journal", str(journal), "-o", pin)
    run("prove", "5", "--journal", str(journal), "--pin", pin, "-o", str(proof))
    for text in (proof.read_text().replace("guard:command", "guard:commend"), "{}", "\x1b[2J"):
        proof.write_text(text)
        done = run("verify-proof", str(proof), "--pin", pin)
        assert (done.returncode, "not proved" in done.stderr, "\x1b[2J" in done.stderr) == (1, True, False)
    assert run("verify-proof", str(tmp_path / "none"), "--pin", pin).returncode == 2
    assert run("prove", "500", "--journal", str(journal), "--pin", pin).returncode == 2
