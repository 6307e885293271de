"""The stable tag that stands for a secret in the model's view: `[[secret:RULE-ID:10 hex]]`.

The ten hexadecimal digits are 40 bits of HMAC-SHA-256 under the user's own key over project and value: the same
secret has the same tag all over one project, and nobody without the key can test a guess or link two projects.
Hot path: imports `keyed` alone.
"""

from __future__ import annotations

from secretguard.keyed import first_key, hmac_sha256

_OPEN = "[[secret:"
_CLOSE = "]]"
_HEX = frozenset("0123456789abcdef")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_DIGITS = 10
_LONGEST_NAME = 64


class Placeholders:
    """Makes the tags of one project. `project` is the absolute path of its folder."""

    __slots__ = ("_key", "_project")

    def __init__(self, key: bytes, project: str) -> None:
        self._key = key
        self._project = project.encode("utf-8", "surrogateescape")

    def tag(self, rule_id: str, value: bytes) -> str:
        """The placeholder of `value`, found by the rule `rule_id` (kebab-case)."""
        return f"{_OPEN}{rule_id}:{self.digits(value)}{_CLOSE}"

    def everywhere(self, value: bytes) -> str:
        """64 hex digits that stand for `value` in every project of this user: what an acceptance keeps of it."""
        return hmac_sha256(self._key, b"accepted\0" + value).hex()

    def digits(self, value: bytes) -> str:
        """The ten digits by which a person names `value`, whatever rule found it."""
        message = b"placeholder\0" + self._project + b"\0" + value
        return hmac_sha256(self._key, message).hex()[:_DIGITS]


def of_user(project: str) -> Placeholders:
    """The tags of this user for the project at `project`. Raises GuardError when the user's key is unusable."""
    return Placeholders(first_key(), project)


def placeholders_in(text: str) -> list[str]:
    """Every well-formed placeholder in `text`, in order, repeats included. Linear in the length of `text`."""
    return [text[start:end] for start, end in located(text)]


def located(text: str) -> list[tuple[int, int]]:
    """Where each well-formed placeholder of `text` starts and ends."""
    found = []
    at = text.find(_OPEN)
    while at >= 0:
        end = text.find(_CLOSE, at, at + len(_OPEN) + _LONGEST_NAME + _DIGITS + 3)
        if end >= 0 and _well_formed(text[at + len(_OPEN) : end]):
            found.append((at, end + len(_CLOSE)))
        at = text.find(_OPEN, at + 1)
    return found


def digits_of(placeholder: str) -> str:
    """The ten digits of a well-formed placeholder: they alone tell values apart, its name only says the kind."""
    return placeholder[-len(_CLOSE) - _DIGITS : -len(_CLOSE)]


def _well_formed(inside: str) -> bool:
    name, colon, digits = inside.rpartition(":")
    return bool(colon and name) and _NAME.issuperset(name) and len(digits) == _DIGITS and _HEX.issuperset(digits)
