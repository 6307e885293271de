"""Ignore files, compared with what git itself says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretguard.report.located import Skipped
from secretguard.source import files, gitignore


def git(repo: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=repo, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def tree(root: Path, **contents: str) -> None:
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def scanned(root: Path) -> set[str]:
    found = files.walk([str(root)])
    return {str(Path(item).relative_to(root)) for item in found if isinstance(item, str)}


def listed_by_git(root: Path) -> set[str]:
    return set(git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")) - {""}


def test_nested_files_and_negation(repo: Path) -> None:
    """The deepest file decides, later patterns win, a folder that is left out stays out: as git does it."""
    tree(
        repo,
        **{
            ".gitignore": "*.log\n!keep.log\nbuild/\n/only-top\n# comment\n\\#odd\n",
            "a.log": "", "keep.log": "", "only-top": "", "sub/only-top": "", "build/x.txt": "", "#odd": "",
            "sub/.gitignore": "!b.log\nkeep.log\n*.tmp\n", "sub/b.log": "", "sub/keep.log": "", "sub/c.tmp": "",
            "sub/deep/d.tmp": "", "sub/deep/e.txt": "", "build/.gitignore": "!x.txt\n",
        },
    )  # fmt: skip
    assert scanned(repo) == listed_by_git(repo)
    assert "sub/b.log" in scanned(repo)


def test_info_exclude_and_outer_files_count_for_a_subfolder(repo: Path) -> None:
    """Scanning a subfolder obeys the patterns of the folders above, up to the repository's root."""
    tree(repo, **{".gitignore": "*.log\n", "sub/a.log": "", "sub/b.bin": "", "sub/c.txt": ""})
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "exclude").write_text("*.bin\n")
    assert scanned(repo / "sub") == {"c.txt"}


def test_nothing_is_left_out_silently(repo: Path) -> None:
    """What an ignore file leaves out is named with its bytes."""
    tree(repo, **{".gitignore": "cache/\n", "cache/a": "12345", "cache/b/c": "123"})
    skipped = [item for item in files.walk([str(repo)]) if isinstance(item, Skipped)]
    assert Skipped(str(repo / "cache"), "ignored by .gitignore", 8, chosen=True) in skipped


def test_without_a_repository_a_local_ignore_file_still_counts(tmp_path: Path) -> None:
    """A folder that is no repository may have an ignore file too."""
    tree(tmp_path, **{".gitignore": "x\n", "x": "", "y": ""})
    assert scanned(tmp_path) == {".gitignore", "y"}
    assert gitignore.repository(str(tmp_path)) is None


PATTERN = st.text(st.sampled_from("ab*?/!.[]\\ #"), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(st.lists(PATTERN, max_size=3), st.lists(PATTERN, max_size=2))
def test_agrees_with_git_on_any_patterns(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], deep: list[str]
) -> None:
    """Whatever patterns two ignore files hold, the same files are left as git leaves."""
    root = tmp_path_factory.mktemp("repo")
    git(root, "init", "-q")
    names = ["a", "b", "ab", "a.b", "d/a", "d/b", "d/ab", "d/e/a", "d/e/b.a"]
    tree(root, **dict.fromkeys(names, ""), **{".gitignore": "\n".join(top), "d/.gitignore": "\n".join(deep)})
    assert scanned(root) == listed_by_git(root)


def test_a_fifo_for_an_ignore_file_does_not_hang(tmp_path: Path) -> None:
    """What is no regular file ignores nothing, and nobody waits for its writer."""
    os.mkfifo(tmp_path / ".gitignore")
    assert gitignore._read(None, str(tmp_path), str(tmp_path / ".gitignore")) is None
