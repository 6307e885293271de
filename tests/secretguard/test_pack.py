"""The pack on disk: built once, checked on every load, never trusted when it could be another's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secretguard import pack, pack_build, pack_file
from secretguard.detect import made_up
from secretguard.errors import GuardError

TOKEN = made_up.github("ghp_").encode()
NATIVE: Any = pack.native_module()


def path() -> Path:
    return Path(pack.pack_path(pack.pack_key(NATIVE)))


def finds() -> bool:
    return [f.rule_id for f in pack.open_engine().scan(TOKEN)] == ["github-token"]


def test_first_use_builds_and_second_use_loads() -> None:
    """The file appears on first use, private to the user and within its size; the second use leaves it alone."""
    assert finds()
    before = path().stat()
    assert before.st_mode & 0o777 == 0o600
    assert path().parent.stat().st_mode & 0o777 == 0o700
    assert before.st_size <= pack_file.MAX_BYTES
    assert finds()
    assert path().stat().st_mtime_ns == before.st_mtime_ns
    assert [p.name for p in path().parent.iterdir() if p.name.endswith(".new")] == []


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "header", "other key", "too large", "writable"])
def test_pack_that_cannot_be_trusted_is_built_again(damage: str) -> None:
    """A damaged, foreign, oversized or writable pack is replaced, and what it said is not used."""
    assert finds()
    good = path().read_bytes()
    bad = {
        "empty": b"",
        "cut": good[:-100],
        "flipped": good[:-50] + bytes([good[-50] ^ 1]) + good[-49:],
        "header": b"secretguard-pack/9" + good[18:],
        "other key": good.replace(pack.pack_key(NATIVE).encode(), b"0" * 64, 1),
        "too large": good + b"\0" * pack_file.MAX_BYTES,
        "writable": good,
    }[damage]
    path().write_bytes(bad)
    if damage == "writable":
        path().chmod(0o666)
    assert finds()
    assert path().read_bytes() == good
    assert path().stat().st_mode & 0o777 == 0o600


def test_table_without_rules_is_found_out() -> None:
    """A pack whose digest is right but which finds nothing fails its self-test and is built again."""
    assert finds()
    good = path().read_bytes()
    database = pack_build.compile_database(NATIVE, [b"never-matches-anything"])
    table = b'0\n1\n[0,"x",9,9,0,null]\n["x","x","low","low","token"]'
    path().write_bytes(pack_file.join(pack.pack_key(NATIVE), table, b"", database))
    with pytest.raises(pack_file.PackError, match="self-test"):
        pack._load(NATIVE, str(path()), pack.pack_key(NATIVE))
    assert finds()
    assert path().read_bytes() == good


def test_link_in_place_of_the_pack_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link is replaced by a pack of our own."""
    assert finds()
    (tmp_path / "elsewhere").write_bytes(path().read_bytes())
    path().unlink()
    path().symlink_to(tmp_path / "elsewhere")
    assert finds()
    assert not path().is_symlink()


def test_folder_that_others_can_write_is_refused() -> None:
    """Nothing is loaded from, or written to, a folder in which others could put a pack."""
    assert finds()
    path().parent.chmod(0o777)
    with pytest.raises(GuardError, match="not safe"):
        pack.open_engine()


def test_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no pack can be kept the answer is an error with a fix; the caller fails closed."""
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(GuardError):
        pack.open_engine()


@pytest.mark.parametrize("checkout", [True, False])
def test_changed_rule_files_change_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, checkout: bool) -> None:
    """A file that is put into the folder makes another pack; in a checkout also code that is edited in place."""
    rules = tmp_path / "secretguard" / "detect" / "rules"
    rules.mkdir(parents=True)
    (rules / "x.py").write_text("a")
    (rules / ".." / "engine.py").write_text("a")
    if checkout:
        (tmp_path / ".git").mkdir()
    monkeypatch.setattr(pack, "__file__", str(tmp_path / "secretguard" / "pack.py"))
    first = pack.pack_key(NATIVE)
    assert pack.pack_key(NATIVE) == first
    if checkout:
        (rules / ".." / "engine.py").write_text("ab")
    else:
        (rules / "new").write_text("a")
        (rules / "new").replace(rules / "x.py")
    assert pack.pack_key(NATIVE) != first


def test_several_processes_build_at_once() -> None:
    """Processes that find no pack at the same time all end with a good one."""
    code = (
        "from secretguard import pack; from secretguard.detect import made_up;"
        "print(len(pack.open_engine().scan(made_up.github('ghp_').encode())))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in running] == [b"1\n"] * 4


def test_hook_imports_neither_rules_nor_regular_expressions() -> None:
    """Loading the pack and scanning clean text needs none of the modules that a hook cannot afford."""
    assert finds()
    folders = [os.path.dirname(os.path.dirname(pack.__file__)), os.path.dirname(os.path.dirname(NATIVE.__file__))]
    code = (
        f"import sys; sys.path += {folders!r}\n"
        "from secretguard import pack\n"
        "assert pack.open_engine().scan(b'nothing here' * 1000) == []\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    banned = {"re", "json", "dataclasses", "typing", "enum", "pathlib", "subprocess", "logging", "click", "hyperscan"}
    assert loaded & banned == set()
    assert not [name for name in loaded if name.startswith("secretguard.detect.rule") or "build" in name]


def test_without_hyperscan_the_fallback_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the native module is missing, google-re2 takes its place; no pack is written."""
    monkeypatch.setattr(pack, "native_module", lambda: None)
    assert finds()


def test_without_any_engine_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither engine: an error that says what to install, never an empty scan."""
    monkeypatch.setattr(pack, "native_module", lambda: None)
    monkeypatch.setitem(sys.modules, "secretguard.detect.re2", None)
    with pytest.raises(GuardError, match="hyperscan"):
        pack.open_engine()


def test_engine_of_the_scanned_project_is_not_loaded(tmp_path: Path) -> None:
    """A `hyperscan` folder in the current folder is the scanned project's and is never imported."""
    (tmp_path / "hyperscan").mkdir()
    (tmp_path / "hyperscan" / "_hs_ext.py").write_text("raise SystemExit('loaded')")
    folders = [
        "",
        ".",
        os.path.dirname(os.path.dirname(pack.__file__)),
        os.path.dirname(os.path.dirname(NATIVE.__file__)),
    ]
    code = f"import sys; sys.path[:0] = {folders!r}; from secretguard import pack; print(pack.native_module().__file__)"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == NATIVE.__file__, done.stderr


def test_hyperscan_package_beside_ours_does_no_harm() -> None:
    """A process that has imported the `hyperscan` package itself can still open the engine."""
    code = (
        "import hyperscan; from secretguard import pack; from secretguard.detect import made_up;"
        "print(len(pack.open_engine().scan(made_up.github('ghp_').encode())))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "1\n"
