"""SIGKILL at any moment: what is kept on disk is the old state or the new one, whole, and the next run goes on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from secretguard import baseline_file, pack, pack_build
from secretguard.errors import ConfigError
from secretguard.history.cache import Cache, Scanned
from secretguard.history.hit import Hit
from secretguard.pack_file import PackError
from secretguard.source.git import Git
from tests.secretguard.history.repository import Repository

KILLS = 200
LONGEST = 0.012  # seconds until the kill: a few writes' worth


def storm(write: Callable[[int], None], whole: Callable[[], bool]) -> int:
    """Start a process that writes without end, kill it, look; KILLS times. Returns how often something was there.

    `whole` says whether there is something, and fails the test where it is torn.
    """
    chance, there = random.Random(9), 0
    for _ in range(KILLS):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.write(writing, b".")
                number = 0
                while True:
                    write(number)
                    number += 1
            finally:
                os._exit(1)
        os.read(reading, 1)  # it has begun
        time.sleep(chance.random() * LONGEST)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        assert os.WIFSIGNALED(status), "the writer ended by itself"
        there += whole()
    return there


def test_the_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its lock, with a lock holder killed again and again: no pack, or one that loads."""
    native = pack.native_module()
    key = pack.pack_key(native)
    path = pack.pack_path(key)
    data = pack_build.pack_bytes(native, key)
    monkeypatch.setattr(pack_build, "pack_bytes", lambda *_: data)

    def whole() -> bool:
        try:
            pack._load(native, path, key)
        except FileNotFoundError:
            return False
        except PackError as error:
            pytest.fail(f"torn: {error}")
        if random.random() < 0.3:  # so that the next one writes where there is none
            os.unlink(path)
        return True

    assert storm(lambda _: pack_build.build(native, path, key), whole) > KILLS // 4
    pack.open_engine()


def test_the_history_cache(tmp_path: Path) -> None:
    """Nothing, or a result that was saved, never a mixture of two; the next scan is not hindered by what was left."""
    repo = Repository(tmp_path / "repo")
    cache = Cache(Git(str(repo.path)), "rules", b"k" * 32)

    def scanned(number: int) -> Scanned:
        hit = Hit("c" * 40, "path", "b" * 40, number, "rule", f"{number:x}" * 8)
        return Scanned([f"{number:040x}"], [hit] * (200 + number % 7))

    def whole() -> bool:
        if not os.path.exists(cache._path):
            return False
        found = cache.load()
        assert found is not None, "torn"
        assert found == scanned(int(found.tips[0], 16))
        return True

    assert storm(lambda number: cache.save(scanned(number)), whole) > KILLS // 4
    cache.save(scanned(77))
    assert cache.load() == scanned(77)


@pytest.mark.parametrize("text", [baseline_file.written, baseline_file.as_peer])
def test_the_baseline(text: Callable[[baseline_file.Document], str], tmp_path: Path) -> None:
    """In either way of writing: the accepted findings of one save, all of them, whatever moment was the last."""
    path = tmp_path / "secrets.baseline"

    def document(number: int) -> baseline_file.Document:
        entries = [{"type": "t", "hashed_secret": f"{number + n:040x}", "line_number": n} for n in range(200)]
        return {"version": "1.5.0", "results": {"a.py": entries}, "generated_at": str(number)}

    def whole() -> bool:
        if not path.exists():
            return False
        try:
            found = baseline_file.read(str(path))
        except ConfigError as error:
            pytest.fail(f"torn: {error}")
        digests = sorted(entry["hashed_secret"] for entry in found["results"]["a.py"])
        first = int(digests[0], 16)
        assert digests == [f"{first + n:040x}" for n in range(200)]
        return True

    assert storm(lambda number: baseline_file.save(str(path), document(number), text), whole) > KILLS // 4
    baseline_file.save(str(path), document(5), text)
    assert whole()
