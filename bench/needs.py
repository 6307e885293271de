"""What a bench lacks on this machine."""

from __future__ import annotations


class Needs(Exception):
    """Raised by a bench that cannot measure here; the message names what is missing and how to get it."""
