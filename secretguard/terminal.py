"""Text from elsewhere on its way to a person's terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with everything escaped that could move a terminal's cursor, reorder it or hide in it: control and format
    characters, lone surrogates."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
