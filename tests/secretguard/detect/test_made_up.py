"""Made-up material: the right length and alphabet, the same every time, different by seed."""

from __future__ import annotations

import zlib
from uuid import RFC_4122, UUID

from secretguard.detect import made_up


def test_same_every_time_and_by_seed() -> None:
    """Two calls agree, two seeds do not."""
    assert made_up.alnum(40) == made_up.alnum(40) != made_up.alnum(40, "b")


def test_lengths() -> None:
    """Each kind gives as many characters as asked for, from its alphabet."""
    assert [len(kind(n)) for kind in (made_up.alnum, made_up.hexadecimal, made_up.base64) for n in (1, 7, 100)] == [
        1,
        7,
        100,
    ] * 3
    assert set(made_up.hexadecimal(500)) == set("0123456789abcdef")
    assert made_up.digits(9).isdigit()


def test_github_checksum_is_right() -> None:
    """The last six characters are the base62 CRC-32 of the thirty before."""
    token = made_up.github("ghp_")
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for char in token[-6:]:
        number = number * 62 + alphabet.index(char)
    assert len(token) == 40
    assert number == zlib.crc32(token[4:34].encode())


def test_uuid_has_its_version_and_variant() -> None:
    """A UUID is a random one of RFC 9562, and the same for the same seed."""
    made = UUID(made_up.uuid("x"))
    assert made.version == 4
    assert made.variant == RFC_4122
    assert str(made) == made_up.uuid("x") != made_up.uuid("y")
