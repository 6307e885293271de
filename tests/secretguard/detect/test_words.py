"""Placeholder words and references, in any case and any place."""

from __future__ import annotations

import pytest

from secretguard.detect.words import looks_made_up, reference


@pytest.mark.parametrize(
    "value", [b"EXAMPLEKEY1", b"my-Placeholder", b"x" * 12, b"0000-0000-0000", b"a", b"[[secret:aws:0a1b]]"]
)
def test_made_up(value: bytes) -> None:
    """A value that says itself that it is none, or one character many times."""
    assert looks_made_up(value)


@pytest.mark.parametrize("value", [b"kJ8vvQ2mPx71", b"aB3" * 12, b"deadbeef12"])
def test_not_made_up(value: bytes) -> None:
    """Characters drawn at random, and repeated groups, are not taken for placeholders."""
    assert not looks_made_up(value)


@pytest.mark.parametrize("value", [b"$TOKEN", b"${X}", b"Process.ENV.X", b"secrets.KEY", b"vault:kv/x", b"op://a/b/c"])
def test_reference(value: bytes) -> None:
    """What names the place of a secret is not the secret."""
    assert reference(value)
