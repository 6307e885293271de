"""The real client, and one long session that several tests look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Part = Callable[[str], Path]


@pytest.fixture(scope="session")
def client(part: Part) -> Path:
    """The real Claude Code."""
    return part("claude")
