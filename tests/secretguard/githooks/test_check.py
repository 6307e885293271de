"""Real commits with our hooks in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.secretguard.githooks.repositories import LEAK, TOKEN, Repository, guarded


@pytest.fixture
def here(tmp_path: Path) -> Repository:
    return guarded(tmp_path / "project")


def test_a_secret_is_not_committed(here: Repository) -> None:
    """The commit is refused with the place, the value is not shown, and a clean one goes through."""
    before = here.head()
    here.put("app.py", LEAK)
    done = here.tries("commit", "-m", "x")
    assert done.returncode != 0
    assert "app.py:1:10" in done.stderr
    assert "nothing was committed" in done.stderr
    assert TOKEN not in done.stderr + done.stdout
    assert here.head() == before
    here.put("app.py", "TOKEN = os.environ['TOKEN']\n")
    assert here.tries("commit", "-m", "x").returncode == 0
    assert here.head() != before


def test_the_first_commit_of_a_repository(tmp_path: Path) -> None:
    """Without a HEAD everything staged is looked at."""
    here = Repository(tmp_path / "new")
    assert here.secretguard("install", "git").returncode == 0
    here.put("a", LEAK)
    assert here.tries("commit", "-m", "x").returncode != 0
    assert here.head() == ""


def test_what_is_staged_counts(here: Repository) -> None:
    """A secret that is staged and gone from the file is refused; one in the file alone is not."""
    path = here.put("a", LEAK)
    path.write_text("clean\n")
    assert here.tries("commit", "-m", "x").returncode != 0
    here.git("add", "a")
    path.write_text(LEAK)
    assert here.tries("commit", "-m", "x").returncode == 0


def test_a_commit_of_some_files_is_judged_by_those(here: Repository) -> None:
    """`git commit FILE` commits from an index of its own: that one is looked at, not the whole index."""
    here.put("leak", LEAK)
    here.put("clean", "a\n")
    assert here.tries("commit", "-m", "x", "clean").returncode == 0
    assert here.tries("commit", "-m", "x", "leak").returncode != 0
    (here.folder / "README").write_text(LEAK)
    here.git("reset", "-q", "leak")
    assert here.tries("commit", "-a", "-m", "x").returncode != 0


def test_amending(here: Repository) -> None:
    """An amended commit is looked at like any other."""
    here.put("a", LEAK)
    before = here.head()
    assert here.tries("commit", "--amend", "-m", "x").returncode != 0
    assert here.head() == before


def test_a_merge_without_conflict(here: Repository) -> None:
    """A merge that needs nobody is stopped, too: git asks another hook there."""
    here.git("checkout", "-q", "-b", "other")
    here.past("leak", LEAK)
    here.git("checkout", "-q", "main")
    here.past("else", "b\n")
    before = here.head()
    done = here.tries("merge", "-q", "other", "-m", "merge")
    assert done.returncode != 0
    assert "nothing was merged" in done.stderr
    assert here.head() == before


def test_a_merge_with_a_conflict(here: Repository) -> None:
    """The commit that ends a conflict is looked at."""
    here.git("checkout", "-q", "-b", "other")
    here.past("README", "theirs\n")
    here.git("checkout", "-q", "main")
    here.past("README", "ours\n")
    assert here.tries("merge", "other").returncode != 0
    here.put("README", LEAK)
    assert here.tries("commit", "-m", "merged").returncode != 0
    here.put("README", "both\n")
    assert here.tries("commit", "-m", "merged").returncode == 0


def test_a_rebase_goes_through_and_its_push_does_not(here: Repository, tmp_path: Path) -> None:
    """git asks no hook for each commit of a rebase: what it moves is seen when it is pushed."""
    here.git("init", "-q", "--bare", str(tmp_path / "server"))
    here.git("checkout", "-q", "-b", "topic")
    here.past("leak", LEAK)
    here.git("checkout", "-q", "main")
    here.past("else", "b\n")
    here.git("checkout", "-q", "topic")
    assert here.tries("rebase", "-q", "main").returncode == 0
    assert here.tries("push", str(tmp_path / "server"), "topic").returncode != 0


def test_the_baseline_that_is_staged_counts(here: Repository) -> None:
    """What is accepted in the index is accepted; a baseline that lies in the work tree alone accepts nothing."""
    here.put("a", LEAK)
    assert here.secretguard("baseline", "create", ".secrets.baseline", "a").returncode == 0
    assert here.tries("commit", "-m", "x").returncode != 0
    here.git("add", ".secrets.baseline")
    assert here.tries("commit", "-m", "x").returncode == 0


def test_another_name_for_the_baseline(here: Repository) -> None:
    """`git config secretguard.baseline` names the file."""
    here.put("a", LEAK)
    assert here.secretguard("baseline", "create", "accepted.json", "a").returncode == 0
    here.git("add", "accepted.json")
    assert here.tries("commit", "-m", "x").returncode != 0
    here.git("config", "secretguard.baseline", "accepted.json")
    assert here.tries("commit", "-m", "x").returncode == 0


def test_a_broken_baseline_stops_the_commit(here: Repository) -> None:
    """A file that cannot be read accepts nothing, and is named."""
    here.put(".secrets.baseline", "{")
    done = here.tries("commit", "-m", "x")
    assert done.returncode != 0
    assert ".secrets.baseline" in done.stderr


def test_a_pragma_accepts(here: Repository) -> None:
    """A line that a person marked is committed."""
    here.put("a", LEAK.replace("\n", "  # pragma: allowlist secret\n"))
    assert here.tries("commit", "-m", "x").returncode == 0


def test_a_project_cannot_lend_its_modules(here: Repository) -> None:
    """A folder `secretguard` or a `sitecustomize` in the project is not what the hook runs."""
    here.put("secretguard/__init__.py", "")
    here.put("secretguard/__main__.py", "raise SystemExit(0)\n")
    here.put("sitecustomize.py", "import os; os._exit(0)\n")
    here.put("leak", LEAK)
    assert here.tries("commit", "-m", "x").returncode != 0


def test_a_linked_work_tree(here: Repository, tmp_path: Path) -> None:
    """Hooks are one for all work trees of a repository; each commits from its own index."""
    linked = tmp_path / "linked"
    here.git("worktree", "add", "-q", "-b", "side", str(linked))
    (linked / "leak").write_text(LEAK)
    here.git("add", "leak", place=linked)
    assert here.tries("commit", "-m", "x", place=linked).returncode != 0
    assert "already installed" in here.secretguard("install", "git", place=linked).stdout


def test_a_folder_below_the_root(here: Repository) -> None:
    """A commit from a folder of the project is looked at as a whole."""
    here.put("deep/leak", LEAK)
    assert here.tries("commit", "-m", "x", place=here.folder / "deep").returncode != 0


def test_an_installation_that_is_gone_refuses(here: Repository) -> None:
    """Without the interpreter nothing is committed, and the hook says how to go on."""
    hook = here.hooks / "pre-commit"
    hook.write_text(hook.read_text().replace(os.sys.executable, "/nowhere/python"))
    here.put("a", "clean\n")
    done = here.tries("commit", "-m", "x")
    assert done.returncode != 0
    assert "secretguard install git" in done.stderr
    assert "rm .git/hooks/pre-commit" in done.stderr


def test_names_that_are_no_utf8_and_control_characters(here: Repository) -> None:
    """A file name cannot drive the terminal, nor hide its file."""
    name = os.fsdecode(b"a\xff\x1b[2Jb")
    (here.folder / name).write_text(LEAK)
    here.git("add", "-A")
    done = here.tries("commit", "-m", "x")
    assert done.returncode != 0
    assert "\x1b[2J" not in done.stderr
