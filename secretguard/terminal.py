"""Text from elsewhere on its way to a person's terminal, a record or a report."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with everything escaped that could move a terminal's cursor, reorder it or hide in it: control and format
    characters, lone surrogates. A byte that is no UTF-8 is `\\xNN`, as in `name_as_text`."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name_as_text(text))


def name_as_text(name: str) -> str:
    """A file's name as text that strict readers of UTF-8 and JSON take (RFC 8259, 8.2): bytes of it that are no UTF-8,
    which Python holds as lone surrogates (PEP 383), as `\\xNN`; any other lone surrogate as `\\uNNNN`."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
