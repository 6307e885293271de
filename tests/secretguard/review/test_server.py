"""Installing, inspecting and removing the gate of a bare repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.review import server


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True, timeout=30)
    return path


def test_install_is_idempotent_and_keeps_the_identity(bare: Path) -> None:
    """A second install changes nothing, above all not the id that reviews are bound to."""
    assert server.install(str(bare), ("release/*",)).changed
    before = server.bare_repository(str(bare)).blob("refs/secretguard/repository", 200)
    assert not server.install(str(bare), ("release/*",)).changed
    assert server.bare_repository(str(bare)).blob("refs/secretguard/repository", 200) == before


def test_foreign_hook_is_left_alone(bare: Path) -> None:
    """Another pre-receive hook is an error, byte for byte untouched, by install and by remove."""
    hook = bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(ConfigError, match="not ours"):
        server.install(str(bare))
    assert not server.remove(str(bare))
    assert hook.read_text() == "#!/bin/sh\nexit 0\n"


def test_working_copy_and_missing_path_are_refused(tmp_path: Path) -> None:
    """The gate belongs on a server: a working copy or a missing folder is a clear error."""
    subprocess.run(["git", "init", "-q", str(tmp_path / "work")], check=True, timeout=30)
    for path in (tmp_path / "work", tmp_path / "missing"):
        with pytest.raises(ConfigError, match="not a bare"):
            server.install(str(path))


def test_doctor_finds_each_way_of_being_unprotected(bare: Path) -> None:
    """Missing hook, lost execute bit, core.hooksPath, missing or writable reviewers' file are each named."""
    assert any("missing or not ours" in fault for fault in server.faults(str(bare)))
    installed = server.install(str(bare))
    signers = Path(installed.folder) / "allowed_signers"
    assert any("nobody can review" in fault for fault in server.faults(str(bare)))
    signers.write_text("p@example.com ssh-ed25519 AAAA\n")
    signers.chmod(0o644)
    assert server.faults(str(bare)) == []
    signers.chmod(0o666)
    assert any("writable by others" in fault for fault in server.faults(str(bare)))
    os.chmod(installed.hook, 0o644)
    assert any("not executable" in fault for fault in server.faults(str(bare)))
    subprocess.run(["git", "--git-dir", str(bare), "config", "core.hooksPath", "/x"], check=True, timeout=30)
    assert any("core.hooksPath" in fault for fault in server.faults(str(bare)))


def test_branches_that_nothing_protects_are_told(bare: Path) -> None:
    """`git init --bare` leaves HEAD at a name that nobody may ever push: the gate would let everything through."""
    installed = server.install(str(bare))
    signers = Path(installed.folder) / "allowed_signers"
    signers.write_text("p@example.com ssh-ed25519 AAAA\n")
    signers.chmod(0o644)
    repository = server.bare_repository(str(bare))
    repository.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    who = ("-c", "user.name=p", "-c", "user.email=p@example.com")
    commit = repository.text(*who, "commit-tree", repository.text("mktree"), "-m", "first")
    repository.git("update-ref", "refs/heads/main", commit)
    (fault,) = server.faults(str(bare))
    assert "refs/heads/trunk is not among them: `git symbolic-ref HEAD refs/heads/main`" in fault
    server.install(str(bare), ("ma*",))
    assert server.faults(str(bare)) == []
    repository.git("config", "--unset-all", "secretguard.protect")
    repository.git("symbolic-ref", "HEAD", "refs/heads/main")
    assert server.faults(str(bare)) == []


def test_hook_without_its_interpreter_refuses_every_push(bare: Path, tmp_path: Path) -> None:
    """When the environment of secretguard is deleted, pushes are refused with the repair command."""
    installed = server.install(str(bare))
    hook = Path(installed.hook)
    lines = hook.read_text().replace(os.sys.executable, str(tmp_path / "gone"))
    hook.write_text(lines)
    done = subprocess.run([str(hook)], capture_output=True, text=True, input="", timeout=30)
    assert done.returncode == 1
    assert "install git --server" in done.stderr


def test_remove_takes_our_hook_and_nothing_else(bare: Path) -> None:
    """Removing leaves the folder with reviewers and journal."""
    installed = server.install(str(bare))
    assert server.remove(str(bare))
    assert not Path(installed.hook).exists()
    assert Path(installed.folder).is_dir()
    assert not server.remove(str(bare))
