"""Inside a sandbox of `broker run`: which task this is, as the environment claims, and its way to the broker. Hot path,
there alone.

The task's number is no secret and no proof: anybody inside can set the variable. A record says `claimed_task`, and the
broker knows by the socket which task really spoke (`broker/reported.py`).
"""

from __future__ import annotations

import os

from secretguard.agents.event import TASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SOCKET = "BROKER_TASK_SOCKET"
FIELD = "claimed_task"
_PREFIX = "task-"
_LONGEST = 64
_HEX = frozenset("0123456789abcdef")


def claimed(environment: Mapping[str, str]) -> dict[str, str]:
    """The field that names the task, where the environment has a name of a task's form; else none."""
    name = environment.get(TASK, "")
    number = name.removeprefix(_PREFIX)
    if not name.startswith(_PREFIX) or not number or len(name) > _LONGEST or not _HEX.issuperset(number):
        return {}
    return {FIELD: name}


def hand_over(environment: Mapping[str, str], left: tuple[bytes, ...] = ()) -> None:
    """Have a child of this process hand the journal's records to the broker; nobody waits for it, or hears of it.
    Before them it reports `left`, secrets that got out, so that those which the broker issued are taken back.

    Without a task and its socket nothing happens. What is not handed over now is with the next record, or by
    `secretguard audit hand-over`.
    """
    task, socket = claimed(environment).get(FIELD, ""), environment.get(SOCKET, "")
    if not task or not socket.startswith("/"):
        return
    try:
        child = os.fork()
    except OSError:
        return
    if child == 0:
        try:
            _apart(task, socket, left)
        finally:
            os._exit(0)


def _apart(task: str, socket: str, left: tuple[bytes, ...]) -> None:
    import _signal  # type: ignore[import-not-found]  # the C half: `signal` itself imports enum

    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # the client waits until nobody holds its pipes any more
        os.dup2(null, descriptor)
    from secretguard.audit import handover

    _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    _signal.setitimer(_signal.ITIMER_REAL, handover.SECONDS)
    if left:
        from secretguard.audit import leaked

        leaked.report(socket, left, "its guard saw it reach the model")
    handover.hand_over(handover.journal(), socket, task)
