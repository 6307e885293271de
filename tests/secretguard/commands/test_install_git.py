"""`secretguard install git` and `uninstall git` as their users meet them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from secretguard.commands.install_git import git
from tests.secretguard.githooks.repositories import LEAK, Repository, bare, guarded


def test_install_says_what_is_left_to_do_and_remove_takes_it_back(tmp_path: Path) -> None:
    """The first run installs and names the missing reviewers, the second changes nothing, --remove removes."""
    server = tmp_path / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", str(server)], check=True, timeout=30)
    run = CliRunner().invoke
    first = run(git, ["--server", str(server)])
    assert first.exit_code == 0
    assert "installed" in first.output
    assert "nobody can review" in first.output
    assert "already installed" in run(git, ["--server", str(server)]).output
    assert "gate removed" in run(git, ["--server", str(server), "--remove"]).output
    assert "no gate of ours" in run(git, ["--server", str(server), "--remove"]).output
    assert not (server / "hooks" / "pre-receive").exists()


def test_what_is_done_is_said_and_recorded(tmp_path: Path) -> None:
    """Installing twice changes nothing the second time; both ways are in the journal."""
    here = Repository(tmp_path / "project")
    assert "installed: " in here.secretguard("install", "git").stdout
    assert "already installed" in here.secretguard("install", "git").stdout
    assert "removed: pre-commit, pre-merge-commit, pre-push" in here.secretguard("uninstall", "git").stdout
    assert "no hook of ours" in here.secretguard("uninstall", "git").stdout
    told = here.secretguard("audit", "show").stdout
    assert "guard:client:installed" in told
    assert "guard:client:removed" in told


def test_a_hook_that_stood_there_runs_and_comes_back(tmp_path: Path) -> None:
    """It is run before ours, may refuse, and is put back byte for byte with its mode."""
    here = Repository(tmp_path / "project")
    own = here.hooks / "pre-commit"
    own.write_bytes(b"#!/bin/sh\n# caf\xe9\necho ran >> ran\n[ ! -e no ]\n")
    own.chmod(0o751)
    before = own.read_bytes()
    done = here.secretguard("install", "git")
    assert "pre-commit: what stood there before is kept" in done.stdout
    here.put("a", "a\n")
    assert here.tries("commit", "-qm", "x").returncode == 0
    assert (here.folder / "ran").read_text() == "ran\n"
    (here.folder / "no").touch()
    here.put("b", "b\n")
    assert here.tries("commit", "-qm", "x").returncode != 0
    (here.folder / "no").unlink()
    here.put("b", LEAK)
    assert here.tries("commit", "-qm", "x").returncode != 0
    assert "given back: pre-commit" in here.secretguard("uninstall", "git").stdout
    assert own.read_bytes() == before
    assert own.stat().st_mode & 0o777 == 0o751
    assert sorted(path.name for path in here.hooks.iterdir() if "sample" not in path.name) == ["pre-commit"]


def test_what_a_hook_before_ours_stages_is_looked_at(tmp_path: Path) -> None:
    """A formatter that runs first may stage something: the scan comes after it."""
    here = Repository(tmp_path / "project")
    own = here.hooks / "pre-commit"
    (tmp_path / "generated").write_text(LEAK)
    own.write_text(f"#!/bin/sh\ncp '{tmp_path}/generated' generated && git add generated\n")
    own.chmod(0o755)
    here.secretguard("install", "git")
    here.put("a", "a\n")
    assert here.tries("commit", "-qm", "x").returncode != 0


def test_a_bare_repository_is_a_servers(tmp_path: Path) -> None:
    """It has no commits to stop: the server's hook is named, and nothing is written."""
    here = Repository(tmp_path / "project")
    place = bare(tmp_path / "server.git")
    done = here.secretguard("install", "git", str(place))
    assert done.returncode == 2
    assert "--server" in done.stderr
    assert not (place / "hooks" / "pre-commit").exists()


def test_a_hook_that_git_ignored_stays_ignored(tmp_path: Path) -> None:
    """A hook without the execute bit is kept, not run."""
    here = Repository(tmp_path / "project")
    own = here.hooks / "pre-commit"
    own.write_text("#!/bin/sh\nexit 1\n")
    own.chmod(0o644)
    here.secretguard("install", "git")
    here.put("a", "a\n")
    assert here.tries("commit", "-qm", "x").returncode == 0


def test_husky(tmp_path: Path) -> None:
    """Where another tool has set core.hooksPath nothing is written, and the lines to add there are told; they work."""
    here = Repository(tmp_path / "project")
    here.git("config", "core.hooksPath", ".husky/_")
    done = here.secretguard("install", "git")
    assert done.returncode == 2
    assert "husky" in done.stderr
    assert "secretguard git-hook pre-commit" in done.stderr
    assert not [path for path in here.hooks.iterdir() if "sample" not in path.name]
    hook = here.folder / ".husky" / "_" / "pre-commit"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\n{sys.executable} -I -m secretguard git-hook pre-commit\n")
    hook.chmod(0o755)
    here.put("a", LEAK)
    assert here.tries("commit", "-qm", "x").returncode != 0


