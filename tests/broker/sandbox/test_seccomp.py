"""The filter, read by a small interpreter of classic BPF: every call on both architectures, without being on them."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.sandbox.plan import SandboxError
from broker.sandbox.seccomp import NUMBERS, program

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL = 0x7FFF0000, 0x80000000
MACHINES = sorted(NUMBERS)


def refusal(error: int) -> int:
    return 0x00050000 | error


def answer(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the kernel would return for one call (linux/filter.h semantics)."""
    values = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number, ARCHITECTURES[machine] if arch is None else arch, 0, *values)
    steps = list(struct.iter_unpack("=HBBI", program(machine)))
    at, accumulator = 0, 0
    for _ in range(len(steps)):
        code, true, false, value = steps[at]
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif code == 0x06:
            return int(value)
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            at += true if holds else false
    raise AssertionError("the filter did not return")


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_refused_whatever_their_arguments(machine: str) -> None:
    """Every listed call but the five that depend on an argument is refused with EPERM."""
    for call, number in NUMBERS[machine].items():
        if call not in ("ioctl", "socket", "clone", "unshare", "clone3"):
            assert answer(machine, number) == refusal(errno.EPERM), call


@pytest.mark.parametrize("machine", MACHINES)
def test_clone3_does_not_exist(machine: str) -> None:
    """clone3 hides its flags behind a pointer; ENOSYS makes a C library use clone."""
    assert answer(machine, NUMBERS[machine]["clone3"]) == refusal(errno.ENOSYS)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("bit", [0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
def test_no_new_namespace(bit: int, machine: str) -> None:
    """clone and unshare with any namespace flag are refused, alone or among others, whatever the high word holds."""
    for call in ("clone", "unshare"):
        number = NUMBERS[machine][call]
        for flags in (bit, bit | 0x11, bit | (1 << 40)):
            assert answer(machine, number, flags) == refusal(errno.EPERM)


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_and_processes_are_allowed(machine: str) -> None:
    """fork (SIGCHLD alone) and pthread_create's flags pass; so does unshare of files."""
    for flags in (17, 0x3D0F00):
        assert answer(machine, NUMBERS[machine]["clone"], flags) == ALLOW
    assert answer(machine, NUMBERS[machine]["unshare"], 0x400) == ALLOW
    assert answer(machine, NUMBERS[machine]["unshare"], 0x80) == refusal(errno.EPERM)  # CLONE_NEWTIME


@pytest.mark.parametrize("machine", MACHINES)
def test_terminal_injection(machine: str) -> None:
    """TIOCSTI and TIOCLINUX are refused even with high bits set, which the kernel ignores; other requests pass."""
    ioctl = NUMBERS[machine]["ioctl"]
    for request in (0x5412, 0x541C, 0x5412 | (1 << 32), 0xFFFFFFFF00005412):
        assert answer(machine, ioctl, 0, request) == refusal(errno.EPERM)
    for request in (0x5401, 0x5413, 0):  # TCGETS, TIOCGWINSZ
        assert answer(machine, ioctl, 0x5412, request) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@given(family=st.integers(0, 2**32 - 1))
def test_socket_families(machine: str, family: int) -> None:
    """Unix, IPv4, IPv6 and netlink sockets pass, every other family is not supported."""
    expected = ALLOW if family in (1, 2, 10, 16) else refusal(errno.EAFNOSUPPORT)
    assert answer(machine, NUMBERS[machine]["socket"], family) == expected


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, 1000))
def test_every_other_call_passes(machine: str, number: int) -> None:
    """A call that is not in the table is allowed."""
    if number not in NUMBERS[machine].values():
        assert answer(machine, number) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, 2**31 - 1), arch=st.integers(0, 2**32 - 1))
def test_foreign_architectures_end_the_process(machine: str, number: int, arch: int) -> None:
    """A call by another architecture's table (32-bit on 64-bit) cannot be judged by these numbers."""
    if arch != ARCHITECTURES[machine]:
        assert answer(machine, number, arch=arch) == KILL


@given(number=st.integers(0x40000000, 0x7FFFFFFF))
def test_the_x32_table_is_closed(number: int) -> None:
    """The second system call table of x86_64 would bypass every number."""
    assert answer("x86_64", number) == refusal(errno.ENOSYS)


def test_an_unknown_machine_is_refused() -> None:
    """No filter means no sandbox, with the fix in the error."""
    with pytest.raises(SandboxError, match="riscv64"):
        program("riscv64")
