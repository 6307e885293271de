"""A program run by a small process of its own, which says what that run cost.

Called as `python -I -S one_run.py REPORT SECONDS COMMAND...`.

Linux counts in a child's peak what the process that forked it held at that moment, since the child is a copy of it
until it becomes another program (`setmax_mm_hiwater_rss` in fs/exec.c). A benchmark holds far more than what it
measures; this file's own process holds about 10 MiB, the least that it can report.
"""

import json
import os
import signal
import sys
import time


def main() -> None:
    """Run COMMAND for at most SECONDS with the streams that were given, and write to REPORT: exit status as Python
    counts it, seconds of wall and of processor, and what `ru_maxrss` says (KiB; bytes on macOS)."""
    report, seconds, *words = sys.argv[1:]
    began = time.perf_counter()
    child = os.posix_spawnp(words[0], words, os.environ)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(int(seconds))
    _, status, used = os.wait4(child, 0)
    found = {
        "status": os.waitstatus_to_exitcode(status),
        "wall": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss,
    }
    with open(report, "w", encoding="ascii") as file:
        json.dump(found, file)


main()
