"""What holds a session back, and what ends that."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from secretguard.agents.event import PROMPT, START, Event
from secretguard.guard import held, transcript
from secretguard.guard.held import TRANSCRIPT, begin, known, standing
from secretguard.guard.room import Room
from tests.secretguard.guard.events import KEY, TOKEN


def event(project: Path, source: str = "startup", kind: str = START) -> Event:
    return Event(kind, str(project), {"session_id": "s"}, text=source, path=str(project.parent / "kept" / "s.jsonl"))


def room(project: Path) -> Room:
    return Room(event(project), {"CLAUDE_PROJECT_DIR": str(project)})


@pytest.fixture
def conversation(project: Path) -> Path:
    """A conversation on disk, with a secret in it."""
    path = project.parent / "kept" / "s.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps({"content": f"the key is\n{KEY}"}) + "\n")
    return path


def test_nothing_holds_an_ordinary_session(project: Path) -> None:
    """It is remembered that it was looked at."""
    assert known(event(project)) is None
    assert begin(event(project), room(project)) == []
    assert known(event(project)) == []
    assert standing(event(project), room(project)) is None


def test_a_cleaned_memory_file_still_holds_the_session_that_read_it(project: Path) -> None:
    """The client has it in memory; a new session does not."""
    (project / "CLAUDE.md").write_text(f"TOKEN={TOKEN}\n")
    begin(event(project), room(project))
    (project / "CLAUDE.md").write_text("clean\n")
    stands = standing(event(project), room(project))
    assert stands is not None
    assert stands.path == str(project / "CLAUDE.md")
    (project / "CLAUDE.md").unlink()
    assert standing(event(project), room(project)) is not None
    begin(event(project, "clear"), room(project))
    assert standing(event(project), room(project)) is None


def test_what_was_accepted_holds_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is as it was, and nothing is found in it any more."""
    (project / "CLAUDE.md").write_text(f"TOKEN={TOKEN}\n")
    begin(event(project), room(project))
    monkeypatch.setattr(Room, "scan", lambda *_, **__: [])
    assert standing(event(project), room(project)) is None


def test_a_conversation_with_a_secret_holds_the_session_that_takes_it_up(project: Path, conversation: Path) -> None:
    """Whatever is said in it later."""
    begin(event(project, "resume"), room(project))
    with conversation.open("a") as file:
        file.write('{"content": "more"}\n')
    stands = standing(event(project), room(project))
    assert stands is not None
    assert stands.kind == TRANSCRIPT
    conversation.write_text("{}\n")
    assert standing(event(project), room(project)) is not None


def test_an_accepted_conversation_goes_on(project: Path, conversation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as it was looked at."""
    begin(event(project, "resume"), room(project))
    with conversation.open("a") as file:
        file.write('{"content": "more"}\n')
    monkeypatch.setattr(Room, "scan", lambda *_, **__: [])
    assert standing(event(project), room(project)) is None


def test_a_fork_is_held_by_any_conversation_of_the_project(project: Path, conversation: Path) -> None:
    """Nothing says from which one it comes."""
    conversation.rename(conversation.with_name("other.jsonl"))
    assert begin(event(project, "startup"), room(project)) == []
    assert [item.path for item in begin(event(project, "fork"), room(project))] == [
        str(conversation.with_name("other.jsonl"))
    ]


def test_a_fork_from_more_than_can_be_looked_through_is_held(
    project: Path, conversation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be told."""
    conversation.with_name("other.jsonl").write_text("{}\n" * 100)
    conversation.unlink()
    assert begin(event(project, "fork"), room(project)) == []
    monkeypatch.setattr(transcript, "LARGEST", 100)
    assert [item.size for item in begin(event(project, "fork"), room(project))] == [0]


def test_compacting_reads_memory_anew_and_keeps_the_conversation(project: Path, conversation: Path) -> None:
    """What was said is still in the session."""
    begin(event(project, "resume"), room(project))
    conversation.unlink()
    (project / "CLAUDE.md").write_text(f"TOKEN={TOKEN}\n")
    assert {item.kind for item in begin(event(project, "compact"), room(project))} == {"file", TRANSCRIPT}


def test_one_that_cannot_be_read_holds_the_session(project: Path, conversation: Path) -> None:
    """What would be sent again cannot be told."""
    conversation.unlink()
    conversation.mkdir()
    begin(event(project, "resume"), room(project))
    stands = standing(event(project), room(project))
    assert stands is not None
    assert stands.size == 0


def test_a_session_that_was_never_looked_at_is_looked_at_with_its_prompt(project: Path, conversation: Path) -> None:
    """The guard was installed in the middle of it, or its start failed."""
    assert standing(event(project, "go", PROMPT), room(project)) is not None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"{}", b"[1]", b'[["file","/a",1]]', b'[["file","/a","x","y"]]', b"\xff"]
)
def test_damage_makes_it_look_again(project: Path, damage: bytes) -> None:
    """A file of ours that is not what we wrote tells nothing."""
    begin(event(project), room(project))
    (path,) = (Path(os.environ["SECRETGUARD_HOME"]) / "state" / "sessions").iterdir()
    path.write_bytes(damage)
    assert known(event(project)) is None
    assert standing(event(project), room(project)) is None


def test_no_value_is_kept_and_old_sessions_go(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only path, size and a keyed digest, for this user alone, and not for ever."""
    (project / "CLAUDE.md").write_text(f"TOKEN={TOKEN}\n")
    begin(event(project), room(project))
    folder = Path(os.environ["SECRETGUARD_HOME"]) / "state" / "sessions"
    (path,) = folder.iterdir()
    assert TOKEN not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    os.utime(path, (1, 1))
    begin(Event(START, str(project), {"session_id": "other"}), room(project))
    assert path not in list(folder.iterdir())
    assert held.DAYS > 7
