"""Whose memory files go along with a file that a tool opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.guard.folders import any_memory, below


def test_the_folders_between_project_and_file_count(tmp_path: Path) -> None:
    """Neither the project itself nor anything outside it, each once."""
    root = str(tmp_path)
    assert below(root, [f"{root}/a/b/c.txt", f"{root}/a/d.txt"]) == [f"{root}/a/b", f"{root}/a"]
    assert below(root, [f"{root}/x.txt", "/etc/passwd", f"{root}-other/a/x.txt", ""]) == []
    assert below("/", ["/a/x.txt"]) == ["/a"]


@pytest.mark.parametrize("name", ["CLAUDE.md", "CLAUDE.local.md", ".claude/CLAUDE.md", ".claude/rules/x.md"])
def test_memory_is_seen_where_it_is(tmp_path: Path, name: str) -> None:
    """A folder with any file of the client's memory in it."""
    file = tmp_path / "a" / name
    file.parent.mkdir(parents=True)
    file.write_text("x\n")
    assert any_memory(str(tmp_path), [str(tmp_path / "a" / "b" / "x.txt")])
    assert not any_memory(str(tmp_path), [str(tmp_path / "c" / "x.txt")])
