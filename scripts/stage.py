"""Where the demo plays: a throw-away home, the sample project, and one way to run and show a command."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ
SECONDS = 60
WIDTH = 150
LONG_PATH = 60
"""Characters of an argument that a person would not type; only its last component is shown."""


class Failed(Exception):
    """A step did not do what it should; the message says what was expected."""


@dataclass(frozen=True)
class Stage:
    """The demo's folders, what was planted, and the environment of every command it runs."""

    folder: Path
    planted: dict[str, str]
    environment: dict[str, str] = field(repr=False)

    @property
    def project(self) -> Path:
        """The sample project."""
        return self.folder / "shop"

    def run(
        self,
        *command: str,
        expect: int = 0,
        stdin: str = "",
        lines: int = 12,
        cwd: Path | None = None,
        quiet: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a real command, print it with its trimmed output, and hold it to its exit status and to silence.

        Raises Failed when the status is another one, or when a planted credential is in what it printed.
        """
        done = subprocess.run(
            command, input=stdin, cwd=cwd or self.folder, env=self.environment, capture_output=True, text=True,
            check=False, timeout=SECONDS,
        )  # fmt: skip
        if not quiet:
            self.show(command, done.stdout + done.stderr, lines)
        for name, value in self.planted.items():
            if value in done.stdout + done.stderr:
                raise Failed(f"the output holds the planted {name}")
        if done.returncode != expect:
            detail = done.stderr.strip() if quiet else ""
            raise Failed(f"exit status {done.returncode}, expected {expect} {detail}".strip())
        return done

    def show(self, command: tuple[str, ...], output: str, lines: int) -> None:
        """Print a command as a person would type it, and the first lines of its output."""
        near = [word.replace(f"{self.folder}/", "") for word in command]
        typed = shlex.join(f".../{Path(word).name}" if len(word) > LONG_PATH else word for word in near)
        say(f"$ {typed}", "1")
        printed = output.rstrip("\n").replace(str(self.folder) + "/", "").splitlines()
        for line in printed[:lines]:
            say("  " + (line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."))
        if len(printed) > lines:
            say(f"  ... {len(printed) - lines} more lines", "2")


def say(text: str, style: str = "") -> None:
    """Print a line, in an SGR style where the output is a terminal."""
    print(f"\x1b[{style}m{text}\x1b[0m" if style and COLOURED else text, flush=True)


def heading(number: int, title: str) -> None:
    """The title of a step."""
    say("")
    say(f"{number}. {title}", "1;36")


def check(true: bool, claim: str) -> None:
    """Print what was just proved. Raises Failed with the claim when it is not so."""
    if not true:
        raise Failed(f"not so: {claim}")
    say(f"  ok: {claim}", "32")
