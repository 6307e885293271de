"""Tier A: bubblewrap. New namespaces for everything, no network, no capability, a system call filter.

bwrap itself starts from an empty environment and reads its options from a descriptor: with `--clearenv` the caller's
environment stays readable at /proc/1/environ inside, and `--setenv` on the command line shows at /proc/1/cmdline.
"""

from __future__ import annotations

import os
import shutil
import subprocess

from broker.sandbox import seccomp
from broker.sandbox.plan import ETC_READABLE, PROGRAM_TREES, Plan, SandboxError, helper
from broker.sandbox.running import Running, streams

NAME = "bwrap"
INSIDE_HOME = "/home/sandbox"
INSIDE_SOCKET = "/run/broker/task.sock"
INSIDE_PROGRAMS = "/run/broker/bin"


class Bubblewrap:
    """The bubblewrap tier; `program` is the resolved path of bwrap."""

    name = NAME

    def __init__(self, program: str) -> None:
        self.program = program

    def describe(self) -> str:
        """Name, version and what it promises, for the person who starts a command."""
        answer = subprocess.run(
            [self.program, "--version"], capture_output=True, text=True, env={}, timeout=10, check=False
        )
        return f"{answer.stdout.strip() or 'bubblewrap'}: own namespaces, no network, empty home, system call filter"

    def start(self, plan: Plan, *, capture: bool = False) -> Running:
        """See `Tier`. The death of the calling thread, not only of its process, kills everything inside."""
        files = {"/etc/" + name: ("0444", text.encode()) for name, text in synthetic_etc().items()}
        files[f"{INSIDE_PROGRAMS}/broker"] = ("0555", helper())
        descriptors = [_memory_file("filter", seccomp.program())]
        try:
            options = [*arguments(plan), "--seccomp", str(descriptors[0])]
            for path, (mode, content) in files.items():
                descriptors.append(_memory_file("file", content))
                options += ["--perms", mode, "--file", str(descriptors[-1]), path]
            options += ["--remount-ro", "/"]
            descriptors.append(_memory_file("options", b"".join(os.fsencode(option) + b"\0" for option in options)))
            argv = [self.program, "--args", str(descriptors[-1]), "--", *plan.command]
            return Running(subprocess.Popen(argv, env={}, pass_fds=descriptors, cwd="/", **streams(capture)))
        except OSError as error:
            raise SandboxError(
                f"bubblewrap did not start: {error.strerror}", "install the package bubblewrap"
            ) from None
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


def find() -> Bubblewrap | None:
    """The bubblewrap of this machine, or None."""
    program = shutil.which("bwrap")
    return Bubblewrap(program) if program else None


def arguments(plan: Plan) -> list[str]:
    """bwrap's options for `plan`, without descriptors and without the command. Later ones cover earlier ones."""
    options = ["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    options += ["--hostname", "sandbox", "--clearenv"]
    for name, value in plan.environment(INSIDE_HOME, INSIDE_SOCKET, INSIDE_PROGRAMS).items():
        options += ["--setenv", name, value]
    for tree in PROGRAM_TREES:
        if os.path.islink(tree):
            options += ["--symlink", os.readlink(tree), tree]
        elif os.path.isdir(tree):
            options += ["--ro-bind", tree, tree]
    options += ["--dir", "/etc", "--dir", INSIDE_PROGRAMS]
    for path in ETC_READABLE:
        options += ["--ro-bind-try", path, path]
    # bwrap 0.8.0 leaves /proc/sys writable where the directory itself is not, and for root that is the machine's own:
    # a core_pattern written inside runs a program outside. Nothing inside needs to write to /proc.
    options += ["--proc", "/proc", "--remount-ro", "/proc"]
    options += ["--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", INSIDE_HOME]  # noqa: S108
    for path in plan.readable:
        options += ["--ro-bind", path, path]
    options += ["--bind", plan.workspace, plan.workspace, "--chdir", plan.workspace]
    return [*options, "--ro-bind", plan.task_socket, INSIDE_SOCKET]


def synthetic_etc() -> dict[str, str]:
    """The files of /etc that would name this machine's people and hosts, made up instead: name → text."""
    uid, gid = os.getuid(), os.getgid()
    user = "root" if uid == 0 else "sandbox"
    group = "root" if gid == 0 else "sandbox"
    return {
        "passwd": f"{user}:x:{uid}:{gid}::{INSIDE_HOME}:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n",
        "group": f"{group}:x:{gid}:\nnogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\n",
    }


def _memory_file(name: str, content: bytes) -> int:
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
