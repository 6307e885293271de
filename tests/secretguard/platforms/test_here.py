"""The choice of platform."""

from __future__ import annotations

import importlib
import sys

import pytest

from secretguard.platforms import here, linux, macos


@pytest.mark.parametrize(("name", "module"), [("linux", linux), ("darwin", macos)])
def test_the_platform_decides(name: str, module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sys.platform` picks the file; everything it offers is passed on."""
    monkeypatch.setattr(sys, "platform", name)
    chosen = importlib.reload(here)
    try:
        assert all(getattr(chosen, each) is getattr(module, each) for each in chosen.__all__)
    finally:
        monkeypatch.undo()
        importlib.reload(here)
