"""What is open already, and what is looked up anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.agents.event import BEFORE, PROMPT, Event
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


def own_policy(home: Path) -> None:
    """A policy of the user's own, which differs from the packaged one by a line end."""
    folder = home / "config" / "policy"
    folder.mkdir(parents=True)
    for path in Path(compiled.packaged("laptop")).iterdir():
        if path.suffix in (".cedar", ".toml"):
            (folder / path.name).write_bytes(path.read_bytes() + b"\n")


@pytest.mark.usefixtures("opened_once")
def test_events_of_one_moment_share_what_is_looked_up(tmp_path: Path) -> None:
    """A policy and an engine for each project; outside of a moment every event has its own."""
    other = tmp_path / "other"
    other.mkdir()
    with warm.one_moment():
        first = room(tmp_path)
        assert room(tmp_path).policy is first.policy
        assert room(tmp_path).engine is first.engine
        assert room(other).engine is not first.engine
    assert room(tmp_path).policy is not first.policy
    assert room(tmp_path).engine is not first.engine


@pytest.mark.usefixtures("opened_once")
def test_the_next_moment_sees_what_changed(tmp_path: Path, own_home: Path) -> None:
    """What came after a change is decided by it, however early the last moment was."""
    with warm.one_moment():
        before = room(tmp_path).policy.digest
        own_policy(own_home)
        assert room(tmp_path).policy.digest == before
    with warm.one_moment():
        assert room(tmp_path).policy.digest != before


@pytest.mark.usefixtures("opened_once")
def test_a_moment_does_not_last(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose events take long is looked up again in between."""
    monkeypatch.setattr(warm, "FRESH", -1.0)
    with warm.one_moment():
        before = room(tmp_path).policy.digest
        own_policy(own_home)
        assert room(tmp_path).policy.digest != before


@pytest.mark.usefixtures("opened_once")
def test_a_prompt_looks_for_itself(tmp_path: Path, own_home: Path) -> None:
    """And what it finds is in force for those that are decided after it."""
    with warm.one_moment():
        before = room(tmp_path).policy.digest
        own_policy(own_home)
        prompt = warm.WarmRoom(Event(PROMPT, str(tmp_path), {}), {"CLAUDE_PROJECT_DIR": str(tmp_path)})
        assert prompt.policy.digest != before
        assert room(tmp_path).policy.digest == prompt.policy.digest


@pytest.mark.usefixtures("opened_once")
def test_a_fault_ends_the_moment(tmp_path: Path) -> None:
    """Nothing of it is left for what comes after."""
    seen = []

    def faulty() -> None:
        with warm.one_moment():
            seen.append(room(tmp_path).policy)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        faulty()
    assert room(tmp_path).policy is not seen[0]
