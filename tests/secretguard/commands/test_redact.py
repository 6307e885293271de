"""`secretguard redact`: text in, text with placeholders out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.secretguard.guard.events import TOKEN

REDACT = [sys.executable, "-m", "secretguard", "redact"]


def redacted(*options: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What came of the command, with `data` on its standard input."""
    return subprocess.run([*REDACT, *options], input=data, capture_output=True, timeout=60, check=False)


def test_standard_input_and_a_file_give_the_same(tmp_path: Path) -> None:
    """Both are redacted alike; what is no secret is kept byte for byte."""
    data = b"\xff first\nTOKEN=" + TOKEN.encode() + b"\nlast"
    (tmp_path / "a").write_bytes(data * 3000)
    by_file = redacted(str(tmp_path / "a")).stdout
    assert by_file == redacted(data=data * 3000).stdout
    assert by_file.startswith(b"\xff first\nTOKEN=[[secret:github-token:")
    assert by_file.endswith(b"]]\nlast")
    assert TOKEN.encode() not in by_file


def test_the_project_chooses_the_placeholder(tmp_path: Path) -> None:
    """Two projects show two tags for one secret."""
    said = {redacted("--project", str(folder), data=TOKEN.encode()).stdout for folder in (tmp_path, tmp_path.parent)}
    assert len(said) == 2


def test_a_pause_shows_what_there_is() -> None:
    """A program that is still printing is followed: its lines come at once, its secrets do not."""
    with subprocess.Popen(REDACT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        os.write(process.stdin.fileno(), f"one\nTOKEN={TOKEN}\n".encode())
        assert process.stdout.readline() == b"one\n"
        assert process.stdout.readline().startswith(b"TOKEN=[[secret:")
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(20) == 0


def test_a_missing_file_is_a_usage_error() -> None:
    """Exit code 2 and the name of the file."""
    done = redacted("no-such-file")
    assert done.returncode == 2
    assert b"no-such-file" in done.stderr


def test_a_guard_that_cannot_work_shows_nothing(own_home: Path) -> None:
    """Without a usable key nothing is copied, and the command fails."""
    (own_home / "state").mkdir(mode=0o700)
    (own_home / "state" / "digest.key").write_bytes(b"short")
    done = redacted(data=f"TOKEN={TOKEN}\n".encode())
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_and_not_copied(codec: str) -> None:
    """A text in which nothing would be found does not come out as if it were clean."""
    done = redacted(data=f"TOKEN={TOKEN}\n".encode(codec))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"iconv" in done.stderr
