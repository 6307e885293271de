"""`make demo`: the main job on real input, in the embedded default. Exit status 0 when every step did what it should.

Everything happens in a temporary folder with a home of its own; nothing of the person who runs it is read or written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts import demo_broker, demo_client, demo_guard, sample_project
from scripts.parts import PartMissing
from scripts.stage import Failed, Stage, heading, say

GUARD = (
    ("Find the secrets in a sample project", demo_guard.scan),
    ("Put the guard into the client's settings", demo_guard.install),
    ("A recorded session, through the hook process that the client starts", demo_guard.events),
    ("The real client, against a made-up model on loopback", demo_client.session),
    ("The guard's record, and copies of it that were meddled with", demo_guard.record),
)
BROKER = (
    ("A task in a sandbox, with a credential that dies with it", demo_broker.task),
    ("The broker's record, and copies of it that were meddled with", demo_broker.record),
)


def main() -> int:
    """Play every step; 1 and the reason at the first that fails."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="secretguard-demo-") as folder:
        stage = set_up(Path(folder))
        say("secretguard and broker: a demonstration on real input. Every credential in it is made up.", "1")
        try:
            play(stage)
        except (Failed, PartMissing, OSError, subprocess.SubprocessError) as error:
            say(f"\nFAILED: {error}", "1;31")
            return 1
    say(f"\nAll {len(GUARD) + len(BROKER)} steps did what they should, in {time.monotonic() - started:.0f} s.", "1;32")
    return 0


def play(stage: Stage) -> None:
    """The guard's steps, then the broker's while one runs."""
    for number, (title, step) in enumerate(GUARD, 1):
        heading(number, title)
        step(stage)
    with demo_broker.broker(stage):
        for number, (title, step) in enumerate(BROKER, len(GUARD) + 1):
            heading(number, title)
            step(stage)


def set_up(folder: Path) -> Stage:
    """The sample project, an empty home, and an environment with something in it that nobody inside may see."""
    project, home = folder / "shop", folder / "home"
    project.mkdir()
    home.mkdir()
    planted = sample_project.plant(project)
    here = Path(sys.executable).parent
    environment = {
        "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "SECRETGUARD_HOME": str(folder / "guard"),
        "LANG": "C.UTF-8",
        "TERM": os.environ.get("TERM", "dumb"),
        "DEMO_PARENT_SECRET": planted["database_password"],
    }
    if shutil.which("git", path=environment["PATH"]) is None:
        raise SystemExit("demo: git is not installed")
    return Stage(folder, planted, environment)


if __name__ == "__main__":
    sys.exit(main())
