"""`secretguard baseline review` as a person uses it: a real terminal of 80 x 24, keys, and what is in the file then."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretguard.baseline_file import read
from secretguard.detect import made_up
from tests.claude.terminal import Terminal
from tests.secretguard.commands.test_scan import run

ONE, TWO, THREE = (made_up.github("ghp_", letter) for letter in "abc")
ROOT = Path(__file__).resolve().parents[3]
LEFT = "\x1b[D"


class Window(Terminal):
    """The command in a terminal of 80 x 24; `modes` is what the terminal is set to."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        command = [sys.executable, "-m", "secretguard", "baseline", "review", "--by", "ann", "base", *arguments]
        clean = {"PYTHONPATH": str(ROOT), "TERM": "xterm", "LANG": "C.UTF-8"}
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "VISUAL", "EDITOR")}
        super().__init__(command, folder, kept | clean | environment)
        self.resize(24, 80)
        self.before = self.modes

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def modes(self) -> list[Any]:
        return termios.tcgetattr(self._master)

    def tell(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def wait(self, as_before: bool) -> None:
        """Until the terminal's modes are as before the program, or are its own. What is typed earlier is lost."""
        end = time.monotonic() + 30
        while (self.modes == self.before) is not as_before:
            assert time.monotonic() < end
            time.sleep(0.05)

    def ended(self) -> int:
        """The exit status; the rest of the output is on the screen then. Terminal modes are as they were."""
        end = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < end:
            self._read(0.1)
        status = self._process.wait(1)
        while self._read(0.1) == 2:
            pass
        assert self.modes == self.before
        return status


@pytest.fixture
def project(tmp_path: Path) -> Path:
    filler = "".join(f"line_{number} = {number}\n" for number in range(40))
    (tmp_path / "a.py").write_text(f"{filler}x = '{ONE}'\nother = '{TWO}'  # beside\n{filler}")
    (tmp_path / "b.py").write_text(f"z = '{THREE}'\n")
    return tmp_path


@pytest.fixture
def window(project: Path) -> Iterator[Window]:
    with Window(project) as one:
        yield one


def labels(project: Path) -> dict[str, list[tuple[bool | None, str | None]]]:
    results = read(str(project / "base"))["results"]
    return {name: [(one.get("is_secret"), one.get("why")) for one in listed] for name, listed in results.items()}


def test_a_session(window: Window, project: Path) -> None:
    """Accept with a reason, back, call it real, skip; each decision is in the file at once, and no secret is shown."""
    window.until("1 of 3")
    window.until("a.py:41:6")
    assert "other = '" in window.screen.text  # the line beside it, its own secret masked too
    assert not any(value[8:] in window.screen.text for value in (ONE, TWO, THREE))
    window.press("a")
    window.until("why may it stay?")
    window.press("made upp\x7f for ä test\r")
    window.until("until which day?")
    window.press("2999-01-02\r")
    window.until("2 of 3: 1 accepted")
    assert labels(project) == {"a.py": [(False, "made up for ä test")]}
    window.press("r")
    window.until("3 of 3: 1 accepted, 1 real")
    window.press(LEFT)
    window.until("real: ann")
    window.press("s")
    window.until("b.py:1:6")
    window.press("s")
    assert window.ended() == 0
    assert "base: 1 accepted, 1 real, 1 not decided" in window.screen.words
    assert sorted(labels(project)["a.py"]) == [(False, "made up for ä test"), (True, None)]
    assert run("scan", "--baseline", "base", "a.py", cwd=project).stdout.count(b"a.py:") == 1


def test_goes_on(project: Path) -> None:
    """The next session shows what is not decided; --all shows the rest; nothing left is said without a screen."""
    with Window(project) as window:
        window.until("1 of 3")
        window.press("r")
        window.until("2 of 3")
        window.press("q")
        assert window.ended() == 0
    with Window(project) as window:
        window.until("1 of 2")
        window.press("rr")
        assert window.ended() == 0
    with Window(project) as window:
        window.until("nothing to decide")
        assert window.ended() == 0
    with Window(project, "--all") as window:
        window.until("1 of 3: 0 accepted, 3 real")
        window.press("q")
        assert window.ended() == 0


@pytest.mark.parametrize("keys", ["\x1b", "\r", "x\x1b", "x\ra day\r", "x\r\x1b", "\x04"])
def test_a_question_that_is_left(keys: str, window: Window, project: Path) -> None:
    """Escape, an empty reason, a day that is none: nothing is accepted."""
    window.until("1 of 3")
    window.press("a")
    window.until("why may it stay?")
    for key in keys:
        window.press(key)
        time.sleep(0.1)  # an escape is a key of its own when nothing follows it
    window.until("1 of 3: 0 accepted")
    window.until("a day" if "day" in keys else "not accepted")
    assert not (project / "base").exists()


def test_secret_as_reason(window: Window, project: Path) -> None:
    """The secret itself is no reason: it would be in the file."""
    window.until("1 of 3")
    window.press("a")
    window.until("why")
    window.press(f"is {ONE}\r\r")
    window.until("the reason holds the secret itself")
    assert not (project / "base").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_told_to_end(number: int, status: int, window: Window, project: Path) -> None:
    """The terminal is as it was before, and what was decided is kept."""
    window.until("1 of 3")
    window.press("r")
    window.until("2 of 3")
    assert window.modes != window.before
    window.tell(number)
    assert window.ended() == status
    assert labels(project) == {"a.py": [(True, None)]}


def test_killed(window: Window, project: Path) -> None:
    """Also after SIGKILL: each decision was written when it was taken."""
    window.until("1 of 3")
    window.press("r")
    window.until("2 of 3")
    window.tell(signal.SIGKILL)
    assert labels(project) == {"a.py": [(True, None)]}


def test_stopped_and_on_again(window: Window) -> None:
    """Ctrl-Z gives the terminal back; after fg the picture is drawn anew."""
    window.until("1 of 3")
    window.tell(signal.SIGTSTP)
    window.wait(as_before=True)
    window.tell(signal.SIGCONT)
    window.wait(as_before=False)
    window.press("s")
    window.until("2 of 3")
    window.press("q")
    assert window.ended() == 0


def test_another_size(window: Window) -> None:
    """A smaller window gets a smaller picture; one that is too small says so, and keys still work."""
    window.until("1 of 3")
    window.resize(8, 30)
    window.until("the window needs 40")
    window.resize(14, 60)
    window.until("a.py:41:6")
    window.press("q")
    assert window.ended() == 0


def test_editor(project: Path) -> None:
    """It opens the file at the line, gets the terminal as it was, and what it changed is seen."""
    script = project / "vi"
    script.write_text(
        "#!/bin/sh\nstty -a | grep -q ' icanon' && echo \"$@\" > seen\nsed -i 's/^x = .*/x = 1/' \"$2\"\n"
    )
    script.chmod(0o755)
    with Window(project, EDITOR=str(script)) as window:
        window.until("1 of 3")
        window.press("e")
        window.until("it is no longer in the file")
        window.press("a")
        window.until("it is gone")
        window.press("q")
        assert window.ended() == 0
    assert (project / "seen").read_text().split() == ["+41", str(project / "a.py")]
    assert not (project / "base").exists()


def test_no_editor(window: Window) -> None:
    """Without one the person is told what to set; other keys are none of ours."""
    window.until("1 of 3")
    window.press("e")
    window.until("set VISUAL or EDITOR")
    window.press("x\x1b[15~")
    window.until("one of the keys above")
    window.press("b")
    window.until("this is the first one")


@pytest.mark.parametrize("colour", [True, False])
def test_colour(colour: bool, project: Path) -> None:
    """There is colour, unless NO_COLOR asks for none."""
    printed = []
    with Window(project, NO_COLOR="" if colour else "1") as window:
        write = window.screen.write
        window.screen.write = lambda text: (printed.append(text), write(text))[1]  # type: ignore[method-assign]
        window.until("1 of 3")
        window.press("q")
        assert window.ended() == 0
    assert ("\x1b[31m" in "".join(printed)) is colour


def test_without_a_terminal(project: Path) -> None:
    """It says what to use instead."""
    done = run("baseline", "review", "base", cwd=project)
    assert (done.returncode, b"baseline accept" in done.stderr) == (2, True)
