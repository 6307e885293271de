"""What is open already, and what is looked up anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.event import BEFORE, Event
from secretguard.policy import compiled
from secretguard.policy.request import Request
from secretguard.resident import warm


@pytest.fixture
def opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the resident process, for this test alone."""
    monkeypatch.setattr(compiled, "tables", None)
    monkeypatch.setattr(warm, "_kept", [])
    warm.open_all()


def room(project: Path) -> warm.WarmRoom:
    return warm.WarmRoom(Event(BEFORE, str(project), {}), {"CLAUDE_PROJECT_DIR": str(project)})


@pytest.mark.usefixtures("opened_once")
def test_the_rules_are_opened_once(tmp_path: Path) -> None:
    """One engine for all events."""
    assert room(tmp_path).rules() is room(tmp_path).rules()


@pytest.mark.usefixtures("opened_once")
def test_another_policy_is_in_force_at_once(tmp_path: Path, own_home: Path) -> None:
    """The table is kept, not the answer to which one it is."""
    own = room(tmp_path).policy
    assert own.decide(Request("read", "plain", "sandbox", "internal")).outcome == "allow"
    folder = own_home / "config" / "policy"
    folder.mkdir(parents=True)
    packaged = Path(compiled.packaged("laptop"))
    for path in packaged.iterdir():
        if path.suffix in (".cedar", ".toml"):
            (folder / path.name).write_bytes(path.read_bytes())
    facts = (folder / "facts.toml").read_text()
    (folder / "facts.toml").write_text(facts + "\n")
    assert room(tmp_path).policy.digest != own.digest


@pytest.mark.usefixtures("opened_once")
def test_how_a_policy_stands_is_not_shared(tmp_path: Path) -> None:
    """Two projects may have one table, and one of them a fault."""
    first, second = room(tmp_path).policy, room(tmp_path).policy
    assert first.digest == second.digest
    assert first is not second
