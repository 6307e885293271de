"""The file that a look at a project's files runs in: `python -I -S main.py LOOK [LIBRARIES]`, started by a hook.

It has no terminal and nobody who waits for it: whatever it has to say is in the journal.
"""

import contextlib
import os
import resource
import sys

CPU_SECONDS, MEMORY = 120, 4 << 30
"""The last resort against a project that makes a look go on and on; its own deadlines come long before."""


def _limit() -> None:
    os.closerange(3, 1 << 16)  # a client may have left descriptors open; we are to hold none of them
    os.chdir("/")
    os.umask(0o077)
    os.nice(10)
    for kind, bound in ((resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):  # a lower limit is set already
            resource.setrlimit(kind, (bound, bound))


def _start() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.dirname(os.path.dirname(here)))
    sys.path.extend(sys.argv[2:3])
    from secretguard.worktree.look import main

    main(sys.argv[1])


if __name__ == "__main__":
    _limit()
    _start()
