"""Keys that a person presses, out of the bytes that a terminal sends."""

from __future__ import annotations

import codecs

ESCAPE, ENTER, BACKSPACE, CLEAR, LEFT, RIGHT, END = "escape", "enter", "backspace", "clear", "left", "right", "end"
_CONTROL = {"\r": ENTER, "\n": ENTER, "\x7f": BACKSPACE, "\x08": BACKSPACE, "\x15": CLEAR, "\x04": END}
_FINAL = {"D": LEFT, "C": RIGHT}
LONGEST = 64
"""Characters of an escape sequence; what is longer is none."""


class Keys:
    """Bytes in, keys out: one character, or the name of a key. Sequences that mean nothing here are dropped whole."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    @property
    def unfinished(self) -> bool:
        """Whether an escape was begun: if nothing follows soon, it was the key of that name."""
        return bool(self._text)

    def feed(self, data: bytes) -> list[str]:
        """The keys that are whole by now."""
        self._text += self._decoder.decode(data)
        keys = []
        while self._text:
            used, key = _first(self._text)
            if not used:
                break
            self._text = self._text[used:]
            if key:
                keys.append(key)
        return keys

    def flush(self) -> list[str]:
        """Nothing follows: what was begun is the escape key."""
        left, self._text = self._text, ""
        return [ESCAPE] if left else []


def _first(text: str) -> tuple[int, str]:
    """How many characters the first key takes, and the key; (0, "") where more must come."""
    if text[0] != "\x1b":
        key = _CONTROL.get(text[0], text[0])
        return 1, key if key in _CONTROL.values() or key.isprintable() else ""
    if len(text) == 1:
        return 0, ""
    if text[1] not in "[O":
        return 2, ""  # a key with Alt
    for at in range(2, min(len(text), LONGEST)):
        if "@" <= text[at] <= "~":
            return at + 1, _FINAL.get(text[at], "")
    return (len(text), "") if len(text) >= LONGEST else (0, "")
