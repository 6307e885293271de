"""The shipping process: killed and told to stop at any moment, with real receivers."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard.audit.journal import Journal
from secretguard.audit.reader import records
from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.journal import JournalSource
from secretguard.audit.ship.run import SINKS, cursor_path, run
from secretguard.errors import ConfigError
from tests.secretguard.audit.journals import written
from tests.secretguard.audit.ship.receivers import never_reads, receiver
from tests.servers.certificates import Authority
from tests.servers.rsyslog import running_rsyslog

ROOT = Path(__file__).parents[4]


def shipping(folder: Path, to: str, *words: str) -> subprocess.Popen[bytes]:
    """`secretguard audit ship` in a process of its own."""
    command = [sys.executable, "-m", "secretguard", "audit", "ship", "--journal", str(folder), "--to", to, *words]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, env=dict(os.environ))


def test_every_kind_of_destination_has_a_sink() -> None:
    """What an endpoint may name is what can be opened."""
    assert set(SINKS) == {"file", "otlp", "otlp+http", "otlp+https", "syslog+tls", "syslog+tcp"}


def test_each_destination_of_each_journal_has_its_own_cursor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the state folder, unless it cannot be made there."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / "home"))
    places = {cursor_path(name, Endpoint(to)) for name in ("a", "b") for to in ("file:x", "file:y")}
    assert len(places) == 4
    assert all(Path(place).parent == tmp_path / "home" / "state" / "ship" for place in places)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="--cursor"):
        cursor_path("a", Endpoint("file:x"))


def test_what_was_done_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, with the number of records; signals are as before."""
    handler = signal.getsignal(signal.SIGTERM)
    folder, out = written(tmp_path / "audit", 4), tmp_path / "out"
    run(JournalSource(str(folder)), "j", f"file:{out}", False, 3, str(tmp_path / "cursor"))
    assert capsys.readouterr().err == "5 records taken\n"
    assert out.read_bytes().count(b"\n") == 5
    assert signal.getsignal(signal.SIGTERM) is handler


def test_killed_in_the_middle_a_real_receiver_still_gets_every_record(
    part: Callable[[str], Path], tmp_path: Path
) -> None:
    """SIGKILL again and again while it ships to rsyslogd over TLS and others write: no record is missing, what came
    twice has the same identity, and the order of first arrivals is the journal's."""
    authority = Authority(tmp_path / "ca")
    folder = written(tmp_path / "audit", 300)
    journal, total = Journal(str(folder)), 301
    with running_rsyslog(part("rsyslog"), tmp_path, authority.issue("localhost"), authority.file) as server:
        to = f"syslog+tls://localhost:{server.port}"
        words = ("--ca", str(authority.file), "--batch", "5", "--cursor", str(tmp_path / "cursor"))
        for _ in range(12):
            process = shipping(folder, to, "--follow", *words)
            time.sleep(random.uniform(0.3, 0.8))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=20)
            journal.append("guard:command:denied", {"command": "git push"})
            total += 1
        last = shipping(folder, to, *words)
        assert (last.communicate(timeout=60), last.returncode)[1] == 0
        until = time.monotonic() + 20
        while len({one.said["metadata"]["uid"] for one in server.messages()}) < total and time.monotonic() < until:
            time.sleep(0.05)
        messages = server.messages()
    first = list(dict.fromkeys(one.said["metadata"]["sequence"] for one in messages))
    assert first == list(range(1, total + 1))
    contents: dict[str, set[str]] = {}
    for one in messages:
        contents.setdefault(one.said["metadata"]["uid"], set()).add(str(one.said))
    assert all(len(same) == 1 for same in contents.values())
    again = Counter(one.said["metadata"]["uid"] for one in messages)
    assert max(again.values()) <= 13


def test_following_goes_on_over_closed_files(tmp_path: Path) -> None:
    """The journal is written and its files are closed while it is shipped: every record is there once."""
    folder, out = written(tmp_path / "audit", 4), tmp_path / "out"
    journal = Journal(str(folder))
    process = shipping(folder, f"file:{out}", "--follow", "--batch", "3", "--cursor", str(tmp_path / "cursor"))
    until = time.monotonic() + 60
    for _ in range(6):
        journal.append("guard:command:denied", {})
        journal.close_segment()
        time.sleep(0.3)
    total = len(list(records(str(folder))))
    while (not out.exists() or out.read_bytes().count(b"\n") < total) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    told = [json.loads(line)["metadata"]["sequence"] for line in out.read_bytes().splitlines()]
    assert told == list(range(1, total + 1))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_in_order(number: signal.Signals, tmp_path: Path) -> None:
    """While it waits for new records: status 0, and what it has done is said."""
    folder, out = written(tmp_path / "audit", 4), tmp_path / "out"
    process = shipping(folder, f"file:{out}", "--follow", "--cursor", str(tmp_path / "cursor"))
    until = time.monotonic() + 30
    while not (tmp_path / "cursor").exists() and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, b"told to stop\n5 records taken\n")


def test_told_to_stop_it_does_not_wait_for_a_receiver(tmp_path: Path) -> None:
    """Also in the middle of a batch that nobody reads."""
    folder = written(tmp_path / "audit", 4)
    with receiver(never_reads) as port:
        process = shipping(folder, f"syslog+tcp://127.0.0.1:{port}", "--follow", "--cursor", str(tmp_path / "cursor"))
        assert process.stderr
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=20)
    assert (process.returncode, told) == (0, b"told to stop\n0 records taken\n")
    assert not (tmp_path / "cursor").exists()


def test_a_receiver_that_hangs_holds_up_no_writer(tmp_path: Path) -> None:
    """While a batch waits for it, the journal takes records as ever."""
    folder = written(tmp_path / "audit", 4)
    with receiver(never_reads) as port:
        process = shipping(folder, f"syslog+tcp://127.0.0.1:{port}", "--follow", "--cursor", str(tmp_path / "cursor"))
        time.sleep(1)
        for _ in range(20):
            Journal(str(folder), lock_seconds=0.5).append("guard:command:denied", {})
        process.kill()
        process.communicate(timeout=20)
