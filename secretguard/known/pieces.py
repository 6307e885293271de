"""What of one setting is secret: a value → the pieces to be known by, each with its strength. Hot path, when a file
changed.

A connection string is public but for its password; a value of several lines is known line by line, so that a part of
it is found, too; a list, line by line and piece by piece; JSON, field by field.
"""

from __future__ import annotations

from secretguard.detect.known import LONGEST
from secretguard.known.worth import STRONG, strength, words_of
from secretguard.rawjson import JsonError, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Piece = tuple[str, bytes, bool]
    """(variable, value, whether it is weak)."""

_LINE_OF_MANY = 16
_MOST, _DEEPEST = 200, 8


def pieces(name: str, value: bytes, told: bool = False) -> Iterator[Piece]:
    """The secrets in `value` of the variable `name`. `told` says that it comes from where secrets are kept."""
    value = value.strip()
    if not value:
        return
    if value[:1] in (b"{", b"["):
        try:
            document = loads(value)
        except JsonError:
            document = None
        if isinstance(document, (dict, list)):
            yield from in_json(name, document, told=told)
            return
    if b"\n" in value:
        yield from _lines(name, value, told)
        return
    password = _password(value)
    if password is not None:
        yield from _one(f"{name}_PASSWORD" if "password" not in words_of(name) else name, password)
        if b"%" in password:
            yield from _one(f"{name}_PASSWORD", _unquoted(password))
        return
    yield from _query(value)
    yield from _one(name, value, told)
    for prefix in (b"base64:", b"Bearer ", b"Basic ", b"Token "):
        if value.startswith(prefix):
            yield from _one(name, value.removeprefix(prefix), told)
    for mark in (b",", b";"):
        if mark in value and b"://" not in value:
            parts = [part.strip() for part in value.split(mark)[:_MOST]]
            yield from (found for part in parts for found in _one(name, part, told) if not found[2])


def in_json(name: str, document: object, depth: int = 0, told: bool = False) -> Iterator[Piece]:
    """As `pieces`, for each text of a JSON document under its own key."""
    if depth > _DEEPEST:
        return
    if isinstance(document, dict):
        for key, item in document.items():
            yield from in_json(str(key), item, depth + 1, told)
    elif isinstance(document, list):
        for item in document:
            yield from in_json(name, item, depth + 1, told)
    elif isinstance(document, str):
        text = document.encode("utf-8", "surrogatepass")
        yield from pieces(name, text, told) if text.lstrip()[:1] not in (b"{", b"[") or depth < 2 else ()


def _one(name: str, value: bytes, told: bool = False) -> Iterator[Piece]:
    found = strength(name, value, told) if len(value) <= LONGEST else None
    if found and any(char >= 128 or chr(char).isalnum() for char in value):
        yield name, value, found != STRONG


def _lines(name: str, value: bytes, told: bool) -> Iterator[Piece]:
    for line in value.split(b"\n")[:_MOST]:
        line = line.strip()
        if len(line) >= _LINE_OF_MANY and not line.startswith(b"-----"):
            yield from (found for found in _one(name, line, told) if not found[2])


def _password(value: bytes) -> bytes | None:
    """The password of `scheme://user:password@host`; None where the value has no such form."""
    scheme, mark, rest = value.partition(b"://")
    if not mark or not scheme.replace(b"+", b"").replace(b"-", b"").isalnum():
        return None
    user, at, _ = rest.rpartition(b"@")
    _, colon, password = user.partition(b":")
    return password if at and colon and b"/" not in user.partition(b":")[0] else None


def _query(value: bytes) -> Iterator[Piece]:
    """`?token=…&key=…` of a URL, each under its own name."""
    _, mark, query = value.partition(b"?")
    if not mark or b"://" not in value:
        return
    for part in query.split(b"&")[:_MOST]:
        key, _, given = part.partition(b"=")
        yield from _one(key.decode("utf-8", "replace"), given)


def _unquoted(text: bytes) -> bytes:
    first, *others = text.split(b"%")
    out = first
    for part in others:
        digits = part[:2]
        plain = len(digits) == 2 and not digits.strip(b"0123456789abcdefABCDEF")
        out += bytes((int(digits, 16),)) + part[2:] if plain else b"%" + part
    return out
