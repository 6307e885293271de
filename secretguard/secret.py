"""A secret is a type, not a string: whatever prints, formats or serialises it shows the mask.

Hot path: imports nothing.
"""

from __future__ import annotations

MASK = "********"


class Secret:
    """Holds one secret value. `reveal()` is the only way out, so that every use can be found by searching for it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one call that needs it; never for a log, an argument list or an exception."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        raise TypeError("compare secrets with hmac.compare_digest on reveal()")

    __hash__ = None  # type: ignore[assignment]  # a secret must not become a dictionary key that is printed

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")


def mask(value: str) -> str:
    """A display form that tells two findings apart without giving either away: first 4 characters, then the length.

    Values shorter than 16 characters show nothing but their length.
    """
    head = value[:4] if len(value) >= 16 else ""
    return f"{head}…({len(value)})"
