"""The policy directory beside a policy in force: what it says is noticed, recorded once, and not taken."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from broker.policy.directory import Directory
from broker.testing import ManualClock
from secretguard.errors import ConfigError
from tests.broker.policy.house import House, sqlite
from tests.broker.policy.sets import LOOSER, TASK, files
from tests.broker.scenario import recorded


def written(folder: Path) -> Path:
    """`files()` in a folder."""
    place = folder / "policy"
    place.mkdir()
    files().write(place)
    return place


def test_a_difference_is_recorded_and_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """However often it is looked at; again when it changes; and nothing when it is the same."""
    house, place = House(sqlite(tmp_path)), written(tmp_path)
    directory = Directory(str(place), house.database, ManualClock())
    assert directory.notice(house.active) == ""
    (place / "tasks" / "work.toml").write_text(LOOSER.texts["tasks/work.toml"])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert LOOSER.digest[:12] in directory.notice(house.active)
    (record,) = recorded(house.broker, "broker:policy:ignored")
    assert (record["disk"], record["in_force"]) == (LOOSER.digest, house.active)
    assert len(caplog.records) == 1
    (place / "facts.toml").unlink()
    with caplog.at_level(logging.WARNING):
        assert "cannot be read" in directory.notice(house.active)
    assert str(place) not in directory.notice(house.active), "readyz tells it to whoever asks"
    assert f"{place}/facts.toml" in caplog.text, "and the log to the operator"
    assert recorded(house.broker, "broker:policy:ignored")[-1]["disk"] == ""
    assert house.active == files().digest


def test_what_a_file_says_does_not_drive_a_terminal(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A name with control characters is escaped in the log."""
    house, place = House(sqlite(tmp_path)), written(tmp_path)
    (place / "tasks" / "\x1b[2J.toml").write_text(TASK)
    with caplog.at_level(logging.WARNING):
        Directory(str(place), house.database, ManualClock()).notice(house.active)
    assert "\x1b" not in caplog.text


def test_usable_means_that_this_broker_can_serve_it(tmp_path: Path) -> None:
    """Compiled, its examples run, its sources known: else file and line, where they stand."""
    house, place = House(sqlite(tmp_path)), written(tmp_path)
    directory = Directory(str(place), house.database, ManualClock())
    assert directory.usable(["identity"])[0] == files()
    with pytest.raises(ConfigError, match=rf"^{place}/tasks/work\.toml:6: grants\.plain\.source"):
        directory.usable(["database"])
    (place / "examples.toml").write_text('[[example]]\nrequest = "read/plain/sandbox/public"\noutcome = "deny"\n')
    with pytest.raises(ConfigError, match=rf"^{place}/examples\.toml:1"):
        directory.usable(["identity"])