def test_a_folder_of_hooks_that_is_a_link_into_the_project(tmp_path: Path) -> None:
    """Nothing of this machine is written into files that a project tracks."""
    here = Repository(tmp_path / "project")
    (here.folder / "hooks").mkdir()
    for sample in here.hooks.iterdir():
        sample.unlink()
    here.hooks.rmdir()
    here.hooks.symlink_to(here.folder / "hooks")
    done = here.secretguard("install", "git")
    assert done.returncode == 2
    assert "is a link to" in done.stderr
    assert list((here.folder / "hooks").iterdir()) == []


def test_for_all_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--global guards repositories that never heard of us, runs their own hooks, and goes away without a trace."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    (tmp_path / "gitconfig").write_text("[user]\n\tname = someone\n")
    here = Repository(tmp_path / "project")
    for name in ("pre-commit", "commit-msg", "post-commit"):
        (here.hooks / name).write_text(f"#!/bin/sh\necho {name} >> ran\n")
        (here.hooks / name).chmod(0o755)
    done = here.secretguard("install", "git", "--global")
    assert done.returncode == 0, done.stderr
    assert "already installed for all" in here.secretguard("install", "git").stdout
    here.put("a", "a\n")
    assert here.tries("commit", "-qm", "x").returncode == 0
    assert (here.folder / "ran").read_text().split() == ["pre-commit", "commit-msg", "post-commit"]
    here.put("b", LEAK)
    assert here.tries("commit", "-qm", "x").returncode != 0
    here.git("remote", "add", "origin", str(bare(tmp_path / "server.git")))
    here.git("commit", "-q", "--no-verify", "-m", "x")
    assert here.tries("push", "origin", "main").returncode != 0
    assert "removed" in here.secretguard("uninstall", "git", "--global").stdout
    assert (tmp_path / "gitconfig").read_text().startswith("[user]\n\tname = someone\n")
    assert "hooksPath" not in (tmp_path / "gitconfig").read_text()
    assert here.tries("push", "origin", "main").returncode == 0


def test_a_global_folder_of_somebody_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A global core.hooksPath that is set is not overwritten, nor taken away."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    text = f"[core]\n\thooksPath = {tmp_path}/others\n"
    (tmp_path / "gitconfig").write_text(text)
    here = Repository(tmp_path / "project")
    done = here.secretguard("install", "git", "--global")
    assert done.returncode == 2
    assert "git-hook" in done.stderr
    here.secretguard("uninstall", "git", "--global")
    assert (tmp_path / "gitconfig").read_text() == text


def test_submodules(tmp_path: Path) -> None:
    """A submodule is a repository of its own: it is named, and --submodules guards it."""
    part = Repository(tmp_path / "part")
    part.past("a", "a\n")
    here = Repository(tmp_path / "project")
    here.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.folder), "sub")
    assert "--submodules" in here.secretguard("install", "git").stdout
    assert here.secretguard("install", "git", "--submodules").returncode == 0
    (here.folder / "sub" / "leak").write_text(LEAK)
    here.git("add", "leak", place=here.folder / "sub")
    assert here.tries("commit", "-m", "x", place=here.folder / "sub").returncode != 0
    assert here.secretguard("uninstall", "git", "--submodules").returncode == 0
    assert here.tries("commit", "-m", "x", place=here.folder / "sub").returncode == 0


def test_gate_and_scan_side_by_side(tmp_path: Path) -> None:
    """In either order both stand, neither is lost when the other is installed again or removed."""
    server = str(bare(tmp_path / "server.git"))
    hook = tmp_path / "server.git" / "hooks" / "pre-receive"
    here = guarded(tmp_path / "project")
    for first, second in (((), ("--secrets",)), (("--secrets",), ())):
        here.secretguard("install", "git", "--server", server, *first)
        here.secretguard("install", "git", "--server", server, *second)
        here.secretguard("install", "git", "--server", server, *first)
        told = here.secretguard("gate", "doctor", "--server", server).stdout
        assert "missing or not ours" not in told
        assert "git-hook pre-receive" in hook.read_text()
        assert "gate pre-receive" in Path(f"{hook}.before-secretguard").read_text()
        here.secretguard("install", "git", "--server", server, "--secrets", "--remove")
        assert "gate pre-receive" in hook.read_text()
        here.secretguard("install", "git", "--server", server, "--secrets")
        here.secretguard("install", "git", "--server", server, "--remove")
        assert "git-hook pre-receive" in hook.read_text()
        here.secretguard("install", "git", "--server", server, "--secrets", "--remove")
        assert not hook.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--secrets"],
        ["--protect", "x"],
        ["--remove"],
        ["--global", "."],
        ["--server", "x", "--global"],
        ["--server", "x", "y"],
    ],
)
def test_options_that_do_not_belong_together(arguments: list[str]) -> None:
    """They are a usage error, not half an installation."""
    assert CliRunner().invoke(git, arguments).exit_code == 2
