"""Memory does not grow with the input: the real program's largest process, measured by the kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.secretguard.history.repository import token

MIB = 1 << 20
MOST = 150
"""MiB of one process, whatever it scans."""

LINE = b"for (var part = 0; part < parts.length; part += 1) { total = total + parts[part].size; }\n"


MEASURE = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""
"""Starts the program from a small process: what is started from a large one counts its starter's memory as its own."""


def scan(arguments: list[str], chunks: Iterable[bytes], home: Path) -> tuple[float, dict[str, object]]:
    """Run a scan over what is written to its standard input: its peak in MiB, and its report."""
    peak = home / "peak"
    with tempfile.TemporaryFile() as output:
        program = [sys.executable, "-m", "secretguard", "scan", "--format", "json", "--show-secrets", *arguments]
        command = [sys.executable, "-I", "-c", MEASURE, str(peak), *program]
        environment = {**os.environ, "SECRETGUARD_HOME": str(home)}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, env=environment)
        assert process.stdin is not None
        for chunk in chunks:
            process.stdin.write(chunk)
        process.stdin.close()
        assert process.wait(300) == 1
        output.seek(0)
        return int(peak.read_text()) / (MIB if sys.platform == "darwin" else 1024), json.load(output)


@pytest.mark.slow
@pytest.mark.parametrize("line", [LINE, LINE[:-1]], ids=["lines", "one line"])
def test_a_gibibyte_on_standard_input(line: bytes, tmp_path: Path) -> None:
    """A stream of 1 GiB, in lines or in one: every byte is scanned, the secret at its end found, in bounded memory."""
    chunk = line * (MIB // len(line))
    count = (1 << 30) // len(chunk) + 1
    tail = f"\nkey = '{token('tail')}'\n".encode()
    peak, report = scan(["--stdin"], (*(chunk for _ in range(count)), tail), tmp_path)
    [finding] = report["findings"]  # type: ignore[misc]
    assert finding["secret"] == token("tail")
    assert report["scanned"] == {"files": 1, "bytes": count * len(chunk) + len(tail)}
    assert peak < MOST


@pytest.mark.slow
def test_a_sparse_file_in_utf16(tmp_path: Path) -> None:
    """A file of 1 GiB that is almost all holes: it is read to its end in bounded memory, and the end is found."""
    place = tmp_path / "sparse"
    head = ("a line of text\n" * 1000).encode("utf-16")
    tail = f"\nkey = '{token('sparse')}'\n".encode("utf-16-le")
    with place.open("wb") as file:
        file.write(head)
        file.truncate((1 << 30) - len(tail))
        file.seek(0, os.SEEK_END)
        file.write(tail)
    peak, report = scan([str(place)], (), tmp_path)
    [finding] = report["findings"]  # type: ignore[misc]
    assert finding["secret"] == token("sparse")
    assert (finding["start_offset"] + 2 * len(token("sparse"))) == (1 << 30) - 4
    assert peak < MOST


def test_a_file_full_of_secrets(tmp_path: Path) -> None:
    """64 MiB of nothing but tokens: the first of each window are told, the rest counted, in bounded memory."""
    chunk = b"".join(f"key = '{token(number)}'\n".encode() for number in range(20_000))
    peak, report = scan(["--stdin"], (chunk for _ in range(64 * MIB // len(chunk))), tmp_path)
    assert len(report["findings"]) >= 1000  # type: ignore[arg-type]
    assert any("hits not looked at" in str(one) for one in report["skipped"])  # type: ignore[attr-defined]
    assert peak < MOST
