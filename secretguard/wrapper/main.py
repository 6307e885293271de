"""The file that the launcher of the shell prefix runs: `python -I -S main.py LIBRARIES SHELL LINE`.

It runs LINE by SHELL, as the client would have, with the output redacted. Whatever goes wrong before the command is
started means that it does not run: exit status 126, and why.
"""

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.wrapper.view import View

gc.disable()  # what is held is bounded by itself


def _start() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, os.path.dirname(os.path.dirname(here)))
    sys.path.append(sys.argv[1])
    from secretguard.wrapper.relay import run

    run([sys.argv[2], "-c", sys.argv[3]], _view)


def _view() -> "View | None":
    from secretguard.wrapper.view import of_client

    return of_client(sys.argv[3], os.environ)


if __name__ == "__main__":
    try:
        _start()
    except BaseException as error:
        os.write(2, f"secretguard: the command was not run to its end ({type(error).__name__})\n".encode())
        os._exit(126)
