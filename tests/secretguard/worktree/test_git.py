"""git on a repository that nobody vouches for: its configuration runs nothing, and nothing makes us wait."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from secretguard.worktree.git import Git, GitFailed, program
from secretguard.worktree.listing import listing
from tests.secretguard.worktree.repository import ENVIRONMENT, canary, git, repository

LISTED = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")


def asked(folder: Path, *arguments: str, seconds: float = 20.0) -> bytes:
    return Git(str(folder), time.monotonic() + seconds).ask(str(folder), *arguments)[0]


HOSTILE = {
    "fsmonitor": "[core]\n\tfsmonitor = {canary}\n",
    "hooks": "[core]\n\thooksPath = {folder}\n",
    "filter": '[filter "f"]\n\tclean = {canary}\n\tsmudge = {canary}\n\tprocess = {canary}\n\trequired = true\n',
    "text conversion": '[diff "f"]\n\ttextconv = {canary}\n\tcommand = {canary}\n[diff]\n\texternal = {canary}\n',
    "pager and editor": (
        "[core]\n\tpager = {canary}\n\teditor = {canary}\n\taskPass = {canary}\n[pager]\n\tls-files = {canary}\n"
    ),
    "alias": '[alias]\n\tls-files = "!{canary}"\n\trev-parse = "!{canary}"\n\tdiff-tree = "!{canary}"\n',
    "include": "[include]\n\tpath = included\n",
    "signatures": "[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {canary}\n",
    "promisor": (
        '[remote "origin"]\n\turl = ext::{canary} x\n\tpromisor = true\n\tpartialclonefilter = blob:none\n'
        "\tuploadpack = {canary}\n[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryformatversion = 1\n"
        "\tsshCommand = {canary}\n[protocol]\n\tallow = always\n"
    ),
    "submodules": '[submodule "sub"]\n\tupdate = "!{canary}"\n\tactive = true\n[submodule]\n\trecurse = true\n',
    "alternates": "[core]\n\talternateRefsCommand = {canary}\n",
}


@pytest.mark.parametrize("config", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_of_a_hostile_configuration_runs(tmp_path: Path, config: str) -> None:
    """The whole listing and what lies between two commits, on a repository whose every setting names a canary."""
    folder = repository(tmp_path / "p", a__txt="one\n", __gitattributes="* filter=f diff=f\n")
    old = git(folder, "rev-parse", "HEAD")
    (folder / "a.txt").write_text("two\n")
    git(folder, "commit", "-qam", "second")
    (folder / "a.txt").write_text("three\n")  # differs from the index: `git status` would run the filter
    program, mark = canary(tmp_path / "bin")
    text = config.format(canary=program, folder=program.parent)
    for name in ("post-index-change", "pre-commit", "post-checkout", "fsmonitor-watchman", "reference-transaction"):
        (program.parent / name).symlink_to(program.name)
        (folder / ".git" / "hooks" / name).symlink_to(program)
    (folder / ".git" / "included").write_text(f"[core]\n\tfsmonitor = {program}\n")
    with (folder / ".git" / "config").open("a") as file:
        file.write(text)
    found = listing(str(folder), time.monotonic() + 20)
    assert "git" in found.means
    assert {"a.txt", ".gitattributes"} <= found.files.keys()
    new = found.heads[""]
    assert (
        asked(folder, "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", old, new) == b"a.txt\0"
    )
    assert asked(folder, "rev-list", "--count", new, f"^{old}") == b"1\n"
    assert not mark.exists()


def test_a_work_tree_elsewhere_is_not_gone_to(tmp_path: Path) -> None:
    """A configuration that points at another folder: git refuses, and the project itself is walked."""
    folder = repository(tmp_path / "p", a__txt="one\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "private.txt").write_text("1")
    git(folder, "config", "core.worktree", str(tmp_path / "other"))
    found = listing(str(folder), time.monotonic() + 20)
    assert set(found.files) == {"a.txt"}
    assert found.means == {"walk"}
    assert found.gaps


def test_the_canary_can_sing(tmp_path: Path) -> None:
    """The control: an ordinary `git status` runs the filter and the file system monitor of such a repository."""
    folder = repository(tmp_path / "p", a__txt="one\n", __gitattributes="* filter=f\n")
    program, mark = canary(tmp_path / "bin")
    (folder / "a.txt").write_text("two\n")
    with (folder / ".git" / "config").open("a") as file:
        file.write(HOSTILE["filter"].format(canary=program) + HOSTILE["fsmonitor"].format(canary=program))
    subprocess.run(["git", "status"], cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=60, check=False)
    assert mark.exists()


def test_a_missing_object_is_missing_and_not_fetched(tmp_path: Path) -> None:
    """A partial clone whose remote is a program: git does not ask it for the object."""
    folder = repository(tmp_path / "p", a__txt="one\n")
    program, mark = canary(tmp_path / "bin")
    with (folder / ".git" / "config").open("a") as file:
        file.write(HOSTILE["promisor"].format(canary=program, folder=program.parent))
    with pytest.raises(GitFailed, match="ended with"):
        asked(folder, "rev-list", "--count", "1" * 40)
    with pytest.raises(GitFailed, match="ended with"):
        asked(folder, "diff-tree", "-r", "2" * 40, "HEAD")
    assert not mark.exists()


def test_nothing_is_written_to_the_repository(tmp_path: Path) -> None:
    """Not even the index is refreshed: whoever works there meets no lock of ours."""
    folder = repository(tmp_path / "p", a__txt="one\n")
    (folder / "a.txt").touch()
    before = {path: path.stat().st_mtime_ns for path in (folder / ".git").rglob("*")}
    listing(str(folder), time.monotonic() + 20)
    assert {path: path.stat().st_mtime_ns for path in (folder / ".git").rglob("*")} == before


def test_a_git_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline ends the whole group."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\n/bin/sleep 987.25 & /bin/sleep 987.25\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setattr("secretguard.worktree.git._USUAL", (str(folder),))
    with pytest.raises(GitFailed, match="in time"):
        asked(tmp_path, "x", seconds=0.3)
    end = time.monotonic() + 20  # the kernel ends them in its own time
    while running("987.25"):
        assert time.monotonic() < end
        time.sleep(0.01)


def running(argument: str) -> bool:
    """Whether any process was started with `argument`."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if argument.encode() in path.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue  # it ended while we looked
    return False


