"""Where clients keep what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.source.transcripts import HISTORIES, TRANSCRIPTS, found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for place in TRANSCRIPTS:
        if place.variable:
            monkeypatch.delenv(place.variable, raising=False)
    monkeypatch.delenv("HISTFILE", raising=False)
    return tmp_path


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")


def test_files_of_each_client(home: Path) -> None:
    """Hidden folders, folders below folders, files that are none of theirs, links."""
    for name in (".claude/projects/-p/a.jsonl", ".claude/projects/-p/sub/b.jsonl", ".codex/sessions/2026/11/c.jsonl"):
        write(home / name)
    write(home / ".claude/settings.json")
    (home / ".claude/projects/-p/link.jsonl").symlink_to("/etc/hostname")
    assert [(client, Path(path).name) for client, path in found(TRANSCRIPTS)] == [
        ("claude-code", "a.jsonl"),
        ("claude-code", "b.jsonl"),
        ("codex", "c.jsonl"),
    ]


def test_a_folder_that_was_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own variable names its folder; a star in its name is no pattern."""
    write(home / "else*where/projects/p/a.jsonl")
    write(home / "elseXwhere/projects/p/b.jsonl")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "else*where"))
    assert [Path(path).name for _, path in found(TRANSCRIPTS)] == ["a.jsonl"]


def test_histories(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shells, consoles, and the file that this shell names."""
    for name in (".bash_history", ".local/share/fish/fish_history", ".psql_history", "mine"):
        write(home / name)
    monkeypatch.setenv("HISTFILE", str(home / "mine"))
    assert [(client, Path(path).name) for client, path in found(HISTORIES)] == [
        ("shell", ".bash_history"),
        ("shell", "fish_history"),
        ("shell", "mine"),
        ("console", ".psql_history"),
    ]
    monkeypatch.setenv("HISTFILE", str(home / ".bash_history"))
    assert len(list(found(HISTORIES))) == 3
