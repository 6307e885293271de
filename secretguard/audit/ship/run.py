"""One shipping process: which sink, which cursor, and a clean end when it is told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import click

from secretguard.audit.ship.batch import RECORDS, Source
from secretguard.audit.ship.endpoint import Endpoint, endpoint
from secretguard.audit.ship.files import FileSink, StreamSink
from secretguard.audit.ship.loop import Shipped, ship
from secretguard.audit.ship.otlp import OtlpSink
from secretguard.audit.ship.sink import Sink
from secretguard.audit.ship.syslog import SyslogSink
from secretguard.errors import ConfigError
from secretguard.keyed import sha256_hex
from secretguard.places import private_dir, state_dir
from secretguard.terminal import printable

SINKS: dict[str, Callable[[Endpoint], Sink]] = {
    "file": lambda to: FileSink(to.path),
    "syslog+tls": SyslogSink,
    "syslog+tcp": SyslogSink,
    "otlp": OtlpSink,
    "otlp+https": OtlpSink,
    "otlp+http": OtlpSink,
}
"""Scheme → sink."""

_FILE = click.Path(dir_okay=False)
OPTIONS = (
    click.option("--to", required=True, metavar="URL|NAME", help="The receiver, or its section in ship.toml."),
    click.option("--follow", is_flag=True, help="Go on with records as they are written, until SIGTERM."),
    click.option(
        "--batch",
        type=click.IntRange(1, 10_000),
        default=RECORDS,
        show_default=True,
        help="Records confirmed together.",
    ),
    click.option("--cursor", type=_FILE, default="", help="How far it has come; in the state folder by default."),
    click.option("--ca", type=_FILE, default="", help="Who signs the receiver's certificate; the system's by default."),
    click.option("--certificate", type=_FILE, default="", help="Our certificate, where the receiver asks for one."),
    click.option("--key", type=_FILE, default="", help="Its key."),
    click.option("--server-name", default="", help="The name in the receiver's certificate; the URL's by default."),
)
"""What `secretguard audit ship` and `broker log ship` both take."""


class Stopped(BaseException):
    """SIGTERM or SIGINT: wherever that is, nothing is lost; a batch under way is sent again the next time."""


def export(source: Source, output: str | None, cursor: str | None) -> None:
    """What there is after `cursor` (everything without one), once: into the file `output`, or to standard output.

    Raises BrokenPipeError when the reader of standard output went away, ConfigError where writing fails; the cursor
    then stays where it was.
    """
    sink: Sink = FileSink(output, fresh=not cursor) if output else StreamSink(_to_stdout)
    try:
        ship(source, sink, cursor or "", tries=1)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigError(f"standard output: {error.strerror}", "the cursor was not moved") from None


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def run(source: Source, name: str, to: str, follow: bool, batch: int, cursor: str, **settings: str) -> None:
    """Ship `source` (called `name`, for its cursor) as the options say; what happened goes to standard error.

    Raises ConfigError, NotTaken.
    """
    where = endpoint(to, **settings)
    done = Shipped()
    with _ended_by_signals():
        try:
            sink = SINKS[where.scheme](where)
            path = cursor or cursor_path(name, where)
            ship(source, sink, path, limit=batch, follow=follow, say=_say, done=done)
        except Stopped:
            _say("told to stop")
    lost = f", {done.lost} lost before they could be sent" if done.lost else ""
    _say(f"{done.records} records taken{lost}")


def cursor_path(name: str, to: Endpoint) -> str:
    """Where the cursor of source `name` for a destination is kept unless it is named. Raises ConfigError."""
    try:
        folder = private_dir(os.path.join(state_dir(), "ship"))
    except OSError as error:
        raise ConfigError(f"{state_dir()}: {error.strerror}", "name a file with --cursor") from None
    return os.path.join(folder, sha256_hex(f"{name}\0{to.to}".encode())[:16] + ".cursor")


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise Stopped


def _say(text: str) -> None:
    click.echo(printable(text), err=True)
