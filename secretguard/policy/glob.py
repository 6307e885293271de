"""Path patterns in linear time, without `re` or `fnmatch` (hot path: imports nothing).

`?` is one character of a name, `*` any run of characters in a name, `**` (a whole segment) any number of segments, none
included: `~/.ssh/**` covers `~/.ssh` too. There are no classes, no escapes and no negation, so that a pattern can be
read one way only. Work is bounded by the product of both lengths; both are capped.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; `typing` itself would cost the hook
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_PATTERN = 256
MAX_PATH = 4096
"""Linux refuses longer paths (PATH_MAX); callers give them their strictest label before asking here."""


def matches(pattern: str, path: str) -> bool:
    """Whether the normalised, `/`-separated `path` is covered by `pattern`."""
    return covers(pattern.split("/"), path.split("/"))


def covers(wanted: Sequence[str], names: Sequence[str]) -> bool:
    """As `matches`, of a pattern and a path that are split at each `/` already."""
    if wanted[-1] != "**" and not _name_matches(wanted[-1], names[-1]):
        return False  # most patterns end in a file's name: one comparison settles them
    return _run(wanted, names, "**", _name_matches)


def normal(path: str) -> str:
    """`path` without empty and `.` segments and with `..` resolved by name alone (resolve symbolic links before).

    A leading `/` is kept. What climbs above a relative start keeps its leading `..`.
    """
    kept: list[str] = []
    for name in path.split("/"):
        if name in {"", "."}:
            continue
        if name == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif name != ".." or not path.startswith("/"):
            kept.append(name)
    return ("/" if path.startswith("/") else "") + "/".join(kept)


def _name_matches(pattern: str, name: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == name
    head, _, tail = pattern.partition("*")
    if "?" not in pattern and "*" not in tail:  # `*.pem`, `.env.*`: most of those that are no plain name
        return len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
    return _run(pattern, name, "*", _character_matches)


def _character_matches(pattern: str, character: str) -> bool:
    return pattern in ("?", character)


def _run(pattern: Sequence[str], items: Sequence[str], star: str, same: Callable[[str, str], bool]) -> bool:
    """The usual two-pointer wildcard match: on a mismatch, the last star takes one item more. No recursion."""
    at = item = 0
    restart = resume = -1
    while item < len(items):
        if at < len(pattern) and pattern[at] == star:
            restart, resume = at, item
            at += 1
        elif at < len(pattern) and same(pattern[at], items[item]):
            at += 1
            item += 1
        elif restart >= 0:
            resume += 1
            at, item = restart + 1, resume
        else:
            return False
    while at < len(pattern) and pattern[at] == star:
        at += 1
    return at == len(pattern)
