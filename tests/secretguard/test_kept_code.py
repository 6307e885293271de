"""The hook's own modules from one file: the same answers with it, without it, and with a bad one."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from secretguard import kept_code
from secretguard.errors import GuardError
from secretguard.guard import main as entry
from secretguard.kept_code_build import build
from tests.test_hot_path import _TOKEN, read_result

ROOT = str(Path(entry.__file__).parents[2])


def answered(home: Path) -> str:
    """What the hook says of a text with a secret, as one process."""
    environment = {"HOME": str(home), "SECRETGUARD_HOME": str(home / "guard"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-I", "-S", str(entry.__file__), "claude-code", sysconfig.get_path("platlib")]
    payload = read_result(f"k = {_TOKEN}\n")
    done = subprocess.run(command, input=payload, env=environment, capture_output=True, timeout=60, check=True)
    assert not done.stderr
    return done.stdout.decode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the hook answered once: pack, policy and code are there."""
    home = tmp_path_factory.mktemp("home")
    assert _TOKEN not in answered(home)
    return home


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, as the hook left it."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(home / "guard"))
    path = Path(kept_code.path_of(ROOT))
    answered(home)
    assert path.stat().st_mode & 0o777 == 0o600
    return path


def test_the_hook_builds_it_and_takes_its_modules_from_it(home: Path, kept: Path) -> None:
    """After a first event the modules come from the file, and the answer is the same."""
    before = kept.stat().st_mtime_ns
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from secretguard import kept_code; kept_code.use(sys.argv[1]);"
        "from secretguard.guard import hook, reads; from secretguard import audit;"
        "print(type(reads.__loader__).__name__, reads.__file__, audit.__path__[0], reads.__spec__.parent)"
    )
    told = subprocess.run([sys.executable, "-I", "-S", "-c", script, ROOT], capture_output=True, check=True, text=True)
    package = f"{ROOT}/secretguard"
    assert told.stdout.split() == ["KeptCode", f"{package}/guard/reads.py", f"{package}/audit", "secretguard.guard"]
    assert "[[secret:github-token:" in answered(home)
    assert kept.stat().st_mtime_ns == before


def test_files_of_a_package_are_read_beside_its_source(home: Path, kept: Path) -> None:
    """Whatever a module reads by `importlib.resources` it finds: the policy's schema, for one."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from secretguard import kept_code; kept_code.use(sys.argv[1]);"
        "import secretguard.policy; from importlib import resources;"
        "print(type(secretguard.policy.__loader__).__name__);"
        "place = resources.files('secretguard.policy') / 'schema/policy.cedarschema';"
        "print(place.is_file(), place.read_text('utf-8')[:0])"
    )
    told = subprocess.run([sys.executable, "-I", "-S", "-c", script, ROOT], capture_output=True, check=True, text=True)
    assert told.stdout.split() == ["KeptCode", "True"]


@pytest.mark.parametrize("at", [0, len(kept_code.MAGIC), len(kept_code.MAGIC) + 8, 60])
def test_a_flipped_byte_is_found(home: Path, kept: Path, at: int) -> None:
    """Wherever in header and index the damage is, the answer is right and the file is built anew."""
    bad = bytearray(kept.read_bytes())
    bad[at] ^= 0x40
    kept.write_bytes(bad)
    with pytest.raises(kept_code.Damaged):
        kept_code.opened(str(kept))
    assert "[[secret:github-token:" in answered(home)
    assert isinstance(kept_code.opened(str(kept)), kept_code.KeptCode)


def test_damaged_code_is_never_run(home: Path, kept: Path) -> None:
    """With every module's code damaged the sources are run, and the file is thrown away."""
    data = bytearray(kept.read_bytes())
    start = len(kept_code.MAGIC) + 16 + int.from_bytes(data[len(kept_code.MAGIC) :][:8], "little")
    data[start:] = bytes(len(data) - start)
    kept.write_bytes(data)
    assert "[[secret:github-token:" in answered(home)
    assert not kept.exists()


@pytest.mark.parametrize("junk", [b"", b"x", kept_code.MAGIC, kept_code.MAGIC + b"\xff" * 40])
def test_junk_is_replaced(home: Path, kept: Path, junk: bytes) -> None:
    """A file that is none is built anew."""
    kept.write_bytes(junk)
    assert "[[secret:github-token:" in answered(home)
    assert kept.read_bytes().startswith(kept_code.MAGIC)
    assert len(kept.read_bytes()) > 100_000


def test_others_files_are_not_used(home: Path, kept: Path) -> None:
    """What others can write, or a link, is no kept code; neither is a folder that others can write."""
    kept.chmod(0o666)
    with pytest.raises(kept_code.Damaged):
        kept_code.opened(str(kept))
    kept.chmod(0o600)
    link = kept.with_suffix(".link")
    link.symlink_to(kept)
    with pytest.raises(OSError, match="symbolic links"):
        kept_code.opened(str(link))
    link.unlink()
    kept.parent.chmod(0o777)
    try:
        with pytest.raises(GuardError, match="not private"):
            kept_code.opened(str(kept))
    finally:
        kept.parent.chmod(0o700)


def test_a_changed_source_is_what_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edited module is imported from its source, and what was kept is thrown away."""
    root = small(tmp_path, monkeypatch)
    module = root / "secretguard" / "guard" / "one.py"
    assert said(root) == "old KeptCode"
    module.write_text("value = 'changed'\n")
    assert said(root) == "changed SourceFileLoader"
    assert said(root) == "changed SourceFileLoader"  # this one builds it
    assert said(root) == "changed KeptCode"
    module.unlink()
    with pytest.raises(subprocess.CalledProcessError):
        said(root)


def test_where_nothing_can_be_written_imports_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder that cannot be made costs time and nothing else."""
    root = small(tmp_path, monkeypatch, build_it=False)
    (tmp_path / "home").write_text("a file in the place of the folder")
    assert said(root) == "old SourceFileLoader"


def test_each_installation_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two places, or two interpreters, do not throw away each other's file."""
    first = kept_code.path_of("/a/site-packages")
    assert first != kept_code.path_of("/b/site-packages")
    assert sys.implementation.cache_tag is not None
    assert first.endswith(sys.implementation.cache_tag)
    assert len(os.path.basename(kept_code.path_of("/" + "long/" * 400))) < 200


def small(folder: Path, monkeypatch: pytest.MonkeyPatch, build_it: bool = True) -> Path:
    """A package with the modules that matter here and one to be changed."""
    root = folder / "root"
    package = root / "secretguard"
    (package / "guard").mkdir(parents=True)
    for name in ("__init__.py", "kept_code.py", "kept_code_build.py", "places.py", "errors.py", "whole_file.py"):
        (package / name).write_bytes((Path(ROOT) / "secretguard" / name).read_bytes())
    for room in ("agents", "audit", "detect", "known", "platforms", "policy", "shell", "worktree"):
        (package / room).mkdir()
    (package / "guard" / "__init__.py").touch()
    (package / "guard" / "one.py").write_text("value = 'old'\n")
    monkeypatch.setenv("SECRETGUARD_HOME", str(folder / "home"))
    if build_it:
        build(str(root), kept_code.path_of(str(root)))
    return root


def said(root: Path) -> str:
    """What the changed module says, and who loaded it, in a process of its own."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True;"
        "from secretguard import kept_code; kept_code.use(sys.argv[1]);"
        "from secretguard.guard import one; print(one.value, type(one.__loader__).__name__)"
    )
    command = [sys.executable, "-I", "-S", "-c", script, str(root)]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout.strip()
