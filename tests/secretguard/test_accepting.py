"""Writing what a person accepts."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from secretguard import accepting, false_alarms
from secretguard.acceptance import Acceptance
from secretguard.errors import ConfigError
from tests.secretguard.guard.events import records

SAID = Acceptance("dev@example.org", "a false alarm")


def test_two_that_accept_at_once_both_count() -> None:
    """Under a lock; the same one twice is one."""

    def one(number: int) -> None:
        entry = {"scope": "project", "project": "/p", "digest": f"{number % 8:064x}", "rule": "r"}
        accepting.add(entry, Acceptance("a", "b"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    assert len(false_alarms.entries()) == 8


def test_the_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit it is refused with the way on; those that are over make room."""
    monkeypatch.setattr(accepting, "MOST", 2)
    for number, until in enumerate(("", "2020-01-01", "")):
        accepting.add({"scope": "project", "project": "/p", "digest": f"{number:064x}"}, Acceptance("a", "b", until))
    with pytest.raises(ConfigError, match="are accepted already"):
        accepting.add({"scope": "project", "project": "/p", "digest": "f" * 64}, Acceptance("a", "b"))


def test_the_same_value_again_takes_the_new_words() -> None:
    """One entry a value and place; what is on record has neither digest nor mask."""
    entry = {"scope": "project", "project": "/p", "digest": "0" * 64, "tag": "0" * 10, "rule": "r", "masked": "m"}
    accepting.add(entry, SAID)
    accepting.add(entry, Acceptance("other@example.org", "still one", "2999-12-31"))
    (kept,) = false_alarms.entries()
    assert (kept["by"], kept["why"], kept["until"]) == ("other@example.org", "still one", "2999-12-31")
    first, _ = records("guard:value:accepted")
    assert first["by"] == "dev@example.org"
    assert not {"digest", "masked"} & set(first)


def test_only_what_is_meant_is_taken_out() -> None:
    """Each on record; taking out nothing writes nothing."""
    for number in range(3):
        accepting.add({"scope": "project", "project": "/p", "digest": f"{number:064x}", "tag": str(number)}, SAID)
    assert [entry["tag"] for entry in accepting.remove(lambda entry: entry["tag"] == "1", "me")] == ["1"]
    assert [entry["tag"] for entry in false_alarms.entries()] == ["0", "2"]
    assert accepting.remove(lambda entry: False, "me") == []
    assert [record["by"] for record in records("guard:value:withdrawn")] == ["me"]


def test_a_folder_that_is_not_private_is_refused(own_home: Path) -> None:
    """Others could write there what the guard then lets pass."""
    (own_home / "state").mkdir(mode=0o700)
    os.chmod(own_home / "state", 0o777)
    with pytest.raises(Exception, match="not private"):
        accepting.add({"scope": "project", "project": "/p", "digest": "0" * 64}, SAID)
