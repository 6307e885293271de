"""The folder of results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.fleet.shards import Shards
from secretguard.fleet.task import Outcome, Target

TOOL, HOW = {"name": "secretguard"}, {"history": False}
TARGET = Target("x", "x-1", place="/x")


def shard(tool: dict[str, str] = TOOL, how: dict[str, bool] = HOW) -> bytes:
    rows = [{"kind": "repository", "options": how}, {"kind": "finding"}, {"kind": "summary", "tool": tool}]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_done_or_not(tmp_path: Path) -> None:
    """A shard counts that has its summary, by the same options and rules; nothing else does."""
    with Shards(str(tmp_path / "out")) as shards:
        assert shards.done("x-1", HOW, TOOL) is None
        shards.write(Outcome(TARGET, shard()))
        assert shards.done("x-1", HOW, TOOL) == {"kind": "summary", "tool": TOOL}
        assert shards.done("x-1", {"history": True}, TOOL) is None
        assert shards.done("x-1", HOW, {"name": "other"}) is None
        for torn in (b"", b"\n", shard()[:-3], b"[]\n[]\n", b"\xff", b"{}\n{}\n", b"[" * 100_000):
            (tmp_path / "out" / "x-1.jsonl").write_bytes(torn)
            assert shards.done("x-1", HOW, TOOL) is None


def test_failures_of_this_run(tmp_path: Path) -> None:
    """errors.jsonl tells of the run that was last begun."""
    for reason in ("first", "second"):
        with Shards(str(tmp_path / "out")) as shards:
            shards.write(Outcome(TARGET, error=reason))
    [row] = (tmp_path / "out" / "errors.jsonl").read_text().splitlines()
    assert json.loads(row) == {"repository": "x", "shard": "x-1", "error": "second"}


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A second one is told so, and touches nothing."""
    with Shards(str(tmp_path / "out")) as shards:
        shards.write(Outcome(TARGET, error="kept"))
        with pytest.raises(ConfigError, match="another scan"), Shards(str(tmp_path / "out")):
            pass
    assert "kept" in (tmp_path / "out" / "errors.jsonl").read_text()


def test_the_key_stays_and_a_torn_one_is_replaced(tmp_path: Path) -> None:
    """Fingerprints of a later run are those of the first; half a key is none. Leftovers of a killed run go."""
    with Shards(str(tmp_path / "out")) as shards:
        key = shards.key
    (tmp_path / "out" / ".x-1.jsonl.new").write_text("half")
    with Shards(str(tmp_path / "out")) as shards:
        assert shards.key == key
    assert not (tmp_path / "out" / ".x-1.jsonl.new").exists()
    (tmp_path / "out" / "fingerprint.key").write_bytes(key[:7])
    with Shards(str(tmp_path / "out")) as shards:
        assert len(shards.key) == 32


def test_a_folder_that_will_not_do(tmp_path: Path) -> None:
    """A file, or a folder that others can write to, is refused: what lies there would not be ours."""
    (tmp_path / "file").write_text("")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    for name in ("file", "open"):
        with pytest.raises(ConfigError, match=name), Shards(str(tmp_path / name)):
            pass


def test_a_full_disk(tmp_path: Path) -> None:
    """What cannot be written is an error, and no shard is half there."""
    with Shards(str(tmp_path / "out")) as shards:
        (tmp_path / "out" / ".x-1.jsonl.new").symlink_to("/dev/full")
        with pytest.raises(ConfigError, match="out"):
            shards.write(Outcome(TARGET, shard()))
    assert not (tmp_path / "out" / "x-1.jsonl").exists()
