"""One output on its way: recorded before it is shown, withheld when something fails, never raw."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretguard.detect.finding import Finding
from secretguard.errors import RecordError
from secretguard.placeholder import Placeholders
from secretguard.wrapper.lane import PATIENCE, Lane, why
from secretguard.wrapper.view import View

TAGS = Placeholders(b"k" * 32, "/project")
TAG = TAGS.tag("rule", b"SECRET").encode()


def scan(data: bytes) -> list[Finding]:
    """A rule whose secret is the word SECRET."""
    at = data.find(b"SECRET")
    return [] if at < 0 else [Finding("rule", "d", "high", "high", at, at + 6, b"SECRET")]


def fine(found: list[Finding]) -> None:
    """A record that is kept."""


class Ends:
    """A lane between two pipes."""

    def __init__(self, view: View | None) -> None:
        source, self._in = os.pipe()
        self.out, sink = os.pipe()
        os.set_blocking(self.out, False)
        self.lane = Lane(source, sink, view)
        self._descriptors = (source, self._in, self.out, sink)

    def gives(self, data: bytes) -> bytes:
        """What comes out when `data` goes in."""
        os.write(self._in, data)
        self.lane.read()
        return self.shown()

    def shown(self) -> bytes:
        """What came out since."""
        try:
            return os.read(self.out, 1 << 16)
        except BlockingIOError:
            return b""

    def close(self) -> None:
        """Close what is open."""
        for descriptor in self._descriptors:
            os.close(descriptor)


@pytest.fixture
def between() -> Iterator[Callable[..., Ends]]:
    """Makes lanes."""
    made: list[Ends] = []

    def make(find: Callable[[bytes], list[Finding]] = scan, record: Callable[[list[Finding]], None] = fine) -> Ends:
        made.append(Ends(View(find, TAGS, record)))
        return made[-1]

    yield make
    for ends in made:
        ends.close()


def test_the_record_comes_before_what_is_shown(between: Callable[..., Ends]) -> None:
    """When it is asked to record, nothing of the text is out."""
    seen = []
    ends = between(record=lambda found: seen.append((len(found), ends.shown())))
    ends.gives(b"a SECRET b\n")
    ends.lane.close()
    assert seen == [(1, b"")]
    assert ends.shown() == b"a " + TAG + b" b\n"


def test_a_record_that_fails_withholds(between: Callable[..., Ends]) -> None:
    """No record, no text: not what was held, nor what comes after, and it is said how much and why."""

    def fails(found: list[Finding]) -> None:
        raise RecordError("the disk is full", "free some space")

    ends = between(record=fails)
    ends.gives(b"a SECRET b\n")
    ends.lane.tend(patient=True)
    assert ends.shown() == b""
    assert ends.gives(b"neutral\n") == b""
    ends.lane.close()
    said = b"[secretguard withheld 19 bytes of this output: the disk is full (free some space)]\n"
    assert ends.shown() == said


def test_an_unexpected_error_withholds_without_its_text(between: Callable[..., Ends]) -> None:
    """Whatever the scan raises: its message may hold the secret and is not shown."""

    def breaks(data: bytes) -> list[Finding]:
        raise ValueError(data)

    ends = between(find=breaks)
    ends.gives(b"a SECRET b\n")
    ends.lane.close()
    assert ends.shown() == b"[secretguard withheld 11 bytes of this output: internal error (ValueError)]\n"
    assert why(ValueError("SECRET")) == "internal error (ValueError)"


def test_nothing_withheld_is_not_said() -> None:
    """A lane that was closed without any output says nothing."""
    ends = Ends(None)
    ends.lane.withhold("broken")
    ends.lane.close()
    assert ends.shown() == b""
    ends.close()


def test_without_a_view_all_is_passed_on() -> None:
    """Where nothing is to be replaced, the bytes go through."""
    ends = Ends(None)
    assert ends.gives(b"a SECRET\xff") == b"a SECRET\xff"
    assert ends.lane.due() is None
    ends.close()


def test_pauses_come_in_two_stages(between: Callable[..., Ends]) -> None:
    """Soon the whole lines, later a harmless word; then nothing is due until more comes."""
    ends = between()
    assert ends.lane.due() is None
    ends.gives(b"line\nword")
    due = ends.lane.due()
    assert due is not None
    time.sleep(max(0.0, due - time.monotonic()))
    ends.lane.tend()
    assert ends.shown() == b"line\n"
    later = ends.lane.due()
    assert later is not None
    assert later - due == pytest.approx(PATIENCE, abs=0.1)
    ends.lane.tend(patient=True)
    assert ends.shown() == b"word"
    assert ends.lane.due() is None


def test_a_disk_that_is_full_loses_the_text_and_no_more(tmp_path: Path) -> None:
    """As the program's own would be lost: the lane goes on reading."""
    sink = os.open("/dev/full", os.O_WRONLY)
    source, write = os.pipe()
    lane = Lane(source, sink, None)
    os.write(write, b"text")
    assert lane.read()
    os.close(write)
    assert not lane.read()
    os.close(source)
    os.close(sink)