def test_a_git_that_talks_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the cap the answer is none, on either stream."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr("secretguard.worktree.git._USUAL", (str(folder),))
    monkeypatch.setattr("secretguard.worktree.git.LARGEST_ANSWER", 1 << 20)
    for stream in ("", " >&2"):
        (folder / "git").write_text(f"#!/bin/sh\nexec /bin/cat /dev/zero{stream}\n")
        (folder / "git").chmod(0o755)
        with pytest.raises(GitFailed, match="more than"):
            asked(tmp_path, "x")


def test_git_from_inside_the_project_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `git` that the repository brings is on PATH where its tools are: passed over, also through a link."""
    project = tmp_path / "p"
    (project / "bin").mkdir(parents=True)
    (tmp_path / "link").symlink_to(project / "bin")
    (project / "bin" / "git").write_text("#!/bin/sh\n")
    (project / "bin" / "git").chmod(0o755)
    monkeypatch.setattr("secretguard.worktree.git._USUAL", ())
    monkeypatch.setenv("PATH", f"{project / 'bin'}:{tmp_path / 'link'}:bin:")
    assert program(str(project)) == ""
    with pytest.raises(GitFailed, match="not installed"):
        asked(project, "x")
    assert program(str(tmp_path / "other")) == str(project / "bin" / "git")


def test_warnings_are_told_apart_from_answers(tmp_path: Path) -> None:
    """What git says beside its answer is not read, but that it said something is known."""
    folder = repository(tmp_path / "p", a__txt="one\n")
    said, warned = Git(str(folder), time.monotonic() + 20).ask(str(folder), *LISTED)
    assert (said, warned) == (b"a.txt\0", False)
    assert os.environ.get("GIT_DIR") is None
