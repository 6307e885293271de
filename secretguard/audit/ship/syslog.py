"""Syslog: RFC 5424 messages in RFC 5425 frames (octet counting), over TLS; over TCP to this machine only.

Syslog has no acknowledgement. So a batch is one connection: all of it is sent, the sending side is closed (close_notify
in TLS), and the receiver must close, too. A receiver that was stopped, or closed before it had read everything, breaks
the connection instead (RST), and the batch is sent again. What it did with what it read, it cannot say.
"""

from __future__ import annotations

from secretguard.audit.record import stamp
from secretguard.audit.ship.batch import Batch, Event
from secretguard.audit.ship.connection import TOTAL_SECONDS, reached, tls_context
from secretguard.audit.ship.cursor import Cursor
from secretguard.audit.ship.endpoint import Endpoint
from secretguard.audit.ship.tls_stream import TlsStream, finish

MAX_MESSAGE = 8192
"""Bytes that every receiver should take (RFC 5425 4.3.1); longer events are cut and say so."""
FACILITY = 13
"""log audit (RFC 5424 6.2.1)."""
SEVERITIES = {1: 6, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1}
"""OCSF's informational to fatal → informational, notice, warning, error, critical, alert."""
APP_NAME = "secretguard"
MAX_SEQUENCE = 2**31 - 1
_NIL = "-"


class SyslogSink:
    """A syslog receiver. Raises ConfigError when a certificate file cannot be used."""

    def __init__(self, to: Endpoint) -> None:
        self._to = to
        self._context = tls_context(to) if to.scheme == "syslog+tls" else None

    def send(self, batch: Batch, cursor: Cursor) -> tuple[int, int]:
        """One connection; returns when the receiver has closed it after the last byte."""
        del cursor
        data = b"".join(frame(event) for event in batch.events)
        with reached(self._to, self._context, TOTAL_SECONDS) as plain:
            if self._context is None:
                plain.sendall(data)
                finish(plain)
            else:
                stream = TlsStream(plain, self._context, self._to.server_name or self._to.host)
                stream.sendall(data)
                stream.finish()
        return 0, 0


def frame(event: Event) -> bytes:
    """`LENGTH SP message`."""
    text = message(event)
    return b"%d %s" % (len(text), text)


def message(event: Event) -> bytes:
    """The RFC 5424 message, at most MAX_MESSAGE bytes. What is said is OCSF JSON: pure ASCII, so without a BOM."""
    priority = FACILITY * 8 + SEVERITIES.get(event.severity, 5)
    time = stamp(event.time / 1000)
    host, what = _printable(event.host, 255), _printable(event.name, 32)
    sequence = f' sequenceId="{(event.number - 1) % MAX_SEQUENCE + 1}"' if event.number else ""
    data = f'[origin software="{APP_NAME}"][meta{sequence}]' if sequence else f'[origin software="{APP_NAME}"]'
    head = f"<{priority}>1 {time} {host} {APP_NAME} {_NIL} {what} {data} ".encode("ascii")
    return head + event.within(MAX_MESSAGE - len(head))


def _printable(text: str, longest: int) -> str:
    """PRINTUSASCII of the header fields; `-` for nothing."""
    return "".join(c if "!" <= c <= "~" else "_" for c in text)[:longest] or _NIL
