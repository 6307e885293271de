"""Building the pack: what the engine refuses stops the build, old packs go."""

from __future__ import annotations

import fcntl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from secretguard import pack, pack_build
from secretguard.detect.registry import RULES
from secretguard.errors import ConfigError, GuardError

NATIVE: Any = pack.native_module()


def test_table_has_every_rule_and_shape() -> None:
    """One row a rule, one a pattern; windows are as wide as the patterns."""
    table, _ = pack_build.flatten()
    assert [row[0] for row in table["rules"]] == [rule.id for rule in RULES]
    assert len(table["shapes"]) == len(pack_build.stage1()) == sum(len(rule.patterns) for rule in RULES)
    assert all(back >= 1 and ahead >= 2 for _, _, back, ahead, _, _ in table["shapes"])


def test_pack_is_the_same_every_time() -> None:
    """The same rules give the same bytes, so that a digest can be compared between machines of one kind."""
    assert pack_build.pack_bytes(NATIVE, "0" * 64) == pack_build.pack_bytes(NATIVE, "0" * 64)


def test_refused_pattern_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that Hyperscan refuses is an error, not a rule less."""
    monkeypatch.setattr(pack_build, "stage1", lambda: ["(?<!a)b"])
    with pytest.raises(ConfigError, match="refuses"):
        pack_build.pack_bytes(NATIVE, "0" * 64)


def test_pack_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size that a hook can load in time is a limit of the build."""
    monkeypatch.setattr(pack_build.pack_file, "MAX_BYTES", 1000)
    with pytest.raises(ConfigError, match="the most is"):
        pack_build.pack_bytes(NATIVE, "0" * 64)


def test_id_used_twice_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules of one name would be one in every baseline."""
    monkeypatch.setattr(pack_build, "RULES", RULES + RULES[:1])
    assert pack_build.check() == [f"{RULES[0].id}: the id is used twice"]


def test_old_packs_are_dropped(tmp_path: Path) -> None:
    """The current pack and the three newest others stay."""
    for number in range(6):
        pack_build.build(NATIVE, str(tmp_path / "pack" / f"{number}.pack"), f"{number}" * 64)
    assert len(list((tmp_path / "pack").glob("*.pack"))) == 4
    assert (tmp_path / "pack" / "5.pack").exists()


def test_who_waited_takes_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that finds the lock taken builds nothing when the pack came meanwhile, and builds when it did not."""
    built: list[str] = []
    monkeypatch.setattr(pack_build, "pack_bytes", lambda native, key: built.append(key) or b"")
    path = tmp_path / "pack" / "a.pack"
    pack_build.build(NATIVE, str(path), "first")
    for arrives, expected in ((True, ["first"]), (False, ["first", "second"])):
        with (tmp_path / "pack" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            waiting = threading.Thread(target=pack_build.build, args=(NATIVE, str(path), "second"))
            waiting.start()
            _until_waiting(lock.name)
            if arrives:
                (tmp_path / "fresh").write_bytes(b"built elsewhere")
                (tmp_path / "fresh").rename(path)
        waiting.join(30)
        assert built == expected


def _until_waiting(lock: str) -> None:
    """Until somebody waits for the lock (the kernel lists who does)."""
    inode = f":{Path(lock).stat().st_ino} "
    deadline = time.monotonic() + 20
    while not any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines()):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_full_disk_is_an_error_that_fails_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the pack cannot be written the caller is told so in the guard's own words."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pack_build, "replace", full)
    with pytest.raises(GuardError, match="No space"):
        pack_build.build(NATIVE, str(tmp_path / "pack" / "a.pack"), "0" * 64)
