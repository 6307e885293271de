"""The file that the resident process runs in: `python -I -S main.py [LIBRARIES]`, started when it is needed.

It has no terminal and nobody who waits for it: what it has to say is in the journal and in its answers.
"""

import contextlib
import os
import resource
import sys

MEMORY = 4 << 30


def _start() -> None:
    os.closerange(3, 1 << 16)
    os.chdir("/")
    os.umask(0o077)
    for kind, bound in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):  # a lower limit is set already
            resource.setrlimit(kind, (bound, bound))
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.dirname(os.path.dirname(here)))
    sys.path.extend(sys.argv[1:2])
    from secretguard.resident.run import main

    main()


if __name__ == "__main__":
    _start()
