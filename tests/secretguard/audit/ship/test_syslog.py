"""Syslog: frames and messages as RFC 5424 and 5425 have them; taken by a real rsyslogd; nothing is taken on faith."""

from __future__ import annotations

import datetime
import json
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.ocsf import Sealed, Source
from secretguard.audit.ship import syslog
from secretguard.audit.ship.batch import made
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.sink import NotTaken
from secretguard.audit.ship.syslog import MAX_MESSAGE, SyslogSink, frame, message
from tests.secretguard.audit.ship.receivers import batch_of, closes_midway, collecting, never_reads, receiver
from tests.servers.certificates import Authority
from tests.servers.rsyslog import running_rsyslog

RFC5424 = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) ([!-~]{1,48}) (-) ([!-~]{1,32}) "
    rb'((?:\[[!-<>-\\^-~]{1,32}(?: [!-<>-\\^-~]{1,32}="[^"\\\]]*")*\])+) (\{.*\})\Z'
)
"""RFC 5424 6, as far as these messages use it."""
RECORD = {"v": 2, "seq": 7, "time": "2026-11-25T01:02:03.456Z", "event": "guard:command:denied", "command": "env"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs what the servers and clients of this file show."""
    return Authority(tmp_path_factory.mktemp("ca"))


def unframed(data: bytes) -> list[bytes]:
    """The messages in octet-counted frames; the counts must add up."""
    found = []
    while data:
        length, _, rest = data.partition(b" ")
        assert len(rest) >= int(length)
        found.append(rest[: int(length)])
        data = rest[int(length) :]
    return found


def test_a_message_is_what_rfc_5424_wants() -> None:
    """Priority from the severity, time, host, the event as MSGID, registered structured data, OCSF as what is said."""
    event = made(RECORD, Source("journal", "build 7", "0"), None)
    found = RFC5424.match(message(event))
    assert found
    said = (b"108", b"2026-11-25T01:02:03.456Z", b"build_7", b"secretguard", b"-", b"guard:command:denied")
    assert found.groups()[:6] == said
    assert found[7] == b'[origin software="secretguard"][meta sequenceId="7"]'
    assert json.loads(found[8]) == event.fields
    assert frame(event) == b"%d %s" % (len(message(event)), message(event))


@given(st.text(), st.integers(0, 2**70), st.text(), st.dictionaries(st.text(), st.text(max_size=200), max_size=8))
def test_whatever_a_record_says_the_message_keeps_its_form(
    host: str, seq: int, command: str, more: dict[str, str]
) -> None:
    """No field can end a header, start a frame or make a message longer than a receiver takes."""
    record = {**more, **RECORD, "seq": seq, "command": command * 50}
    data = message(made(record, Source("journal", host), Sealed(seq, "x" * 9000, "a" * 64, "", "m")))
    assert RFC5424.match(data)
    assert len(data) <= MAX_MESSAGE


@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59.999999Z",
        "2026-13-01T00:00:00Z",
        "",
    ],
)
def test_no_time_of_a_record_stops_it(time: str) -> None:
    """Moments at either end of the calendar, and none at all, are a time stamp nevertheless."""
    assert RFC5424.match(message(made({**RECORD, "time": time}, Source("j"), None)))


def test_a_long_event_is_cut_and_says_so() -> None:
    """It stays JSON; what it lost is what stands in it twice."""
    event = made({**RECORD, "command": "x" * 30_000}, Source("j"), Sealed(7, "y" * 30_000, "a" * 64, "", "m"))
    said = json.loads(message(event).split(b" ", 8)[-1].partition(b"] ")[2] or b"null")
    assert said["metadata"]["is_truncated"] is True
    assert said["metadata"]["untruncated_size"] == len(event.line) - 1
    assert "raw_data" not in said
    assert said["process"]["cmd_line"].startswith("xxx")


@pytest.mark.parametrize("clients", [False, True], ids=["any client", "known clients"])
def test_a_real_rsyslogd_takes_each_record_once(
    part: Callable[[str], Path], tmp_path: Path, authority: Authority, clients: bool
) -> None:
    """Over TLS, with and without a certificate of our own: all records, in order, field by field."""
    pair, own = authority.issue("localhost"), authority.issue("client")
    batch = batch_of(tmp_path, 50)
    with running_rsyslog(part("rsyslog"), tmp_path, pair, authority.file, clients=clients) as server:
        shown = {"certificate": str(own.certificate), "key": str(own.key)} if clients else {}
        to = Endpoint(f"syslog+tls://localhost:{server.port}", ca=str(authority.file), **shown)
        SyslogSink(to).send(batch, Cursor())
        until = time.monotonic() + 20
        while len(found := server.messages()) < 50 and time.monotonic() < until:
            time.sleep(0.02)
    assert [one.said for one in found] == [event.fields for event in batch.events]
    assert {(one.version, one.app, one.procid) for one in found} == {("1", "secretguard", "-")}
    assert {one.priority for one in found[1:]} == {108}
    assert datetime.datetime.fromisoformat(found[1].time).timestamp() * 1000 == batch.events[1].time


def test_a_receiver_that_does_not_know_our_certificate_took_nothing(
    part: Callable[[str], Path], tmp_path: Path, authority: Authority
) -> None:
    """In TLS 1.3 a client is told of that only after it has sent: it must not count as taken."""
    pair = authority.issue("localhost")
    with running_rsyslog(part("rsyslog"), tmp_path, pair, authority.file, clients=True) as server:
        sink = SyslogSink(Endpoint(f"syslog+tls://localhost:{server.port}", ca=str(authority.file)))
        with pytest.raises(NotTaken):
            sink.send(batch_of(tmp_path, 3), Cursor())
        assert server.messages() == []


def test_without_tls_only_to_this_machine(tmp_path: Path) -> None:
    """To loopback, with the same frames and the same end: all is there when `send` returns."""
    got: list[bytes] = []
    batch = batch_of(tmp_path, 5)
    with receiver(collecting(got)) as port:
        SyslogSink(Endpoint(f"syslog+tcp://127.0.0.1:{port}")).send(batch, Cursor())
        until = time.monotonic() + 10
        while not got and time.monotonic() < until:
            time.sleep(0.01)
    assert unframed(got[0]) == [message(event) for event in batch.events]


def resets(connection: socket.socket) -> None:
    """Leaves what was sent unread."""
    time.sleep(0.1)


@pytest.mark.parametrize("behave", [closes_midway, resets])
@pytest.mark.parametrize("secured", [False, True], ids=["tcp", "tls"])
def test_a_receiver_that_goes_away_took_nothing(
    behave: Callable[[socket.socket], None], secured: bool, tmp_path: Path, authority: Authority
) -> None:
    """It closed before it had read everything: the batch is to be sent again."""
    batch = batch_of(tmp_path, 400)
    with receiver(behave, authority.issue("localhost").server_context() if secured else None) as port:
        to = Endpoint(f"syslog+{'tls' if secured else 'tcp'}://localhost:{port}", ca=str(authority.file))
        with pytest.raises(NotTaken):
            SyslogSink(to).send(batch, Cursor())


@pytest.mark.parametrize("secured", [False, True], ids=["tcp", "tls"])
def test_a_receiver_that_never_reads_is_given_up(
    secured: bool, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the deadline, whether the system's buffers took the batch or not."""
    monkeypatch.setattr(syslog, "TOTAL_SECONDS", 0.5)
    batch = batch_of(tmp_path, 3)
    with receiver(never_reads, authority.issue("localhost").server_context() if secured else None) as port:
        to = Endpoint(f"syslog+{'tls' if secured else 'tcp'}://localhost:{port}", ca=str(authority.file))
        with pytest.raises(NotTaken, match="not done after"):
            SyslogSink(to).send(batch, Cursor())
