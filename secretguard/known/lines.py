"""Settings in lines of `name: value` or `name = value`: YAML, TOML, INI, properties, tfvars, npmrc. Bytes → settings.

No parser of any of these formats: a name, what is assigned to it on its line, quotes off, comments off; and of YAML
the block after `name: |`. What is nested has the name that it is nested under last. Hot path, when a file changed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from secretguard.known.dotenv import Setting

_BLOCKS = (b"|", b">", b"|-", b">-", b"|+", b">+")
_COMMENTS = (b"#", b";", b"//", b"[")
_LONGEST = 8192
_ENDS = b",;"


def settings(data: bytes) -> Iterator[Setting]:
    """Each setting in `data`, in order."""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, line in enumerate(lines):
        if len(line) > _LONGEST:
            continue
        name, value = _setting(line)
        if not name:
            continue
        if value in _BLOCKS:
            value = b"\n".join(_block(lines, number))
        if value:
            yield name.decode("utf-8", "replace"), value, number + 1


def _setting(line: bytes) -> tuple[bytes, bytes]:
    text = line.strip().removeprefix(b"- ").lstrip()
    registry = text.startswith(b"//") and b":_" in text  # `//registry/:_authToken=…` of an npmrc
    if registry:
        text = text[text.find(b":_") + 1 :]
    elif text.startswith(_COMMENTS):
        return b"", b""
    equals, colon = text.find(b"="), text.find(b":")
    at = min((mark for mark in (equals, colon) if mark > 0), default=-1)
    if at < 0:
        return b"", b""
    name = text[:at].strip().strip(b"\"'")
    return (name, _value(text[at + 1 :].lstrip(b"> \t"))) if 0 < len(name) <= 200 else (b"", b"")


def _value(text: bytes) -> bytes:
    quote = text[:1]
    if quote in (b'"', b"'"):
        close = text.find(quote, 1)
        while quote == b'"' and close > 0 and text[close - 1 : close] == b"\\":
            close = text.find(quote, close + 1)
        if close > 0:
            inner = text[1:close]
            return (
                inner.replace(b'\\"', b'"').replace(b"\\\\", b"\\").replace(b"\\n", b"\n") if quote == b'"' else inner
            )
    mark = text.find(b" #")
    return (text if mark < 0 else text[:mark]).strip().rstrip(_ENDS)


def _block(lines: list[bytes], number: int) -> Iterator[bytes]:
    """The lines after `lines[number]` that are further in than it."""
    own = _indent(lines[number])
    for line in lines[number + 1 :]:
        if line.strip() and _indent(line) <= own:
            return
        yield line.strip()


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip())
