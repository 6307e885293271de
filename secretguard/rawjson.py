"""JSON through CPython's own C scanner and encoder, without the `json` package, whose import of `re` costs a hook 7 ms.

Strict on purpose: NaN and infinities are refused (RFC 8259 has none), duplicate keys are refused (two readers could
see two different values), and nesting too deep ends in an error, not a crash. Falls back to `json` where the C module
is missing.
"""

from __future__ import annotations

MAX_BYTES = 64 * 1024 * 1024
"""Longer inputs are refused before they are parsed."""


class JsonError(ValueError):
    """The text is not the JSON that this program accepts; the message never quotes the input."""


def _no_constant(name: str) -> object:
    raise JsonError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonError("a key appears twice in one object")
    return found


class _Context:
    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(_unique)
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_no_constant)
    memo: dict[str, str] = {}  # noqa: RUF012  # the C scanner asks for the attribute


def _unserialisable(value: object) -> object:
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


try:
    import _json

    _scan = _json.make_scanner(_Context())  # type: ignore[arg-type]
    _encode = _json.make_encoder(
        None, _unserialisable, _json.encode_basestring_ascii, None, ":", ",", False, False, False
    )
except (ImportError, AttributeError, TypeError):  # pragma: no cover - other interpreters
    import json

    def _scan(text: str, start: int) -> tuple[object, int]:  # type: ignore[misc]
        decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
        return decoder.raw_decode(text, start)

    def _encode(value: object, _level: int) -> tuple[str, ...]:  # type: ignore[misc]
        return (json.dumps(value, allow_nan=False, separators=(",", ":")),)


def loads(data: bytes) -> object:
    """Parse one JSON document (UTF-8, surrounding white space allowed). Raises JsonError."""
    if len(data) > MAX_BYTES:
        raise JsonError(f"larger than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8").strip(" \t\r\n")
        value, end = _scan(text, 0)
    except UnicodeDecodeError:
        raise JsonError("not UTF-8") from None
    except RecursionError:
        raise JsonError("nested too deeply") from None
    except StopIteration:
        raise JsonError("no JSON value") from None
    except JsonError:
        raise
    except (ValueError, SystemError):  # the C scanner has no error of its own where `json.decoder` is not imported
        raise JsonError("not JSON") from None
    if end != len(text):
        raise JsonError("text after the JSON value")
    return value


def dumps(value: object) -> str:
    """One line of ASCII JSON. Raises TypeError for what JSON has no form for, ValueError for NaN."""
    return "".join(_encode(value, 0))
