"""Settings in the form of `.env` files, as shells and the dotenv libraries read them: bytes → (name, value, line).

`NAME=value`, `export NAME=value`, quotes of three kinds (in them a value may have several lines), comments, references
to names above (`${NAME}`). What a program would have to run to know (`$(…)`) is no value. Anything that is not such a
line is passed over: a half-written file must not hide the rest of it. Hot path, when a file changed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Setting = tuple[str, bytes, int]
    """(variable, value, line from 1)."""

_LONGEST_QUOTED = 64 * 1024
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_PREFIXES = (b"export ", b"set ", b"setenv ", b"declare -x ", b"-x ")
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
_REFERENCES = 64


def settings(data: bytes) -> Iterator[Setting]:
    """Each setting in `data`, in order."""
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    known: dict[bytes, bytes] = {}
    at, line = 0, 1
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        found = _setting(data, at, end)
        if found:
            name, (given, expands), end = found
            value = _expanded(given, known) if expands else given
            known[name] = value
            yield name.decode("ascii"), value, line
        line += data.count(b"\n", at, end + 1)
        at = end + 1


def _setting(data: bytes, at: int, end: int) -> tuple[bytes, tuple[bytes, bool], int] | None:
    """(name, (value, whether references in it count), end of its last line) of the line at `at`."""
    text = data[at:end]
    bare = text.lstrip()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix).lstrip()
    if bare.startswith(b"#"):
        return None
    mark = bare.find(b"=")
    colon = bare.find(b": ")
    if mark < 0 or 0 <= colon < mark:
        mark = colon
    name = bare[: max(mark, 0)].rstrip()
    if not name or name.strip(_NAME):
        return None
    start = end - len(bare) + mark + 1
    while data[start : start + 1] in (b" ", b"\t"):
        start += 1
    return _value(name, data, start, end)


def _value(name: bytes, data: bytes, start: int, end: int) -> tuple[bytes, tuple[bytes, bool], int]:
    quote = data[start : start + 1]
    if quote in (b'"', b"'", b"`") and start < end:
        close = _close(data, start + 1, quote)
        if close >= 0:
            inner = data[start + 1 : close]
            rest = data.find(b"\n", close)
            stop = len(data) if rest < 0 else rest
            return name, (_unescaped(inner) if quote == b'"' else inner, quote == b'"'), stop
    return name, (_uncommented(data[start:end]), True), end


def _close(data: bytes, at: int, quote: bytes) -> int:
    limit = min(len(data), at + _LONGEST_QUOTED)
    place = data.find(quote, at, limit)
    while quote == b'"' and place > at and _odd_backslashes(data, at, place):
        place = data.find(quote, place + 1, limit)
    return place


def _odd_backslashes(data: bytes, start: int, at: int) -> bool:
    first = at
    while first > start and data[first - 1 : first] == b"\\":  # not a copy of all before it: a file may be full of `\"`
        first -= 1
    return (at - first) % 2 == 1


def _uncommented(text: bytes) -> bytes:
    mark = min((at for at in (text.find(b" #"), text.find(b"\t#")) if at >= 0), default=len(text))
    return b"" if text.startswith(b"#") else text[:mark].strip()


def _unescaped(text: bytes) -> bytes:
    first, *others = text.split(b"\\")
    pieces, taken = [first], False
    for part in others:
        if taken:  # the second of two backslashes stood for one
            pieces.append(part)
            taken = False
        elif part:
            pieces += (_ESCAPES.get(part[:1], part[:1]), part[1:])
        else:
            pieces.append(b"\\")
            taken = True
    return b"".join(pieces)


def _expanded(value: bytes, known: dict[bytes, bytes]) -> bytes:
    """`${NAME}` and `$NAME` of lines above put in their places; empty where a command would have to run."""
    if b"$(" in value or value.count(b"`") > 1:
        return b""
    for _ in range(_REFERENCES):
        start = value.find(b"${")
        close = value.find(b"}", start)
        if start < 0 or close < 0 or value[start + 2 : close] not in known:
            break
        value = value[:start] + known[value[start + 2 : close]] + value[close + 1 :]
        if len(value) > _LONGEST_QUOTED:
            return b""
    return known.get(value[1:], value) if value.startswith(b"$") else value
