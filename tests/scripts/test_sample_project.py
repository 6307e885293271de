"""The sample project: made-up credentials in it, none in this repository, the recorded events filled in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from scripts import sample_project


def test_credentials_are_new_each_time() -> None:
    """No two runs plant the same values, so none can end up on a list of known examples."""
    first, second = sample_project.credentials(), sample_project.credentials()
    assert set(first) == set(second)
    assert not set(first.values()) & set(second.values())


def test_it_is_planted_and_committed(tmp_path: Path) -> None:
    """Each credential is in a file of the project, no mark is left, and git has nothing to add."""
    planted = sample_project.plant(tmp_path)
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file() and ".git" not in path.parts]
    for name, value in planted.items():
        assert any(value in text for text in texts), name
    assert not any("{{" + name in text for text in texts for name in planted)
    status = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--short"], capture_output=True, check=True, timeout=30
    )
    assert status.stdout == b""


def test_events_are_filled_in(tmp_path: Path) -> None:
    """The session is in order, names the project, carries its files' text, and no mark is left."""
    planted = sample_project.plant(tmp_path)
    events = sample_project.events(tmp_path, planted)
    assert [name[0] for name, _ in events] == [str(number) for number in range(1, len(events) + 1)]
    read = json.loads(events[0][1])
    assert read["cwd"] == str(tmp_path)
    assert read["tool_response"]["file"]["content"] == (tmp_path / ".env").read_text()
    assert not any("{{" in text for _, text in events)


def test_a_references_file_stays_as_it_is(tmp_path: Path) -> None:
    """What only refers to a secret is copied byte for byte."""
    sample_project.plant(tmp_path)
    source = sample_project.EXAMPLES / "shop" / "deploy" / "pipeline.yaml"
    assert (tmp_path / "deploy" / "pipeline.yaml").read_bytes() == source.read_bytes()
