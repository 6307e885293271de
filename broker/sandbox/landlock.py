"""Tier B: sandlock (Landlock and seccomp), where bubblewrap cannot be had. No namespace, so the differences are:

/proc is not visible at all; the names of files elsewhere can be tested for (Landlock guards opening, not stat); the
home is a private directory of the host, removed afterwards; the task socket lies at a host path; there is no /tmp
(TMPDIR points into the home); process numbers are the host's, though none of its processes can be signalled or
traced. The command is started by `broker.sandbox.confine`, a process of its own with an empty environment.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

from broker.sandbox.plan import ETC_READABLE, PROGRAM_TREES, Plan, SandboxError, helper
from broker.sandbox.running import Running, streams
from secretguard import rawjson

NAME = "sandlock"
_DEVICES = ("/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Sandlock:
    """The sandlock tier."""

    name = NAME

    def describe(self) -> str:
        """Name, version and what it promises, for the person who starts a command."""
        version = importlib.metadata.version("sandlock")
        return f"sandlock {version}: Landlock and seccomp, no network, no /proc, private home"

    def start(self, plan: Plan, *, capture: bool = False) -> Running:
        """See `Tier`."""
        home = _make_home(plan)
        read_end, lifeline = os.pipe()
        order = os.memfd_create("order", os.MFD_CLOEXEC)
        try:
            os.write(order, rawjson.dumps(confinement(plan, home)).encode())
            os.lseek(order, 0, os.SEEK_SET)
            argv = [sys.executable, "-I", "-m", "broker.sandbox.confine", str(order), str(read_end)]
            pipes = streams(capture)
            process = subprocess.Popen(
                argv, env={}, pass_fds=(order, read_end), cwd="/", start_new_session=True, **pipes
            )  # a session of its own: Ctrl-C is for the supervisor, which then closes the lifeline
        except OSError as error:
            os.close(lifeline)
            shutil.rmtree(home, ignore_errors=True)
            raise SandboxError(
                f"sandlock did not start: {error.strerror}", "install secretguard[broker] anew"
            ) from None
        finally:
            os.close(order)
            os.close(read_end)
        return Running(process, lifeline)


def find() -> Sandlock | None:
    """The sandlock of this installation, or None."""
    return Sandlock() if importlib.util.find_spec("sandlock") is not None else None


def _make_home(plan: Plan) -> str:
    home = tempfile.mkdtemp(prefix="broker-home-", dir=plan.scratch or None)
    for name in ("tmp", "bin"):
        os.mkdir(os.path.join(home, name), 0o700)
    program = os.open(os.path.join(home, "bin", "broker"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o500)
    with os.fdopen(program, "wb") as file:
        file.write(helper())
    return home


def confinement(plan: Plan, home: str) -> dict[str, object]:
    """The order for `confine`: what may be read and written, and the whole environment."""
    socket_directory, programs = os.path.dirname(plan.task_socket), os.path.join(home, "bin")
    existing = [path for path in (*PROGRAM_TREES, *ETC_READABLE, *_DEVICES) if os.path.exists(path)]
    environment = plan.environment(home, plan.task_socket, programs) | {"TMPDIR": os.path.join(home, "tmp")}
    return {
        "command": list(plan.command),
        "workspace": plan.workspace,
        "home": home,
        "readable": [*existing, *plan.readable],
        # a socket can be connected to only where its directory may be written; nothing else lies in this one
        "writable": [plan.workspace, home, socket_directory, "/dev/null"],
        "environment": environment,
    }
