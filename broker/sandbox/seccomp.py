"""A seccomp filter as the classic BPF bytes that `bwrap --seccomp` reads: what namespaces alone leave open.

Each rule is a comparison and a return, so there are no jump distances to get wrong. Instruction and data layout:
linux/filter.h and linux/seccomp.h; system call numbers: the kernel's syscall tables for x86_64 and arm64.
"""

from __future__ import annotations

import errno
import os
import struct

from broker.sandbox.plan import SandboxError

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF_LD|W|ABS, JMP|JEQ|K, JGE, JSET, RET|K
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; arguments are 64 bits, low word first

_NEW_NAMESPACE = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_NEW_TIME = 0x80  # CLONE_NEWTIME: a flag of unshare; in clone these bits are the exit signal
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: type into the terminal of the person outside
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; AF_VSOCK for one ignores network namespaces

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # the second table of x86_64, which would bypass every number below

NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": {
        "ioctl": 16, "socket": 41, "clone": 56, "unshare": 272, "clone3": 435,
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438, "kcmp": 312,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "add_key": 248, "request_key": 249, "keyctl": 250,
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "setns": 308,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
        "mount_setattr": 442, "name_to_handle_at": 303, "open_by_handle_at": 304,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "syslog": 103,
        "kexec_load": 246, "kexec_file_load": 320, "init_module": 175, "finit_module": 313, "delete_module": 176,
        "reboot": 169, "swapon": 167, "swapoff": 168, "acct": 163, "quotactl": 179,
        "settimeofday": 164, "clock_settime": 227, "sethostname": 170, "setdomainname": 171,
    },
    "aarch64": {
        "ioctl": 29, "socket": 198, "clone": 220, "unshare": 97, "clone3": 435,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438, "kcmp": 272,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "add_key": 217, "request_key": 218, "keyctl": 219,
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "setns": 268,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
        "mount_setattr": 442, "name_to_handle_at": 264, "open_by_handle_at": 265,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "syslog": 116,
        "kexec_load": 104, "kexec_file_load": 294, "init_module": 105, "finit_module": 273, "delete_module": 106,
        "reboot": 142, "swapon": 224, "swapoff": 225, "acct": 89, "quotactl": 60,
        "settimeofday": 170, "clock_settime": 112, "sethostname": 161, "setdomainname": 162,
    },
}  # fmt: skip
_BY_ARGUMENT = ("ioctl", "socket", "clone", "unshare", "clone3")


def program(machine: str | None = None) -> bytes:
    """The filter for `machine` (default: this one): 8 bytes an instruction, native byte order.

    Raises SandboxError on a machine whose numbers are not in the table: a sandbox without its filter is not one.
    """
    name = machine or os.uname().machine
    if name not in NUMBERS:
        raise SandboxError(f"no system call filter for {name} yet", "use x86_64 or aarch64")
    numbers = NUMBERS[name]
    steps = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, _ARCHITECTURES[name]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    if name == "x86_64":
        steps += _refuse(_AT_LEAST, _X32, errno.ENOSYS)
    for call, number in numbers.items():
        if call not in _BY_ARGUMENT:
            steps += _refuse(_EQUAL, number, errno.EPERM)
    # Its flags are behind a pointer, which a filter cannot follow; C libraries fall back to clone on ENOSYS.
    steps += _refuse(_EQUAL, numbers["clone3"], errno.ENOSYS)
    steps += _on_argument(numbers["clone"], 0, _refuse(_ANY_BIT, _NEW_NAMESPACE, errno.EPERM))
    steps += _on_argument(numbers["unshare"], 0, _refuse(_ANY_BIT, _NEW_NAMESPACE | _NEW_TIME, errno.EPERM))
    injections = [step for request in _TERMINAL_INJECTION for step in _refuse(_EQUAL, request, errno.EPERM)]
    steps += _on_argument(numbers["ioctl"], 1, injections)
    families = [step for family in _FAMILIES for step in ((_EQUAL, 0, 1, family), (_RETURN, 0, 0, _ALLOW))]
    steps += _on_argument(numbers["socket"], 0, [*families, (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT)])
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _refuse(comparison: int, value: int, error: int) -> list[tuple[int, int, int, int]]:
    return [(comparison, 0, 1, value), (_RETURN, 0, 0, _ERRNO | error)]


def _on_argument(number: int, index: int, rules: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Apply `rules` to the low 32 bits of one argument of one call (the kernel truncates these arguments alike)."""
    body = [(_LOAD, 0, 0, _ARGUMENTS + 8 * index), *rules, (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(body), number), *body]
