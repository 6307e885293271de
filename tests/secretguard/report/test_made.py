"""Who made a report: the version without the cost of asking for it."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from secretguard.report.made import installed


@pytest.mark.parametrize("name", ["secretguard", "detect-secrets"])
def test_it_is_what_the_standard_library_says(name: str) -> None:
    """The version is that of importlib.metadata, with a hyphen in the name or without."""
    assert installed(name) == version(name)


def test_two_of_one_name_are_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one folder holds two versions, it is not guessed which one counts."""
    for number in ("1.0", "2.0"):
        (tmp_path / f"thing-{number}.dist-info").mkdir()
        (tmp_path / f"thing-{number}.dist-info" / "METADATA").write_text(f"Name: thing\nVersion: {number}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert installed("thing") == version("thing")


def test_what_is_not_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that is nowhere is an error; folders that cannot be read are passed over."""
    monkeypatch.setattr(sys, "path", [str(tmp_path / "none"), "relative"])
    with pytest.raises(PackageNotFoundError):
        installed("thing")
