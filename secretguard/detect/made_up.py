"""Made-up key material for examples and self-tests: looks random, is the same every time, and opens nothing.

It is computed, so that no file of this repository holds a token that a scanner would have to be told to ignore.
"""

from __future__ import annotations

import hashlib
import zlib

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_ALNUM = _DIGITS + _LOWER.upper() + _LOWER


def _draw(alphabet: str, length: int, seed: str) -> str:
    out = ""
    block = 0
    while len(out) < length:
        digest = hashlib.sha256(f"{seed}/{length}/{block}".encode()).digest()
        out += "".join(alphabet[byte % len(alphabet)] for byte in digest)
        block += 1
    return out[:length]


def alnum(length: int, seed: str = "a") -> str:
    """Letters of both cases and digits."""
    return _draw(_ALNUM, length, seed)


def lower(length: int, seed: str = "a") -> str:
    """Small letters and digits."""
    return _draw(_LOWER + _DIGITS, length, seed)


def upper(length: int, seed: str = "a") -> str:
    """Capital letters and digits."""
    return _draw(_LOWER.upper() + _DIGITS, length, seed)


def base32(length: int, seed: str = "a") -> str:
    """RFC 4648 base32 characters."""
    return _draw(_LOWER.upper() + "234567", length, seed)


def letters(length: int, seed: str = "a") -> str:
    """Letters of both cases."""
    return _draw(_LOWER + _LOWER.upper(), length, seed)


def digits(length: int, seed: str = "a") -> str:
    """Decimal digits, the first one not 0."""
    return "7" + _draw(_DIGITS, length - 1, seed)


def hexadecimal(length: int, seed: str = "a") -> str:
    """Small hexadecimal digits."""
    return _draw("0123456789abcdef", length, seed)


def uuid(seed: str = "a") -> str:
    """A random UUID (RFC 9562, version 4)."""
    draw = hexadecimal(31, seed)
    return f"{draw[:8]}-{draw[8:12]}-4{draw[12:15]}-a{draw[16:19]}-{draw[19:]}"


def base64(length: int, seed: str = "a") -> str:
    """RFC 4648 base64 characters, no padding; ends with a letter."""
    return _draw(_ALNUM + "+/", length - 1, seed) + "A"


def github(prefix: str, seed: str = "a") -> str:
    """A token whose last six characters are a right checksum (CRC-32, base62), as GitHub describes its format."""
    body = alnum(30, seed)
    rest, tail = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        tail = _ALNUM[digit] + tail
    return f"{prefix}{body}{tail.rjust(6, '0')}"
