"""A host with something to lose: files, listeners and a starter with a canary, for the sandbox tests."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DRIVE = Path(__file__).with_name("drive.py")
SYSTEM_PYTHON = "/usr/bin/python3"


@dataclasses.dataclass(frozen=True)
class Host:
    """`base` holds the workspace, the task socket's directory and what must not be seen; `python` runs everything."""

    base: Path
    given: dict[str, object]
    canary: str
    user: str | None = None

    @property
    def python(self) -> str:
        return os.path.realpath(SYSTEM_PYTHON) if self.user else os.path.realpath(sys.executable)

    def run(self, tier: str, command: list[str], **order: object) -> subprocess.CompletedProcess[str]:
        """Run `command` in `tier` (none: outside) from a starter that holds the canary."""
        full = {
            "tier": tier,
            "command": command,
            "workspace": str(self.base / "workspace"),
            "task_socket": str(self.base / "task" / "task.sock"),
            "readable": [] if self.python.startswith("/usr/") else [sys.base_prefix],
            "scratch": str(self.base / "scratch"),
            **order,
        }
        environment = {"CANARY": self.canary, "HOME": str(self.base / "home"), "PATH": os.environ["PATH"]}
        environment |= {"SECRETGUARD_HOME": str(self.base / "home" / "secretguard"), "PYTHONPATH": str(ROOT)}
        program = self.python if self.user else sys.executable  # of the venv, which a link inside it would not be
        argv = [program, str(DRIVE), self.canary]
        return subprocess.run(
            argv, input=json.dumps(full), env=environment, cwd=self.base, user=self.user, capture_output=True,
            text=True, timeout=60, **({"extra_groups": []} if self.user else {}),
        )  # fmt: skip

    def try_out(self, tier: str, source: str) -> str:
        """What a piece of Python printed there."""
        done = self.run(tier, [self.python, "-I", "-S", "-c", source, json.dumps(self.given)])
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@contextlib.contextmanager
def host(user: str | None = None) -> Iterator[Host]:
    """Set everything out; as `user`'s files where one is named (needs root)."""
    base = Path(tempfile.mkdtemp(prefix="broker-test-"))
    try:
        for name in ("workspace", "task", "scratch", "private", "home", "home/secretguard/state"):
            (base / name).mkdir(mode=0o700, parents=True)
        (base / "private" / "secret").write_text("bait")
        (base / "home" / "notes").write_text("bait")
        abstract = f"test-{secrets.token_hex(8)}"
        launcher = base / "home" / "secretguard" / "state" / "launch.sock"
        with contextlib.ExitStack() as stack:
            for address in (str(base / "task" / "task.sock"), str(launcher), "\0" + abstract):
                listener = stack.enter_context(socket.socket(socket.AF_UNIX))
                listener.bind(address)
                listener.listen()
            tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            canary = "canary-" + secrets.token_hex(8)
            given: dict[str, object] = {
                "yranac": canary[::-1],
                "starter": os.getpid(),
                "port": tcp.getsockname()[1],
                "abstract": abstract,
                "secret": str(base / "private" / "secret"),
                "home": str(base / "home"),
                "launcher": str(launcher),
                "outside": str(base / "private"),
            }
            if user:
                owner = pwd.getpwnam(user)
                for path in (base, *base.rglob("*")):
                    os.lchown(path, owner.pw_uid, owner.pw_gid)
            yield Host(base, given, canary, user)
    finally:
        shutil.rmtree(base, ignore_errors=True)


ENOUGH = "import sys, broker.sandbox.bwrap; sys.exit(sys.version_info < (3, 11))"


def ordinary_user_can_run(program: str = ENOUGH, packages: str = "") -> str:
    """Why an ordinary user cannot run this program with the system's Python, "" where one can (asked by root)."""
    try:
        done = subprocess.run(
            [SYSTEM_PYTHON, "-c", program], env={"PYTHONPATH": f"{ROOT}:{packages}".rstrip(":")}, user="nobody",
            cwd="/", capture_output=True, timeout=30, extra_groups=[],
        )  # fmt: skip
    except (OSError, KeyError) as error:
        return str(error)
    return "" if done.returncode == 0 else "no such Python that others may run, or a checkout they may not read"
