"""What doctor says about known values."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.claude_checks import GOOD, WARNING
from secretguard.known import signs as told
from secretguard.known.build import LARGEST
from secretguard.known.signs import signs
from tests.secretguard.known.projects import PASSWORD, write


def test_how_many_and_how_they_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two ways is active is said, either way."""
    write(tmp_path / ".env", f"DB_PASSWORD={PASSWORD}\n")
    (sign,) = signs(str(tmp_path))
    assert (sign.kind, sign.text.startswith("1 values of 1 files")) == (GOOD, True)
    assert "no resident process runs" in sign.text
    monkeypatch.setattr(told, "state", lambda: {"pid": 1})
    (sign,) = signs(str(tmp_path))
    assert "which runs" in sign.text


def test_a_gap_is_a_warning(tmp_path: Path) -> None:
    """A file that is too large to be read is named."""
    write(tmp_path / "big.env", "x" * (LARGEST + 1))
    kinds = [(sign.kind, "big.env" in sign.text) for sign in signs(str(tmp_path))]
    assert kinds == [(GOOD, False), (WARNING, True)]
