"""A real rsyslogd that receives syslog over TLS on a spare loopback port and writes what it got into a file.

`with running_rsyslog(program, folder, pair, ca) as server:`. One line a message: its header fields, then what was said.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.servers.certificates import Pair
from tests.servers.process import spare_port, stop, wait_until

READY_SECONDS = 20.0
CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="16k" defaultNetstreamDriver="ossl"
  defaultNetstreamDriverCAFile="{ca}"
  defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="{mode}" maxSessions="200")
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="all" type="string" string=
  "%pri%|%protocol-version%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\\n")
if $app-name == "secretguard" then
  action(type="omfile" file="{out}" template="all" asyncWriting="off" flushOnTXEnd="on")
"""
"""What rsyslogd says of itself (a handshake that failed) is left out."""


@dataclasses.dataclass(frozen=True)
class Message:
    """One message as rsyslogd understood it."""

    priority: int
    version: str
    time: str
    host: str
    app: str
    procid: str
    event: str
    data: str
    said: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class RsyslogServer:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    out: Path

    def messages(self) -> list[Message]:
        """What has been written so far, whole lines only."""
        text = self.out.read_text("utf-8") if self.out.exists() else ""
        return [_message(line) for line in text.split("\n")[:-1]]


@contextlib.contextmanager
def running_rsyslog(
    program: Path, folder: Path, pair: Pair, ca: Path, *, clients: bool = False
) -> Iterator[RsyslogServer]:
    """Start it; with `clients` it takes messages from holders of a certificate of `ca` alone."""
    port, out, configuration = spare_port(), folder / "received", folder / "rsyslog.conf"
    mode = "x509/certvalid" if clients else "anon"
    values = {"certificate": pair.certificate, "key": pair.key, "ca": ca, "mode": mode, "port": port, "out": out}
    configuration.write_text(CONFIGURATION.format(folder=folder, **values))
    command = [program, "-n", "-f", configuration, "-i", folder / "pid"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    server = RsyslogServer(port, process, out)
    try:
        wait_until(lambda: _listens(port), process, READY_SECONDS, "rsyslogd")
        yield server
    finally:
        stop(process, signal.SIGTERM)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _message(line: str) -> Message:
    priority, *fields, said = line.split("|", 8)
    return Message(int(priority), *fields, json.loads(said))  # type: ignore[arg-type]
