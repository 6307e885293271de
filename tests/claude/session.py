"""One session of the real Claude Code, guarded by the real `secretguard install claude-code`, in a home of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from secretguard.agents.claude_client import MADE_UP_KEY
from secretguard.agents.loopback_api import tool_results
from secretguard.audit import reader
from tests.claude.terminal import Step

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Moment:
    """What was there when a step had seen its words: screen, journal, files of the work folder by name."""

    screen: str
    journal: str
    files: dict[str, str]

    def records(self, event: str) -> list[dict[str, Any]]:
        """The journal's records of `event` until now."""
        return _records(self.journal, event)


@dataclass
class Session:
    """What one session did. `results` are (is an error, text) for each tool call, in the order of the script."""

    root: Path
    status: int
    stdout: str
    stderr: str
    bodies: list[bytes]
    moments: list[Moment] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def results(self) -> list[tuple[bool, str]]:
        return [result for _, result in sorted(tool_results(self.bodies).items())]

    def sent(self, needle: str) -> bool:
        """Whether any request to the model's API, of whatever kind, carried `needle`."""
        return any(needle.encode() in raw for raw in self.bodies)

    def files_with(self, needle: str, folder: Path) -> list[str]:
        """The files below `folder` that hold `needle`."""
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        return sorted(str(path.relative_to(folder)) for path in files if needle.encode() in path.read_bytes())

    @property
    def journal(self) -> Path:
        return self.root / "guard" / "state" / "audit"

    def records(self, event: str) -> list[dict[str, Any]]:
        """The journal's records of `event`."""
        return _records((self.journal / "journal.jsonl").read_text(), event)


def _records(journal: str, event: str) -> list[dict[str, Any]]:
    records = [reader.parse(line.encode("ascii")) or {} for line in journal.splitlines()]
    return [record for record in records if record.get("event") == event]


def prepare(
    root: Path,
    files: dict[str, str],
    *,
    guarded: bool = True,
    client: Path | None = None,
    options: tuple[str, ...] = (),
) -> dict[str, str]:
    """Make home and work folder below `root`, install the guard, and return the environment that it needs.

    `client` is on the installation's PATH, for the version that the settings are written for; `options` are those of
    `install`.
    """
    (root / "home" / ".claude").mkdir(parents=True)
    (root / "work").mkdir()
    for name, text in files.items():
        path = root / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return install(root, client, options) if guarded else {"SECRETGUARD_HOME": str(root / "guard")}


def install(root: Path, client: Path | None = None, options: tuple[str, ...] = ()) -> dict[str, str]:
    """Install the guard into the client of the home below `root`, and return the environment that it needs."""
    extra = {"SECRETGUARD_HOME": str(root / "guard")}
    home = {"HOME": str(root / "home"), "CLAUDE_CONFIG_DIR": str(root / "home" / ".claude")}
    if client is not None:
        home["PATH"] = f"{client.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    command = [sys.executable, "-m", "secretguard", "install", "claude-code", *options]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **extra, **home}, check=True, capture_output=True)
    return extra


def settle(root: Path) -> None:
    """Answer beforehand what the client asks a new user: theme, key, trust in the folder, the bypassing mode."""
    project = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True, "allowedTools": []}
    known = {
        "hasCompletedOnboarding": True, "theme": "dark", "numStartups": 5, "bypassPermissionsModeAccepted": True,
        "customApiKeyResponses": {"approved": [MADE_UP_KEY[-20:]], "rejected": []},
        "projects": {str(root / "work"): project},
    }  # fmt: skip
    (root / "home" / ".claude" / ".claude.json").write_text(json.dumps(known))


def play(
    client: Path,
    root: Path,
    turns: list[list[dict[str, Any]]],
    *,
    extra: dict[str, str],
    prompt: str = "go",
    options: tuple[str, ...] = (),
    steps: tuple[Step, ...] = (),
    prompts: tuple[str | list[dict[str, Any]], ...] = (),
) -> Session:
    """Run the session; with `steps` in a terminal, with `prompts` over stream-json.

    `$WORK` and `$ROOT` in the script stand for its folders.
    """
    script = json.dumps(turns).replace("$WORK", str(root / "work")).replace("$ROOT", str(root))
    spec = {
        "client": str(client), "home": str(root / "home"), "work": str(root / "work"), "prompt": prompt,
        "turns": json.loads(script), "extra": extra, "options": options, "steps": steps, "prompts": prompts,
        "journal": str(root / "guard" / "state" / "audit" / "journal.jsonl"),
    }  # fmt: skip
    (root / "spec.json").write_text(json.dumps(spec))
    command = [sys.executable, "-m", "tests.claude.isolated", str(root / "spec.json"), str(root / "out.json")]
    environment = dict(os.environ)
    if own_network():
        command, environment["OWN_NETWORK"] = ["unshare", "-rn", *command], "1"
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
    (root / "spec.json").unlink()  # it holds the planted secrets of the script
    out = json.loads((root / "out.json").read_text())
    (root / "out.json").unlink()
    bodies = [base64.b64decode(raw) for raw in out["bodies"]]
    moments = [Moment(**moment) for moment in out["moments"]]
    session = Session(root, out["status"], out["stdout"], out["stderr"], bodies, moments)
    _looked(session)
    return session


def _looked(session: Session) -> None:
    """Wait for the looks at the files that the session's turns started: they outlive the client, and a test that reads
    the journal is to read all of it."""
    end = time.monotonic() + 20
    while (session.journal / "journal.jsonl").is_file() and time.monotonic() < end:
        asked = {record["look"] for record in session.records("guard:turn:ended")}
        told = [*session.records("guard:files:compared"), *session.records("guard:files:unlisted")]
        if asked <= {look for record in told for look in record.get("looks", [])}:
            return
        time.sleep(0.05)


@cache
def own_network() -> bool:
    """Whether this machine lets us make a network namespace; without one the session is on loopback all the same."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
