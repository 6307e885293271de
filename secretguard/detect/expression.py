"""Compiled regular expressions, kept: `re` compiles them when the pack is built, a hook takes them as they are.

`import re` and one compilation cost a hook 6 ms; the matching engine itself (`_sre`) is part of the interpreter. The
code is an interpreter's own business, so the pack's key covers `sys.version`, `_sre` checks the code it is given, and
where anything is missing `thaw` compiles from the source. ADR 0008. Hot path: imports nothing at load.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    Frozen = tuple[int, int, dict[str, int], int, int]
    """Flags, number of groups, group numbers by name, first byte and number of 4-byte words in the pack's code."""

WORD = 4


def freeze(source: str, at: int) -> tuple[Frozen, bytes] | None:
    """The compiled form of a bytes pattern, its code to be stored at byte `at`; None where this interpreter has none.

    Not on the hot path: uses the compiler behind `re` (CPython 3.11 to 3.14).
    """
    try:
        from array import array
        from re import _compiler, _parser  # type: ignore[attr-defined]

        parsed = _parser.parse(source.encode(), 0)
        code = array("I", _compiler._code(parsed, 0))
    except (ImportError, AttributeError):  # pragma: no cover - another interpreter
        return None
    if code.itemsize != WORD:  # pragma: no cover - no platform that we know
        return None
    state = parsed.state
    return (state.flags, state.groups - 1, state.groupdict, at, len(code)), code.tobytes()


def thaw(source: str, frozen: Frozen | None, codes: bytes) -> re.Pattern[bytes]:
    """The pattern object, from the kept code where there is one, else compiled from `source`."""
    if frozen is not None:
        try:
            from _sre import compile  # type: ignore[import-not-found]  # noqa: A004

            flags, groups, names, at, words = frozen
            code = memoryview(codes)[at : at + words * WORD].cast("I").tolist()
            by_number: list[str | None] = [None] * (groups + 1)
            for name, number in names.items():
                by_number[number] = name
            made: re.Pattern[bytes] = compile(source.encode(), flags, code, groups, names, tuple(by_number))
            return made
        except (ImportError, RuntimeError, TypeError, ValueError, OverflowError):
            pass  # damaged or foreign code: `_sre` refuses it, and the source is here
    import re

    return re.compile(source.encode())
