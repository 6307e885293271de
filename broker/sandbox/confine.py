"""The helper process of the sandlock tier: `python -I -m broker.sandbox.confine ORDER_FD LIFELINE_FD`.

It drops every capability, starts the command under sandlock, and stays its parent. Landlock ends no process by
itself, so this one adopts what the command leaves behind (it is a subreaper) and kills all of it when the command
ends, or when the lifeline closes because the supervisor has gone. It exits with the command's status, 128+N for a
signal, 125 when sandlock could not start it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import struct
import sys
import threading

import sandlock

from broker.sandbox.running import clear_descendants
from secretguard import rawjson

NOT_STARTED = 125
_MAX_ORDER = 1024 * 1024
_PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 24, 36
_CAPABILITY_VERSION = 0x20080522
_LAST_CAPABILITY = 63


def main(arguments: list[str]) -> int:
    """Run the order; the exit status."""
    order_fd, lifeline = (int(text) for text in arguments)
    order = rawjson.loads(os.read(order_fd, _MAX_ORDER))
    os.close(order_fd)
    assert isinstance(order, dict)  # noqa: S101  # written by `landlock.confinement`
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the command would inherit that
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        return NOT_STARTED
    drop_capabilities(libc)
    threading.Thread(target=_on_release, args=(lifeline, order["home"]), daemon=True).start()
    try:
        return _run(order)
    finally:
        _clear(order["home"])


def _run(order: dict[str, object]) -> int:
    try:
        process = _sandbox(order).popen(order["command"])
    except (sandlock.SandlockError, RuntimeError) as error:
        print(f"sandlock: {error}", file=sys.stderr)
        return NOT_STARTED
    return _status(process.wait())


def _status(result: sandlock.Result) -> int:
    if result.reason == sandlock.ExitReason.SIGNALED and result.signal > 0:
        return 128 + int(result.signal)
    if result.reason == sandlock.ExitReason.KILLED:  # sandlock's word for SIGKILL; it gives no number then
        return 128 + signal.SIGKILL
    return int(result.exit_code) if result.exit_code >= 0 else NOT_STARTED


def _sandbox(order: dict[str, object]) -> sandlock.Sandbox:
    return sandlock.Sandbox(
        fs_readable=order["readable"],
        fs_writable=order["writable"],
        clean_env=True,
        env=order["environment"],
        cwd=order["workspace"],
        name=f"sandbox-{os.getpid()}",  # sandlock refuses a name that another sandbox has at this moment
        no_coredump=True,
    )


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """Give up every capability, for good; Landlock and sandlock need none. Nothing to give up is fine.

    Raises OSError when a capability is kept (capset(2): one header, two 32-bit halves of three sets).
    """
    for number in range(_LAST_CAPABILITY + 1):
        libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    none = ctypes.create_string_buffer(bytes(24), 24)
    if libc.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capabilities could not be dropped")


def _on_release(lifeline: int, home: str) -> None:
    os.read(lifeline, 1)
    _clear(home)
    os._exit(128 + signal.SIGKILL)


def _clear(home: str) -> None:
    clear_descendants(os.getpid(), 5.0)
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
