"""`secretguard scan [--format NAME] FILE...` without the machinery of the command line, which costs more than the scan.

Commit hooks and editors ask for it file by file. Whatever is not as plain as that, and whatever goes wrong, is left to
the regular way (`commands/scan.py`), which does the same from the start and says what is wrong; a test holds both to
the same bytes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

MOST = 32
"""Files; with more, the way to them costs little beside their scan."""

TEXT = "text"


def scan(arguments: Sequence[str]) -> int | None:
    """Scan and report; the exit status. None, and nothing was written, where this is not for here."""
    wanted = _wanted(arguments)
    if wanted is None:
        return None
    try:
        status, report = _scanned(*wanted)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except Exception:  # the regular way meets it again, and has the words for it
        return None
    try:
        sys.stdout.buffer.write(report)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    return status


def _wanted(arguments: Sequence[str]) -> tuple[str, list[str]] | None:
    """The report's format and the files; None for anything but regular files and `--format` with a known name."""
    if list(arguments[:1]) != ["scan"]:
        return None
    form, paths, left = TEXT, [], list(arguments[1:])
    while left:
        word = left.pop(0)
        if word == "--format" and left:
            form = left.pop(0)
        elif word.startswith("-") or not os.path.isfile(word):
            return None
        else:
            paths.append(word)
    on_terminal = form == TEXT and sys.stdout.isatty()  # which gets a report of its own
    return (form, list(dict.fromkeys(paths))) if 0 < len(paths) <= MOST and not on_terminal else None


def _scanned(form: str, paths: list[str]) -> tuple[int, bytes]:
    from secretguard import pack
    from secretguard.errors import CLEAN, FINDINGS
    from secretguard.pipeline import Scanner, fingerprint_key
    from secretguard.report.located import Scan
    from secretguard.report.made import Made, tool

    began = time.time()
    engine = pack.open_engine()
    scanner = Scanner(engine, fingerprint_key())
    result = Scan()
    for path in paths:
        result.add(scanner.file(path))
    if form == TEXT:
        from secretguard.report import text_report

        text = text_report.render(result)
    else:
        from secretguard.report.formats import renderer

        made = tool(engine.version, native=pack.native_module() is not None, peer=False)
        text = renderer(form)(result, Made(made, began), False)
    status = FINDINGS if result.open_findings else CLEAN
    return status, text.encode(sys.stdout.encoding, sys.stdout.errors or "strict")
