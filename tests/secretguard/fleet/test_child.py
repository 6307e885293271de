"""The shard of one repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from secretguard.fleet import child
from tests.secretguard.fleet.repositories import lines
from tests.secretguard.fleet.test_one import HOW
from tests.secretguard.githooks.repositories import LEAK, Repository


def shard(place: Path, monkeypatch: pytest.MonkeyPatch, **how: object) -> list[dict[str, object]]:
    monkeypatch.chdir(place)
    return lines(child.shard("name", HOW | how, b"\1" * 32).encode())


def test_a_bare_repository_is_read_at_its_tip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files come from git; links and submodules are told as skipped; the fingerprint is that of the work tree."""
    here = Repository(tmp_path / "here")
    (here.folder / "link").symlink_to("/etc/passwd")
    here.git("add", "link")
    here.past("deep/app.py", LEAK)
    here.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    bare, tree = (shard(tmp_path / name, monkeypatch) for name in ("bare", "here"))
    found = [row for row in bare if row["kind"] == "finding"]
    assert found == [row for row in tree if row["kind"] == "finding"]
    assert found[0]["path"] == "deep/app.py"
    assert {"kind": "skipped", "path": "link", "reason": "symbolic link", "bytes": 0} in bare
    assert bare[0]["head"] == tree[0]["head"] == here.head()


def test_a_repository_without_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is found in nothing."""
    here = Repository(tmp_path / "here")
    here.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    for place in (here.folder, tmp_path / "bare"):
        for past in (False, True):
            first, *_, last = shard(place, monkeypatch, history=past)
            assert first["head"] == ""
            assert last["findings"] == 0


def test_pragmas_and_those_who_honour_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pragma accepts is told as accepted; without honour it is open."""
    (tmp_path / "a").write_text(LEAK.replace("\n", "  # pragma: allowlist secret\n"))
    assert shard(tmp_path, monkeypatch)[-1]["open"] == 0
    assert shard(tmp_path, monkeypatch, honour=False)[-1]["open"] == 1
