"""Runs inside a sandbox and tries to get out: `python -I -S -c SOURCE CONFIG`. Prints one JSON object, check → answer.

An answer is "held", "broken: ..." or "cannot tell: ...", and only the first is good. The source is handed over as
text, so this module imports nothing of this project. No attempt changes anything where it succeeds.
"""

import contextlib
import ctypes
import errno
import fcntl
import glob
import json
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

HELD = "held"
_NUMBERS = {
    "x86_64": {"ptrace": 101, "process_vm_readv": 310, "mount": 165, "unshare": 272, "keyctl": 250, "bpf": 321},
    "aarch64": {"ptrace": 117, "process_vm_readv": 270, "mount": 40, "unshare": 97, "keyctl": 219, "bpf": 280},
}
_IO_URING_SETUP, _NEW_USER, _TIOCSTI, _AF_VSOCK = 425, 0x10000000, 0x5412, 40
_OWN_PROCESSES = 3  # bwrap's first process, this one, and one to spare
_LIBC = ctypes.CDLL(None, use_errno=True)


def refused(what: str, attempt: Callable[[], object], *errors: int) -> str:
    """Held where the attempt fails with one of these errors (any, where none is named)."""
    try:
        attempt()
    except OSError as error:
        return HELD if not errors or error.errno in errors else f"cannot tell: {what}: {named(error)}"
    return f"broken: {what}"


def worked(what: str, attempt: Callable[[], object]) -> str:
    """Held where the attempt, which the command needs, succeeds."""
    try:
        attempt()
    except OSError as error:
        return f"broken: {what}: {named(error)}"
    return HELD


def named(error: OSError) -> str:
    """The error's symbol."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)


def first_bad(answers: Iterable[str]) -> str:
    """The first answer that is not good, else held."""
    return next((answer for answer in answers if answer != HELD), HELD)


def connect(family: int, address: str | tuple[str, int]) -> None:
    """Connect a stream socket, or raise OSError."""
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect(address)


def call(name: str, *arguments: object) -> None:
    """One system call by name, or OSError."""
    number = _IO_URING_SETUP if name == "io_uring_setup" else _NUMBERS[platform.machine()][name]
    # an int would be passed as 32 bits, with the rest of the register as it was
    whole = (ctypes.c_long(one) if isinstance(one, int) else one for one in (number, *arguments))
    ctypes.set_errno(0)
    if _LIBC.syscall(*whole) < 0:
        raise OSError(ctypes.get_errno(), name)


def open_and_close(path: str, flags: int) -> None:
    """Open alone: even where it succeeds, nothing is written."""
    os.close(os.open(path, flags, 0o600))


def of_processes(name: str) -> list[bytes]:
    """That file of every process that can be seen and read."""
    found = []
    for path in glob.glob(f"/proc/[0-9]*/{name}"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            found.append(file.read())
    return found


def environment(config: dict[str, Any]) -> str:
    """This process's variables, and those of every process that can be seen, are the plan's and no others."""
    entries = [entry for block in of_processes("environ") for entry in block.split(b"\0") if entry]
    names = {entry.split(b"=")[0].decode(errors="replace") for entry in entries} | set(os.environ)
    strange = sorted(names - set(config["variables"]))
    return f"broken: variables {strange[:5]}" if strange else HELD


def command_lines() -> str:
    """No process of the host can be seen, and no command line that shows how the sandbox was set up."""
    lines = of_processes("cmdline")
    if len(lines) > _OWN_PROCESSES:
        return f"broken: {len(lines)} processes can be seen"
    set_up = any(b"--setenv" in line.split(b"\0-c\0")[0] for line in lines)
    return "broken: the set-up can be read" if set_up else HELD


def capabilities() -> str:
    """None of the first 41 capabilities can come back (PR_CAPBSET_READ; an unknown one answers -1)."""
    if os.getuid() != 0:
        return HELD if _LIBC.prctl(39, 0, 0, 0, 0) == 1 else "broken: no_new_privs is not set"
    kept = [number for number in range(41) if _LIBC.prctl(23, number, 0, 0, 0) > 0]
    return f"broken: capabilities {kept[:5]} are kept" if kept else HELD


def network(config: dict[str, Any]) -> str:
    """Nothing of the host answers, by whatever family of addresses."""
    port, abstract = config["port"], "\0" + config["abstract"]
    answers = (
        refused("a TCP connection to the host", lambda: connect(socket.AF_INET, ("127.0.0.1", port))),
        refused("an abstract socket of the host", lambda: connect(socket.AF_UNIX, abstract)),
        refused("a VSOCK socket", lambda: socket.socket(_AF_VSOCK, socket.SOCK_STREAM).close()),
        refused("a raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()),
    )
    return first_bad(answers)


def hidden(config: dict[str, Any]) -> str:
    """Neither a file nor a socket of the host beside the plan, nor any of the private places, can be opened."""
    looks = [refused(f"reading {path}", partial(open_and_close, path, os.O_RDONLY)) for path in config["hidden"]]
    return first_bad([*looks, refused("another socket", lambda: connect(socket.AF_UNIX, config["other_socket"]))])


def writes(config: dict[str, Any]) -> str:
    """Nothing outside can be made or written; for root /proc/sys is the machine's own."""
    beside = os.path.join(os.path.dirname(config["hidden"][0]), "written")
    tries = [(path, os.O_WRONLY | os.O_CREAT) for path in ("/usr/written", "/etc/written", beside)]
    tries += [(path, os.O_WRONLY) for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger")]
    return first_bad(refused(f"writing {path}", partial(open_and_close, path, flags)) for path, flags in tries)


def attempts() -> dict[str, str]:
    """System calls that the filter must refuse."""
    unprivileged = (errno.EPERM, errno.ENOSYS, errno.EACCES)
    return {
        "trace": first_bad((
            refused("ptrace", lambda: call("ptrace", 0, 0, 0, 0), *unprivileged),
            refused("process_vm_readv", lambda: call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0), *unprivileged),
        )),
        "namespaces": refused("a user namespace", lambda: call("unshare", _NEW_USER), *unprivileged),
        "mounts": refused("mount", lambda: call("mount", b"none", b"/", b"tmpfs", 1 << 5, 0), *unprivileged),
        "io_uring": refused("io_uring", lambda: call("io_uring_setup", 1, 0), *unprivileged),
        "keyring": refused("keyctl", lambda: call("keyctl", 0, -3, 0), *unprivileged),
        "bpf": refused("bpf", lambda: call("bpf", 0, 0, 0), *unprivileged),
        "terminal": refused("TIOCSTI", lambda: fcntl.ioctl(0, _TIOCSTI, b"x"), *unprivileged),
    }  # fmt: skip


def main(config: dict[str, Any]) -> dict[str, str]:
    """All checks."""
    answers = {
        "environment": environment(config),
        "command_lines": command_lines(),
        "capabilities": capabilities(),
        "network": network(config),
        "hidden": hidden(config),
        "writes": writes(config),
        "workspace": worked("writing the workspace", lambda: open_and_close("written", os.O_WRONLY | os.O_CREAT)),
        "task_socket": worked("the task socket", lambda: connect(socket.AF_UNIX, os.environ["BROKER_TASK_SOCKET"])),
    }
    return answers | attempts()


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
