"""Copies that wait for no hook: they are told, and settled when a person asks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard import person
from secretguard.agents import claude_checks
from secretguard.commands.status import status
from secretguard.commands.uninstall import uninstall
from secretguard.guard import leftover, restore
from tests.secretguard.guard.events import records
from tests.secretguard.guard.restoring import Place


def test_what_waits_is_told_and_put_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a write whose second event never came: known after a minute, put back and recorded when asked."""
    assert place.write() == ""
    place.written()
    assert leftover.left() == []
    later = time.time() + 90
    monkeypatch.setattr(leftover.time, "time", lambda: later)
    (one,) = leftover.left()
    assert one.path == str(place.file)
    assert 60 < one.seconds < 120
    assert leftover.settle(str(place.project)) == []
    assert place.file.read_text() == place.expected
    assert place.clean
    assert leftover.left() == []
    assert records("guard:write:restored")[0]["client"] == "secretguard"


def test_what_cannot_be_put_back_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy stays, and the sentence says where it is."""
    assert place.write() == ""
    place.written()

    def moved(*_: object) -> int:
        raise restore.Moved

    monkeypatch.setattr(restore, "_restored_once", moved)
    (problem,) = leftover.settle(str(place.project))
    assert "it keeps changing" in problem
    assert not place.clean


def test_nothing_waits_nearly_always(place: Place) -> None:
    """Without copies nothing is opened or recorded."""
    assert leftover.settle(str(place.project)) == []
    assert leftover.left() == []


def test_doctor_status_and_uninstall_tell_of_it(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever looks, or takes the guard out, hears of a file whose secret is not back; taking it out puts it back."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(place.project)
    assert place.write() == ""
    place.written()
    later = time.time() + 90
    monkeypatch.setattr(leftover.time, "time", lambda: later)
    (sign,) = claude_checks._leftover()
    assert str(place.file) in sign.text
    said = CliRunner().invoke(status, catch_exceptions=False).output
    assert f"not back:    {place.file}" in said
    monkeypatch.setattr(person, "must_not_be_an_agent", lambda command: None)
    done = CliRunner().invoke(uninstall, ["claude-code"], catch_exceptions=False)
    assert done.exit_code == 0
    assert place.file.read_text() == place.expected
    assert place.clean
