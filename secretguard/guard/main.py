"""The file that a client's hook runs: `python -I -S main.py CLIENT [LIBRARIES]`. It only finds the program.

`serve` in the place of CLIENT starts the resident process that the client's mod asks.

Kept tiny because the file that starts an interpreter is compiled anew each time; everything else comes from a cache
(`secretguard/kept_code.py`). Whatever goes wrong before the guard itself can answer ends with exit code 2 and an empty
stdout: the client refuses the tool.
"""

import gc
import os
import sys

gc.disable()  # one event, then the process ends: collecting garbage costs 1 ms and gains nothing


def _start() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    sys.path.insert(0, root)
    sys.path.extend(sys.argv[2:3])
    from secretguard import kept_code

    kept_code.use(root)
    if sys.argv[1] == "serve":
        from secretguard.resident.start import main as serve

        serve()
    from secretguard.guard.hook import main

    main(sys.argv[1])


if __name__ == "__main__":
    try:
        _start()
    except BaseException as error:
        os.write(2, f"secretguard: the guard could not start ({type(error).__name__}); refused\n".encode())
        os._exit(2)
