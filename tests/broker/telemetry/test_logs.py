"""Lines on stderr: their form, and that nobody waits for whoever reads them."""

from __future__ import annotations

import io
import json
import logging
import threading

import pytest

from broker.telemetry import logs


class Slow(io.StringIO):
    """A reader that takes nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def write(self, text: str) -> int:
        self.gate.wait(20)
        return super().write(text)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def said(stream: io.StringIO, form: str) -> list[str]:
    """What the broker's loggers write in that form."""
    handler = logs.configure(form, lambda: None, stream)
    told = {"request": "ab12", "method": "POST", "route": "/v1/tasks", "status": 403, "rule": "x", "ms": 1.5}
    logging.getLogger("broker.request").info("%s %s %s", "POST", "/v1/tasks", 403, extra=told)
    logging.getLogger("broker.recover").warning("two\nlines \u202e and \x1b[31m")
    logging.getLogger("broker.recover").info("not worth a line")
    try:
        raise ValueError("made-up-secret-in-an-exception")
    except ValueError:
        logging.getLogger("broker.store").exception("it failed")
    logs.release(handler)
    return stream.getvalue().splitlines()


def test_json_is_one_object_a_line(stream: io.StringIO) -> None:
    """A request with its fields; a warning; of an exception the class alone."""
    lines = said(stream, "json")
    request, warning, error = map(json.loads, lines)
    assert {name: request[name] for name in logs.FIELDS} == {
        "request": "ab12", "method": "POST", "route": "/v1/tasks", "status": 403, "rule": "x", "ms": 1.5,
    }  # fmt: skip
    assert (warning["level"], warning["logger"], warning["message"][:3]) == ("warning", "broker.recover", "two")
    assert (error["message"], error["error"]) == ("it failed", "ValueError")
    assert all(line.isascii() and "made-up-secret" not in line for line in lines)


def test_text_is_for_people_and_no_terminal_obeys_it(stream: io.StringIO) -> None:
    """One line each, too, whatever is in them."""
    lines = said(stream, "text")
    assert len(lines) == 3
    assert "POST /v1/tasks 403 rule=x ms=1.5 request=ab12" in lines[0]
    assert "(ValueError)" in lines[2]
    assert all(line.isascii() and line.isprintable() and "made-up-secret" not in line for line in lines)


def test_nobody_waits_for_a_reader_that_stopped() -> None:
    """What finds no place is counted; when the reader goes on, what is in the queue comes out in order."""
    slow, dropped = Slow(), []
    handler = logs.Lines(slow, lambda: dropped.append(1), size=5)
    handler.setFormatter(logs.Text())
    for number in range(20):
        handler.handle(logging.makeLogRecord({"msg": f"line {number}", "name": "n", "levelname": "INFO"}))
    assert 14 <= len(dropped) <= 15  # one more is in the writer's hand
    slow.gate.set()
    handler.close()
    assert [line.split()[-1] for line in slow.getvalue().splitlines()][:5] == ["0", "1", "2", "3", "4"]


def test_afterwards_all_is_as_before(stream: io.StringIO) -> None:
    """A process that embeds the broker keeps its own logging."""
    before = list(logging.getLogger().handlers)
    said(stream, "json")
    assert logging.getLogger().handlers == before
    assert logging.getLogger("broker.request").level == logging.NOTSET
