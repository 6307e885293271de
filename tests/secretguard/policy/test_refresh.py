"""Looking up and compiling a project's layers: what is recorded, who waits for whom, what is left behind."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest

from secretguard.audit import reader
from secretguard.errors import RecordError
from secretguard.policy import compiled, layers, refresh, repository_layer
from secretguard.policy.layers import in_force
from secretguard.policy.request import Request
from tests.secretguard.policy.cloned import RULE, clone, commit, git, upstream
from tests.secretguard.policy.sets import RULES, policy_set

RUN = Request("run", "plain", "staging", "internal")


@pytest.fixture(autouse=True)
def no_managed_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has in /etc does not decide these tests."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose protected branch has a layer."""
    return clone(upstream(tmp_path / "up", rules=RULE), tmp_path / "project")


def recorded(home: Path, event: str) -> list[dict[str, object]]:
    folder = home / "state" / "audit"
    return [dict(r) for r in reader.records(str(folder)) if r["event"] == event] if folder.exists() else []


def test_the_first_look_is_no_change(project: Path, own_home: Path) -> None:
    """Nothing was in force before; nothing is recorded where nothing is broken."""
    in_force(str(project))
    assert not (own_home / "state" / "audit").exists()


def test_a_change_is_recorded_with_its_layers_and_direction(own_home: Path, project: Path) -> None:
    """Once, however often it is looked up; with the digests before and after."""
    before = in_force(str(project)).digest
    policy_set(own_home / "config" / "policy")
    after = [in_force(str(project), look=True).digest for _ in range(3)]
    (record,) = recorded(own_home, "policy:set:changed")
    assert (record["digest_before"], record["digest"]) == (before, after[0])
    assert record["direction"] in ("tightens", "loosens", "both tightens and loosens")
    assert [str(layer).split()[0] for layer in record["layers"]] == ["user", "repository"]  # type: ignore[attr-defined]


def test_mending_is_a_change_and_another_fault_is_another_record(own_home: Path, project: Path) -> None:
    """A reviewer sees from when to when the policy was broken, and why."""
    own = policy_set(own_home / "config" / "policy")
    in_force(str(project))
    for text in ("forbid (", "permit (", RULES):
        (own / "rules.cedar").write_text(text)
        in_force(str(project))
    broken = recorded(own_home, "policy:set:broken")
    assert len(broken) == 2
    assert all(f"{own}/rules.cedar:1" in str(record["reason"]) for record in broken)
    assert len(recorded(own_home, "policy:set:changed")) == 3


def test_without_a_record_there_is_no_change(own_home: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record, then act: the change fails closed, and comes with the next call that can record it."""
    in_force(str(project))
    policy_set(own_home / "config" / "policy")

    class Full:
        def append(self, *_: object) -> None:
            raise RecordError("no space")

    real = refresh.user_journal
    monkeypatch.setattr(refresh, "user_journal", Full)
    for _ in range(2):
        with pytest.raises(RecordError):
            in_force(str(project))
    monkeypatch.setattr(refresh, "user_journal", real)
    in_force(str(project))
    assert len(recorded(own_home, "policy:set:changed")) == 1


def test_whoever_waited_finds_the_work_done(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the lock the note is read again before anything is looked up."""
    in_force(str(project))
    monkeypatch.setattr(repository_layer, "look", lambda *_: pytest.fail("looked up again"))
    assert refresh.refresh(str(project), layers.folder_layers()).decide(RUN).outcome == "deny"


def test_a_lock_that_nobody_lets_go_of_ends(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done without it: it is the same work."""
    monkeypatch.setattr(refresh, "LOCK_S", 0.05)
    note = Path(layers.note_path(str(project)))
    note.parent.mkdir(parents=True, mode=0o700)
    fd = os.open(note.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        assert in_force(str(project)).decide(RUN).outcome == "deny"
    finally:
        os.close(fd)


def test_what_a_killed_process_left_is_swept(project: Path, own_home: Path) -> None:
    """Old unfinished files go; one of a minute ago may still be somebody's."""
    folder = own_home / "state" / "policy"
    folder.mkdir(parents=True, mode=0o700)
    for name, age in (("a.note.1.new", 7200), ("b.note.2.new", 60)):
        (folder / name).write_text("x")
        os.utime(folder / name, (time.time() - age,) * 2)
    in_force(str(project))
    assert not (folder / "a.note.1.new").exists()
    assert (folder / "b.note.2.new").exists()


def test_a_layer_with_many_notes_is_told_in_a_few(tmp_path: Path) -> None:
    """The note stays small whatever a repository writes."""
    rules = "".join(f'@id("p-{number}") @reason("r") permit (principal, action, resource);\n' for number in range(99))
    found = in_force(str(clone(upstream(tmp_path / "up", rules=rules), tmp_path / "project"))).standing
    assert len(found.notes) == refresh.MOST_NOTES + 1
    assert found.notes[-1] == "79 more like these"


def test_a_layer_that_is_gone_upstream_is_gone(project: Path, tmp_path: Path, own_home: Path) -> None:
    """No last good form stands for what was taken away on purpose; it is recorded as what it is."""
    in_force(str(project))
    commit(tmp_path / "up", rules="")
    git(project, "fetch", "-q")
    policy = in_force(str(project), look=True)
    assert (policy.decide(RUN).outcome, policy.standing.faults) == ("allow", [])
    assert recorded(own_home, "policy:set:changed")[0]["direction"] == "loosens"


def test_a_repositorys_words_are_bounded_and_drive_no_terminal(tmp_path: Path) -> None:
    """A fault quotes what it is about; what is quoted is cut and escaped."""
    rules = '@id("a") @reason("r") @way_on("w") forbid (\x1b[2J\u202e' + "x" * 5000
    (fault,) = in_force(str(clone(upstream(tmp_path / "up", rules=rules), tmp_path / "project"))).standing.faults
    assert "rules.cedar:1: " in fault
    assert fault.isprintable()
    assert len(fault) <= 401


@pytest.mark.parametrize(
    ("count", "reason", "told"),
    [
        (101, "r", "more than 100 rules"),
        (1, "r" * 1001, "more than 1000 char"),
        (1, "a\u202eb", "an invisible one"),
        (100, "r" * 100, "more than 16384 bytes of rules"),
    ],
)
def test_too_many_rules_or_words_of_a_repository_are_refused(
    tmp_path: Path, count: int, reason: str, told: str
) -> None:
    """Every hook loads them, and a person reads them in a dialog."""
    rule = '@id("r-{}") @reason("{}") @way_on("w") forbid (principal, action == Action::"push", resource);\n'
    rules = "".join(rule.format(number, reason) for number in range(count))
    (fault,) = in_force(str(clone(upstream(tmp_path / "up", rules=rules), tmp_path / "project"))).standing.faults
    assert told in fault
