"""The badge's state, and the checks behind it."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from broker import activity
from broker.web import watch
from broker.web.watch import State, Watch
from tests.broker.web.sample import Sample, ordinary
from tests.broker.web.test_growth import change


@pytest.fixture(autouse=True)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question begins a full check, unless a test says otherwise; and waits for it as long as it takes."""
    for name, value in (("EVERY_SECONDS", 0), ("FULL_SECONDS", 0), ("SHARE", 0), ("FIRST_WAIT_SECONDS", 60)):
        monkeypatch.setattr(watch, name, value)


class Watched(Watch):
    """A watch whose checks can be waited for."""

    def __init__(self, sample: Sample) -> None:
        super().__init__(sample.broker.database, sample.broker.signer.key.public_key(), sample.clock)

    def after(self) -> State:
        """The state after a check that began now."""
        self.state()
        at_work = self._check
        if at_work is not None:
            at_work.join(60)
        return self._state


def test_the_first_page_waits_for_the_first_check(sample: Sample) -> None:
    """A short log is verified before anything is shown."""
    watched = Watched(sample)
    state = watched.state()
    assert (state.word, state.size, state.alarm, state.trouble) == ("intact", 9, None, "")
    watched.close()


def test_a_log_without_checkpoint_is_not_called_intact(tmp_path: Path) -> None:
    """Nothing is known of an empty store."""
    sample = Sample(str(tmp_path))
    watched = Watched(sample)
    assert watched.after().word == "cannot tell"
    watched.close()
    sample.broker.database.close()


def test_growth_is_checked_between_full_checks(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """The badge reaches the newest checkpoint although all of the log was read longer ago."""
    monkeypatch.setattr(watch, "FULL_SECONDS", 3600)
    watched = Watched(sample)
    watched.after()
    ordinary(sample, 1)
    sample.number()
    state = watched.after()
    assert state.full is not None
    assert (state.size, state.full.size, state.word) == (18, 9, "intact")
    assert state.at > state.full.checked_at
    change(sample, "UPDATE events SET payload = '{}' WHERE seq = 19")
    ordinary(sample, 1)
    sample.number()
    change(sample, "UPDATE events SET payload = '{}' WHERE seq = 20")
    state = watched.after()
    assert state.word == "tampered"
    assert state.alarm is not None
    assert "edited: entry 19" in state.alarm.findings
    watched.close()


def test_an_edited_row_is_seen_and_stays_seen(sample: Sample) -> None:
    """The badge turns to tampered, and does not turn back when the row is put right again."""
    watched = Watched(sample)
    assert watched.after().word == "intact"
    with sample.broker.database.read() as tx:
        before = tx.exec_driver_sql("SELECT payload FROM events WHERE seq = 3").scalar_one()
    change(sample, "UPDATE events SET payload = replace(payload, 'issued', 'minted') WHERE seq = 5")
    state = watched.after()
    assert state.word == "tampered"
    assert state.alarm is not None
    assert any("entry 4" in one for one in state.alarm.findings)
    change(sample, "UPDATE events SET payload = replace(payload, 'minted', 'issued') WHERE seq = 5")
    state = watched.after()
    assert state.full is not None
    assert (state.full.outcome, state.word) == ("intact", "tampered")
    assert before
    watched.close()


def test_a_store_that_is_put_back_is_seen(sample: Sample) -> None:
    """An older copy is consistent in itself; what this process saw before is the pin that it fails."""
    watched = Watched(sample)
    watched.after()
    size = 4
    change(sample, f"DELETE FROM events WHERE seq > {size}")
    change(sample, f"DELETE FROM leaves WHERE leaf >= {size}")
    change(sample, "DELETE FROM checkpoints")
    ordinary(sample, 1)
    sample.number()
    state = watched.after()
    assert state.word in ("tampered", "incomplete")
    watched.close()


def test_what_cannot_be_checked_is_not_shown_as_intact(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails, foreseen or not, turns the badge to cannot tell and says why; the next good one turns it
    back."""
    watched = Watched(sample)
    assert watched.after().word == "intact"
    real = activity.integrity

    def broken(*_: object) -> activity.Integrity:
        raise ZeroDivisionError

    monkeypatch.setattr(activity, "integrity", broken)
    state = watched.after()
    assert state.word == "cannot tell"
    assert "ZeroDivisionError" in state.trouble
    monkeypatch.setattr(activity, "integrity", real)
    change(sample, "ALTER TABLE leaves RENAME TO gone")
    assert "cannot be read" in watched.after().trouble
    change(sample, "ALTER TABLE gone RENAME TO leaves")
    assert watched.after().word == "intact"
    watched.close()


def test_one_check_runs_at_a_time(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages ask, one check is at work, and none of them waits once there is something to show."""
    watched = Watched(sample)
    watched.after()
    running, go = [], threading.Event()
    real = activity.integrity

    def slow(*given: object) -> activity.Integrity:
        running.append(1)
        assert go.wait(60)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(activity, "integrity", slow)
    states = [watched.state() for _ in range(20)]
    assert all(state.running and state.word == "intact" for state in states)
    go.set()
    watched.close()
    assert len(running) == 1
    watched.state()
    assert watched._check is None


def test_a_checkpoint_that_comes_late_is_no_lasting_finding(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Vault signs, the newest entries may wait for it: incomplete while that lasts, and no longer."""
    watched = Watched(sample)
    real = activity.integrity

    def late(*given: object) -> activity.Integrity:
        found = real(*given)  # type: ignore[arg-type]
        told = ("unsigned: no checkpoint states entries 9 to 11",)
        return dataclasses.replace(found, outcome="incomplete", findings=told)

    monkeypatch.setattr(activity, "integrity", late)
    state = watched.after()
    assert (state.word, state.alarm) == ("incomplete", None)
    monkeypatch.setattr(activity, "integrity", real)
    assert watched.after().word == "intact"
    watched.close()
