"""The files that the client sends by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.event import PROMPT, Event
from secretguard.guard.memory import nested, with_secrets
from secretguard.guard.room import Room
from tests.secretguard.guard.events import TOKEN

SECRET = f"TOKEN={TOKEN}\n"


@pytest.fixture
def room(project: Path, warm: Path) -> Room:
    """A prompt's surroundings; the client's configuration is in a folder of this test."""
    (warm / "claude").mkdir()
    return Room(Event(PROMPT, str(project), {}), {"CLAUDE_PROJECT_DIR": str(project)})


def put(path: Path, text: str = SECRET) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    "name",
    [
        "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", ".claude/CLAUDE.md", ".claude/rules/deep/r.md", "../CLAUDE.md",
        "../.claude/rules/r.md", ".claude/commands/c.md", ".claude/skills/s/SKILL.md", ".claude/agents/a.md",
    ],
)  # fmt: skip
def test_a_secret_in_each_such_file_is_found(room: Room, project: Path, name: str) -> None:
    """In the project and above it."""
    path = put(project / name)
    assert [found.path for found in with_secrets(room)] == [str(Path(path).resolve())]


@pytest.mark.parametrize("name", ["CLAUDE.md", "rules/r.md", "commands/x/c.md", "skills/s/SKILL.md"])
def test_the_users_own_files_count(room: Room, warm: Path, name: str) -> None:
    """What lies in the client's configuration goes with the requests of every project."""
    assert [found.path for found in with_secrets(room)] == []
    path = put(warm / "claude" / name)
    assert [found.path for found in with_secrets(room)] == [path]


@pytest.mark.parametrize("name", ["notes.md", "sub/CLAUDE.md", "skills/CLAUDE.md", ".claude/rules/r.txt"])
def test_other_files_do_not(room: Room, project: Path, name: str) -> None:
    """A secret in a file that the client does not send holds nothing back."""
    put(project / name)
    assert list(with_secrets(room)) == []


def test_of_a_skill_the_one_file_counts_that_is_loaded(room: Room, project: Path) -> None:
    """What else lies in its folder goes when a tool reads it."""
    path = put(project / ".claude" / "skills" / "s" / "SKILL.md")
    put(project / ".claude" / "skills" / "s" / "other.md")
    assert [found.path for found in with_secrets(room)] == [path]


def test_what_the_client_remembers_of_the_project_counts(room: Room, tmp_path: Path) -> None:
    """Its memory lies beside the conversations."""
    path = put(tmp_path / "kept" / "memory" / "MEMORY.md")
    assert [found.path for found in with_secrets(room, str(tmp_path / "kept" / "s.jsonl"))] == [path]


def test_includes_are_followed(room: Room, project: Path) -> None:
    """Over several files, with a space in a name, relative to the file that names it."""
    put(project / "CLAUDE.md", "See @docs/a.md and @none.md.\n")
    put(project / "docs" / "a.md", "@b\\ c.md\n")
    path = put(project / "docs" / "b c.md")
    assert [found.path for found in with_secrets(room)] == [path]


def test_includes_in_a_circle_end(room: Room, project: Path) -> None:
    """Two files that name each other are looked at once each."""
    put(project / "CLAUDE.md", "@a.md\n" + SECRET)
    put(project / "a.md", "@CLAUDE.md @./a.md\n" + SECRET)
    assert len(list(with_secrets(room))) == 2


def test_includes_end_at_the_clients_depth(room: Room, project: Path) -> None:
    """Five levels are followed, as by the client."""
    put(project / "CLAUDE.md", "@1.md\n")
    for level in range(1, 6):
        put(project / f"{level}.md", f"@{level + 1}.md\n")
    put(project / "6.md")
    assert list(with_secrets(room)) == []
    put(project / "5.md")
    assert len(list(with_secrets(room))) == 1


def test_a_pragma_passes(room: Room, project: Path) -> None:
    """A person's mark on the line."""
    put(project / "CLAUDE.md", f"TOKEN={TOKEN} <!-- pragma: allowlist secret -->\n")
    assert list(with_secrets(room)) == []


def test_a_tools_file_brings_the_memory_of_its_folders(room: Room, project: Path) -> None:
    """From the project down to the file, the project's own apart."""
    put(project / "CLAUDE.md")
    path = put(project / "a" / "CLAUDE.md")
    assert [found.path for found in nested(room, [str(project / "a" / "b" / "x.txt")])] == [path]
    assert list(nested(room, [str(project / "x.txt"), "/etc/passwd"])) == []


def test_a_folder_or_pipe_in_place_of_memory_is_no_trouble(room: Room, project: Path) -> None:
    """Nothing waits, nothing breaks."""
    import os

    (project / "CLAUDE.md").mkdir()
    os.mkfifo(project / "AGENTS.md")
    (project / "CLAUDE.local.md").symlink_to("CLAUDE.local.md")
    assert list(with_secrets(room)) == []
