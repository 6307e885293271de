"""Rows of JSON that are read when they are asked for: of six hundred rules a text needs a few. Hot path."""

from __future__ import annotations

from secretguard import rawjson

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Rows:
    """A sequence of JSON texts, one a row, as the values that they stand for. A row that is none raises JsonError."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._read: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> Any:
        row = self._read.get(number)
        if row is None:
            row = self._read[number] = rawjson.loads(self._lines[number])
        return row
