"""`secretguard run -- CMD`: a program with its output redacted, everything else as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.secretguard.guard.events import TOKEN

RUN = [sys.executable, "-m", "secretguard", "run"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a secret in a file."""
    (tmp_path / "app.env").write_text(f"FIRST=one\nTOKEN={TOKEN}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
    return tmp_path


def ran(*words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What came of the command."""
    return subprocess.run([*RUN, *words], input=data, capture_output=True, timeout=60, check=False)


def test_the_output_is_redacted_and_the_status_kept() -> None:
    """Secrets are replaced on both outputs, what is none stays, and the program's exit status is ours."""
    done = ran("--", "sh", "-c", "cat app.env; cat app.env >&2; exit 5")
    assert done.returncode == 5
    for text in (done.stdout, done.stderr):
        assert text.startswith(b"FIRST=one\nTOKEN=[[secret:github-token:")
    assert TOKEN.encode() not in done.stdout + done.stderr


def test_its_options_are_the_programs_own() -> None:
    """After the program's name nothing is ours, `--` before it or not; input is passed on."""
    assert ran("cat", "-n", "--", data=b"x\n").stdout == b"     1\tx\n"
    assert ran("--", "printf", "%s", "--help").stdout == b"--help"


def test_the_placeholder_is_that_of_redact(folder: Path) -> None:
    """The same secret has the same tag in both commands."""
    redact = [*RUN[:-1], "redact", "app.env"]
    assert ran("cat", "app.env").stdout == subprocess.run(redact, capture_output=True, timeout=60, check=True).stdout
    assert ran("--project", str(folder.parent), "cat", "app.env").stdout != ran("cat", "app.env").stdout


def test_a_program_that_is_not_there_is_said() -> None:
    """Status 127, as a shell has it."""
    done = ran("no-such-program")
    assert done.returncode == 127
    assert b"no-such-program" in done.stderr


def test_without_a_program_the_usage_is_told() -> None:
    """A usage error, exit code 2."""
    assert ran().returncode == 2
