"""The surroundings of one decision."""

from __future__ import annotations

from pathlib import Path

from secretguard.agents.event import BEFORE, Event
from secretguard.guard.room import LONGEST_SHOWN, Room, rules_of
from tests.secretguard.guard.events import TOKEN


def room(cwd: Path, **environment: str) -> Room:
    return Room(Event(BEFORE, str(cwd), {}), environment)


def test_the_project_is_the_clients_or_the_working_folder(project: Path, tmp_path: Path) -> None:
    """Links are resolved; a relative value is not believed."""
    (tmp_path / "link").symlink_to(project)
    assert room(tmp_path, CLAUDE_PROJECT_DIR=str(tmp_path / "link")).project == str(project)
    assert room(project, CLAUDE_PROJECT_DIR="relative").project == str(project)
    assert room(project).project == str(project)


def test_paths_are_resolved_from_the_working_folder(project: Path) -> None:
    """Links and `..` do not hide what a path is."""
    (project / "link").symlink_to("/etc")
    assert room(project).path("link/hosts") == "/etc/hosts"
    assert room(project).path("../project/x") == str(project / "x")


def test_the_strictest_label_counts(project: Path) -> None:
    """Of several paths the most sensitive decides; without one, the folder."""
    here = room(project)
    assert here.data_class(["/x/a.txt", "/x/.env"]) == "secret"
    assert here.data_class([]) == "internal"
    assert here.environment() == "development"


def test_what_is_shown_is_clean_and_short(project: Path) -> None:
    """Records hold no secret and no flood."""
    here = room(project)
    assert TOKEN not in here.shown(f"curl {TOKEN}")
    assert len(here.shown("x " * 10_000)) <= LONGEST_SHOWN + 1


def test_weak_findings_count_only_where_they_should(project: Path) -> None:
    """Low confidence is enough in a secret place, not elsewhere."""
    weak = b"password = 'correct" + b"-horse-7-battery'\n"
    here = room(project)
    assert here.scan(weak) == []
    assert rules_of(here.scan(weak, secret_place=True)) == ["generic-secret-quoted"]
