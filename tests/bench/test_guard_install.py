"""The settings files of the bench: as different as they claim, and each given back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.guard_install import Found, same, varied


def test_there_are_fifty_and_no_two_are_alike() -> None:
    """By name and by what they are."""
    assert len({found.name for found in varied()}) == 50
    assert len({(found.data, found.mode, found.link) for found in varied()}) == 50


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is compiled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("found", varied(), ids=lambda found: found.name)
def test_each_is_given_back(found: Found, tmp_path: Path, cache: Path) -> None:
    """Bytes, mode and link, and nothing of ours is left, after installing twice and taking out."""
    assert same(found, tmp_path, cache)


def test_a_file_that_differs_is_told(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: a file whose way back is damaged is not what it was."""
    from secretguard.agents import claude_install

    monkeypatch.setattr(claude_install, "_before", lambda path, record: (False, None))
    assert not same(Found("x", json.dumps({"hooks": {}}).encode()), tmp_path, cache)
