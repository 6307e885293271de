"""One session of the real Claude Code, guarded by the real `secretguard install claude-code`, in a home of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from secretguard.agents.loopback_api import tool_results

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Session:
    """What one session did. `results` are (is an error, text) for each tool call, in the order of the script."""

    root: Path
    status: int
    stdout: str
    stderr: str
    bodies: list[bytes]

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
        lines = (self.journal / "journal.jsonl").read_text().splitlines()
        records = [json.loads(line.split("\t", 1)[0]) for line in lines]
        return [record for record in records if record["event"] == event]


def prepare(root: Path, files: dict[str, str], *, guarded: bool = True) -> dict[str, str]:
    """Make home and work folder below `root`, install the guard, and return the environment that it needs."""
    (root / "home" / ".claude").mkdir(parents=True)
    (root / "work").mkdir()
    for name, text in files.items():
        path = root / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    extra = {"SECRETGUARD_HOME": str(root / "guard")}
    if guarded:
        home = {"HOME": str(root / "home"), "CLAUDE_CONFIG_DIR": str(root / "home" / ".claude")}
        command = [sys.executable, "-m", "secretguard", "install", "claude-code"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **extra, **home}, check=True, capture_output=True)
    return extra


def play(
    client: Path,
    root: Path,
    turns: list[list[dict[str, Any]]],
    *,
    extra: dict[str, str],
    prompt: str = "go",
    options: tuple[str, ...] = (),
) -> Session:
    """Run the session. `$WORK` and `$ROOT` in the script stand for its folders."""
    script = json.dumps(turns).replace("$WORK", str(root / "work")).replace("$ROOT", str(root))
    spec = {
        "client": str(client), "home": str(root / "home"), "work": str(root / "work"), "prompt": prompt,
        "turns": json.loads(script), "extra": extra, "options": options,
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
    return Session(root, out["status"], out["stdout"], out["stderr"], bodies)


@cache
def own_network() -> bool:
    """Whether this machine lets us make a network namespace; without one the session is on loopback all the same."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
