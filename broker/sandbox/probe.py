"""Runs inside a sandbox and tries to get out: `python -I -S -c SOURCE CONFIG`. Prints one JSON object, check → answer.

An answer is "held", "broken: ..." or "cannot tell: ...", and only the first is good. The source is handed over as
text, so this module imports nothing of this project. No attempt changes anything where it succeeds.
"""

import ctypes
import errno
import fcntl
import json
import os
import platform
import socket
import sys

HELD = "held"
_NUMBERS = {
    "x86_64": {"ptrace": 101, "process_vm_readv": 310, "mount": 165, "unshare": 272, "keyctl": 250, "bpf": 321},
    "aarch64": {"ptrace": 117, "process_vm_readv": 270, "mount": 40, "unshare": 97, "keyctl": 219, "bpf": 280},
}
_IO_URING_SETUP, _NEW_USER, _TIOCSTI, _AF_VSOCK = 425, 0x10000000, 0x5412, 40
_LIBC = ctypes.CDLL(None, use_errno=True)


def refused(what, attempt, *errors):
    """Held where the attempt fails with one of these errors (any, where none is named)."""
    try:
        attempt()
    except OSError as error:
        if not errors or error.errno in errors:
            return HELD
        return f"cannot tell: {what}: {errno.errorcode.get(error.errno, error.errno)}"
    return f"broken: {what}"


def worked(what, attempt):
    """Held where the attempt, which the command needs, succeeds."""
    try:
        attempt()
    except OSError as error:
        return f"broken: {what}: {errno.errorcode.get(error.errno, error.errno)}"
    return HELD


def first_bad(answers):
    """The first answer that is not good, else held."""
    return next((answer for answer in answers if answer != HELD), HELD)


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect(address)


def call(name, *arguments):
    number = _IO_URING_SETUP if name == "io_uring_setup" else _NUMBERS[platform.machine()][name]
    ctypes.set_errno(0)
    if _LIBC.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def processes():
    try:
        return [entry for entry in os.listdir("/proc") if entry.isdigit()]
    except OSError:
        return []


def read(path):
    with open(path, "rb") as file:
        return file.read()


def environment(config):
    """This process's variables, and those of every process that can be seen, are the plan's and no others."""
    allowed = set(config["variables"])
    found = {name for name in os.environ if name not in allowed}
    for process in processes():
        try:
            entries = read(f"/proc/{process}/environ").split(b"\0")
        except OSError:
            continue
        found |= {
            name
            for name in (entry.split(b"=")[0].decode(errors="replace") for entry in entries if entry)
            if name not in allowed
        }
    return f"broken: variables {sorted(found)[:5]}" if found else HELD


def command_lines(config):
    """No command line that can be seen shows how the sandbox was set up, or a process of the host."""
    for process in processes():
        try:
            line = read(f"/proc/{process}/cmdline")
        except OSError:
            continue
        if b"--setenv" in line or b"SECRETGUARD_TASK" in line.split(b"\0-c\0")[0]:
            return "broken: the set-up can be read"
    return "broken: processes of the host can be seen" if str(config["host_process"]) in processes() else HELD


def capabilities(config):
    if not processes():
        number = _LIBC.prctl(23, 21, 0, 0, 0)  # PR_CAPBSET_READ, CAP_SYS_ADMIN
        return HELD if number == 0 or os.getuid() != 0 else "broken: CAP_SYS_ADMIN is kept"
    sets = [
        line.split()[1]
        for line in read("/proc/self/status").splitlines()
        if line.startswith((b"CapEff", b"CapPrm", b"CapBnd"))
    ]
    return HELD if sets and all(int(value, 16) == 0 for value in sets) else "broken: capabilities are kept"


def network(config):
    port, abstract = config["port"], "\0" + config["abstract"]
    return first_bad((
        refused("a TCP connection to the host", lambda: connect(socket.AF_INET, ("127.0.0.1", port))),
        refused("an abstract socket of the host", lambda: connect(socket.AF_UNIX, abstract)),
        refused("a VSOCK socket", lambda: socket.socket(_AF_VSOCK, socket.SOCK_STREAM).close()),
        refused("a raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close()),
    ))  # fmt: skip


def hidden(config):
    """Neither a file nor a socket of the host beside the plan, nor any of the private places, can be opened."""

    def look(path):
        os.close(os.open(path, os.O_RDONLY))

    answers = [refused(f"reading {path}", lambda path=path: look(path)) for path in config["hidden"]]
    return first_bad([*answers, refused("another socket", lambda: connect(socket.AF_UNIX, config["other_socket"]))])


def writes(config):
    outside = os.path.join(os.path.dirname(config["hidden"][0]), "written")
    places = ["/usr/written", "/etc/written", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", outside]
    create = os.O_WRONLY | os.O_CREAT

    def write(path):
        os.close(os.open(path, os.O_WRONLY if path.startswith("/proc") else create, 0o600))

    return first_bad([refused(f"writing {path}", lambda path=path: write(path)) for path in places])


def attempts():
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


def main(config):
    """All checks."""
    answers = {
        "environment": environment(config),
        "command_lines": command_lines(config),
        "capabilities": capabilities(config),
        "network": network(config),
        "hidden": hidden(config),
        "writes": writes(config),
        "workspace": worked("writing the workspace", lambda: open("written", "w").close()),
        "task_socket": worked("the task socket", lambda: connect(socket.AF_UNIX, os.environ["BROKER_TASK_SOCKET"])),
    }
    return answers | attempts()


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
