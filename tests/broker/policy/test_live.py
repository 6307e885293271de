"""`broker dev` reads its policy anew when a file changed, and refuses while it is broken."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from broker.errors import Conflict, Refused
from broker.policy.in_force import Fixed
from broker.policy.live import Live
from broker.policy.policy_set import PolicySet
from broker.store.database import open_database
from broker.task_policy import load
from broker.testing import flat_policy
from secretguard.errors import ConfigError
from tests.broker.policy.sets import TASK


def live(folder: Path) -> Live:
    """A policy of one task policy under `folder`."""
    (folder / "tasks").mkdir()
    (folder / "tasks" / "work.toml").write_text(TASK)
    return Live(lambda: PolicySet("", flat_policy(), load(str(folder))), (str(folder),))


def test_an_edit_counts_from_the_next_request(tmp_path: Path) -> None:
    """A changed file, a new one and one that went."""
    made = live(tmp_path)
    assert made.current() is made.current()
    (tmp_path / "tasks" / "work.toml").write_text(TASK.replace("ttl = 300", "ttl = 30"))
    assert made.current().tasks["work"].grants[0].ttl == 30
    (tmp_path / "tasks" / "more.toml").write_text(TASK.replace("work", "more"))
    assert sorted(made.current().tasks) == ["more", "work"]
    os.unlink(tmp_path / "tasks" / "work.toml")
    assert sorted(made.current().tasks) == ["more"]


def test_a_broken_file_refuses_until_it_is_mended(tmp_path: Path) -> None:
    """With file and line, each time; the last good policy does not go on in silence."""
    made = live(tmp_path)
    (tmp_path / "tasks" / "work.toml").write_text(TASK + "x = 1\n")
    for _ in range(2):
        with pytest.raises(Refused, match=r"work\.toml:9") as refused:
            made.current()
        assert refused.value.rule == "policy-broken"
    (tmp_path / "tasks" / "work.toml").write_text(TASK)
    assert list(made.current().tasks) == ["work"]


def test_a_broken_start_is_no_start(tmp_path: Path) -> None:
    """As before: what cannot be read is not served."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "work.toml").write_text("x = 1")
    with pytest.raises(ConfigError):
        Live(lambda: PolicySet("", flat_policy(), load(str(tmp_path))), (str(tmp_path),))


def test_an_edit_between_decision_and_record_is_a_conflict(tmp_path: Path) -> None:
    """What was decided by the file of a moment ago is not recorded as if it still stood."""
    folder = tmp_path / "policy"
    folder.mkdir()
    made = live(folder)
    held = made.current()
    with open_database(f"sqlite:///{tmp_path}/store/broker.db").write() as tx:
        made.require(tx, held)
        (folder / "tasks" / "work.toml").write_text(TASK + "\n")
        with pytest.raises(Conflict):
            made.require(tx, held)


def test_it_says_what_it_is(tmp_path: Path) -> None:
    """For readyz; a fixed policy has nothing to say."""
    assert "development" in live(tmp_path).notice()
    assert Fixed(PolicySet("", flat_policy(), {})).notice() == ""
