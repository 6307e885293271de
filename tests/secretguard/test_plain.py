"""The short way to a plain scan gives what the regular way gives, byte for byte, and keeps out of everything else."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard import pack, plain
from secretguard.errors import GuardError
from secretguard.report.formats import FORMATS
from tests.secretguard.history.repository import token

REGULAR = "from secretguard.command_line import cli; from secretguard.program import run; run(cli, 'secretguard')"
TIMES = re.compile(rb"[Tt]ime|generated_at")
SHORT = "import sys; from secretguard import plain; sys.exit(plain.scan(sys.argv[1:]))"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Files of each kind: with secrets, without, accepted by a pragma, binary, an archive's name, empty."""
    content = {
        "secret ü.py": f"a = '{token(1)}'\nb = '{token(2)}'  # pragma: allowlist secret\n".encode(),
        "clean.txt": b"nothing\n",
        "wide.txt": f"key {token(3)}\n".encode("utf-16"),
        "blob.bin": bytes(range(256)) * 9,
        "cut.zip": b"PK\x03\x04 not really",
        "empty": b"",
    }
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    return list(content)


def ran(program: str, *arguments: str, cwd: Path) -> tuple[int, bytes, bytes]:
    """Exit status, output and errors of a way to scan; the time in a report is cut out."""
    environment = {**os.environ, "SECRETGUARD_HOME": str(cwd / "home"), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, timeout=60, check=False)
    lines = [line for line in done.stdout.splitlines() if not TIMES.search(line)]
    return done.returncode, b"\n".join(lines), done.stderr


@pytest.mark.parametrize("form", [[], ["--format", "text"], *(["--format", name] for name in FORMATS)], ids=str)
def test_both_ways_say_the_same(form: list[str], files: list[str], tmp_path: Path) -> None:
    """In every format, over every kind of file, one named twice: the same bytes and the same exit status."""
    for given in (files + files[:1], ["clean.txt"]):
        short = ran(SHORT, "scan", *form, *given, cwd=tmp_path)
        assert short == ran(REGULAR, "scan", *form, *given, cwd=tmp_path)
        assert short[0] == (1 if len(given) > 1 else 0)


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["scan"], ["scan", "."], ["scan", "none.txt"], ["scan", "--strict", "clean.txt"], ["redact", "clean.txt"],
        ["scan", "clean.txt", "--baseline", "clean.txt"], ["scan", "--format"], ["scan", "--format", "sarif"],
        ["scan", "--", "clean.txt"], ["scan", "-", "clean.txt"], ["scan", *["clean.txt"] * (plain.MOST + 1)],
        ["--version"], ["scan", "--format=json", "clean.txt"], ["scan", "--format", "nonsense", "clean.txt"],
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_alone(
    arguments: list[str], files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:  # fmt: skip
    """Folders, other options, too many or missing files, unknown formats: None, and not a byte is written."""
    monkeypatch.chdir(tmp_path)
    assert plain.scan(arguments) is None
    assert capfdbinary.readouterr().out == b""


def test_text_for_a_terminal_is_left_alone(files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal has a report of its own, which is the regular way's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert plain.scan(["scan", "clean.txt"]) is None
    assert plain.scan(["scan", "--format", "json", "clean.txt"]) == 0


class Terminal(io.TextIOWrapper):
    """A standard output that says it is a terminal."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_what_goes_wrong_is_left_to_the_regular_way(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an engine nothing is reported here, least of all that nothing was found."""

    def refuse() -> None:
        raise GuardError("no engine")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pack, "open_engine", refuse)
    assert plain.scan(["scan", "--format", "json", "clean.txt"]) is None


def test_an_interrupt_ends_it(files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and no report, and does not start the scan again."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pack, "open_engine", interrupt)
    assert plain.scan(["scan", "clean.txt"]) == 130


def test_a_reader_that_went_away(files: list[str], tmp_path: Path) -> None:
    """A closed pipe ends with 141 and no traceback, as in the regular way."""
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "SECRETGUARD_HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", SHORT, "scan", "clean.txt"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
    again = [sys.executable, "-m", "secretguard", "scan", "clean.txt"]
    assert subprocess.run(again, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0


def test_it_loads_no_command_line(files: list[str], tmp_path: Path) -> None:
    """Neither click nor what reads git, ignore files or dates is loaded: that is what the short way is for."""
    dear = "{'click', 'subprocess', 'pathspec', 'datetime', 'hashlib', 'importlib.metadata'}"
    program = f"import sys; from secretguard import plain; plain.scan(sys.argv[1:]); print({dear} & set(sys.modules))"
    ran(program, "scan", "clean.txt", cwd=tmp_path)  # which builds the pack
    status, output, _ = ran(program, "scan", "--format", "json", "clean.txt", cwd=tmp_path)
    assert status == 0
    assert output.splitlines()[-1] == b"set()"
