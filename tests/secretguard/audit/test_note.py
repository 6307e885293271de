"""Key ids and verifier keys as the specification's own examples have them; base64 in one spelling."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.note import key_id, key_text, parse_key, strict_base64

NAMES = st.text(st.characters(exclude_characters="+", exclude_categories=["Z", "C"]), min_size=1)


def test_a_key_of_go() -> None:
    """The verifier key in the documentation of Go's own package for signed notes, `sumdb/note`."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    name, key, belongs = parse_key(text)
    assert (name, len(key), belongs) == ("PeterNeumann", 33, True)
    assert (key_text(name, key), key_id(name, key).hex()) == (text, "c74f20a3")


@given(NAMES, st.binary(min_size=1, max_size=40))
def test_there_and_back(name: str, key: bytes) -> None:
    """Any key under any name that a note can hold; another name does not fit its id."""
    assert parse_key(key_text(name, key)) == (name, key, True)
    assert parse_key(key_text(name, key).replace(name, f"{name}x", 1))[2] is False


@given(st.text())
def test_anything_else_has_parts(text: str) -> None:
    """What is no verifier key never raises."""
    name, key, belongs = parse_key(text)
    assert belongs is False or key_text(name, key) == text.strip()


@given(st.binary(), st.integers(0, 63))
def test_one_spelling(data: bytes, bits: int) -> None:
    """Other bits in the padding, spaces and a missing end are no base64."""
    good = base64.b64encode(data).decode()
    assert strict_base64(good) == data
    for other in (f"{good} ", f" {good}", good.rstrip("=") if good.endswith("=") else f"{good}=", "é"):
        assert strict_base64(other) == b""
    if good.endswith("="):
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        at = len(good.rstrip("=")) - 1
        changed = good[:at] + alphabet[bits] + good[at + 1 :]
        assert changed == good or strict_base64(changed) in (b"", base64.b64decode(changed))
        assert base64.b64encode(strict_base64(changed)).decode() in ("", changed)
