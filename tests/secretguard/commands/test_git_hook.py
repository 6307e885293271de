"""Real pushes, with our hooks at the pusher and at the receiver."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.secretguard.githooks.repositories import LEAK, TOKEN, Repository, bare, guarded


@pytest.fixture
def here(tmp_path: Path) -> Repository:
    """Our hooks, and a remote `origin` that has the first commit."""
    here = guarded(tmp_path / "project")
    here.git("remote", "add", "origin", str(bare(tmp_path / "server.git")))
    here.git("push", "-q", "origin", "main")
    return here


def at(here: Repository, ref: str = "refs/heads/main") -> str:
    """What the receiver has for `ref`; empty: nothing."""
    return here.git("ls-remote", "origin", ref)[:40]


def test_a_secret_in_the_middle_of_what_is_pushed(here: Repository) -> None:
    """The commit that a later one mends is refused, with its id and author; nothing arrives."""
    before = at(here)
    leak = here.past("app.py", LEAK)
    here.past("app.py", "clean\n")
    done = here.tries("push", "origin", "main")
    assert done.returncode != 0
    assert "app.py:1:10" in done.stderr
    assert leak[:10] in done.stderr
    assert "git rebase -i" in done.stderr
    assert TOKEN not in done.stderr
    assert at(here) == before


def test_only_what_the_receiver_lacks_is_looked_at(here: Repository) -> None:
    """A secret that is there already stops no later push, on its branch or on a new one."""
    here.past("old", LEAK)
    here.git("push", "-q", "--no-verify", "origin", "main")
    here.past("new", "clean\n")
    assert here.tries("push", "origin", "main").returncode == 0
    here.git("checkout", "-q", "-b", "side")
    here.past("side", "clean\n")
    assert here.tries("push", "origin", "side").returncode == 0


def test_a_new_branch_and_a_tag(here: Repository) -> None:
    """All commits of a new branch that no branch of the receiver has count, also where a tag alone brings them."""
    here.git("checkout", "-q", "-b", "topic")
    here.past("leak", LEAK)
    here.git("tag", "-a", "v1", "-m", "one")
    assert here.tries("push", "origin", "topic").returncode != 0
    assert here.tries("push", "origin", "v1").returncode != 0
    assert here.tries("push", "origin", "HEAD:refs/odd/place").returncode != 0
    assert at(here, "refs/tags/v1") == ""


def test_a_deletion_is_nothing_to_look_at(here: Repository) -> None:
    """Taking a branch away pushes no commit."""
    here.git("checkout", "-q", "-b", "topic")
    here.past("leak", LEAK)
    here.git("push", "-q", "--no-verify", "origin", "topic")
    assert here.tries("push", "origin", ":topic").returncode == 0
    assert at(here, "refs/heads/topic") == ""


def test_a_forced_push(here: Repository) -> None:
    """Commits that replace others count, also where the receiver's tip is not known here."""
    here.past("more", "x\n")
    here.git("push", "-q", "origin", "main")
    here.git("reset", "-q", "--hard", "HEAD~1")
    here.past("leak", LEAK)
    assert here.tries("push", "--force", "origin", "main").returncode != 0
    other = Repository(here.folder.parent / "other")
    other.past("theirs", "y\n")
    other.git("push", "-q", "--force", str(here.folder.parent / "server.git"), "main")
    assert here.tries("push", "--force", "origin", "main").returncode != 0
    here.git("reset", "-q", "--hard", "HEAD~1")
    here.past("clean", "z\n")
    assert here.tries("push", "--force", "origin", "main").returncode == 0


def test_a_revision_with_spaces(here: Repository) -> None:
    """What the person typed may hold spaces; git hands it to the hook as it is."""
    here.past("leak", LEAK)
    done = here.tries("push", "origin", "HEAD@{1 second ago}:refs/heads/odd")
    assert "could not be read" not in done.stderr
    done = here.tries("push", "origin", "HEAD~0:refs/heads/odd")
    assert done.returncode != 0
    assert "leak:1" in done.stderr


def test_a_push_to_a_place_without_a_name(here: Repository) -> None:
    """Pushed to a path, the receiver's own refs are all that is known of it."""
    here.past("leak", LEAK)
    place = str(here.folder.parent / "server.git")
    assert here.tries("push", place, "main").returncode != 0
    here.git("reset", "-q", "--hard", "HEAD~1")
    here.past("clean", "a\n")
    assert here.tries("push", place, "main").returncode == 0


def test_nothing_to_push(here: Repository) -> None:
    """A push that brings nothing goes through."""
    assert here.tries("push", "origin", "main").returncode == 0


def test_the_baseline_that_is_pushed_accepts(here: Repository) -> None:
    """A finding that the pushed tip's baseline accepts goes through; one of the work tree alone accepts nothing."""
    here.past("a", LEAK)
    assert here.secretguard("baseline", "create", ".secrets.baseline", "a").returncode == 0
    assert here.tries("push", "origin", "main").returncode != 0
    here.past(".secrets.baseline", (here.folder / ".secrets.baseline").read_text())
    assert here.tries("push", "origin", "main").returncode == 0


def test_a_file_that_is_pushed_without_a_commit(here: Repository) -> None:
    """A ref may name a file, or a tag of one: it is pushed, so it is looked at."""
    (here.folder / "loose").write_text(LEAK)
    blob = here.git("hash-object", "-w", "loose")
    here.git("tag", "-a", "of-a-file", "-m", "x", blob)
    assert here.tries("push", "origin", "of-a-file").returncode != 0
    assert here.tries("push", "origin", f"{blob}:refs/notes/file").returncode != 0


def test_a_commit_that_cannot_be_read_is_refused(here: Repository) -> None:
    """Where an object is missing, what is in it cannot be told: no push."""
    commit = here.past("leak", LEAK)
    blob = here.git("rev-parse", f"{commit}:leak")
    (here.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    hook = ["-I", "-m", "secretguard", "git-hook", "pre-push", "origin", "x"]
    line = f"refs/heads/main {commit} refs/heads/main {'0' * 40}\n".encode()
    done = here.run(sys.executable, *hook, stdin=line)
    assert done.returncode == 2
    assert commit in done.stderr


@pytest.mark.parametrize("data", [b"x\n", b"a b c d\n", b"refs/heads/main 12 refs/heads/main 34\n", b"\xff" * 50])
def test_lines_that_are_not_gits(here: Repository, data: bytes) -> None:
    """What cannot be read refuses."""
    done = here.run(sys.executable, "-I", "-m", "secretguard", "git-hook", "pre-push", "origin", "x", stdin=data)
    assert done.returncode == 2
    assert "could not be read" in done.stderr


def test_a_thousand_commits(here: Repository) -> None:
    """A long push is looked at in one pass, whatever the number of its commits: one git process streams them all."""
    stream = ["reset refs/heads/long\n"]
    for number in range(1000):
        text = LEAK if number == 400 else f"line {number}\n"
        stream.append(
            f"commit refs/heads/long\ncommitter t <t@example.test> {1700000000 + number} +0000\ndata 1\nx\n"
            f"M 100644 inline f{number % 50}\ndata {len(text)}\n{text}\n"
        )
    assert here.run("git", "fast-import", "--quiet", stdin="".join(stream).encode()).returncode == 0
    done = here.tries("push", "origin", "long")
    assert done.returncode != 0
    assert "1000 commits" in done.stderr
    assert "1 finding" in done.stderr


def test_a_push_of_many_refs(here: Repository) -> None:
    """However many refs are pushed, git is asked a handful of questions."""
    first = here.head()
    commands = "".join(f"create refs/tags/t{number} {first}\n" for number in range(500))
    assert here.run("git", "update-ref", "--stdin", stdin=commands.encode()).returncode == 0
    here.past("leak", LEAK)
    log = here.folder.parent / "trace"
    line = f"refs/heads/main {here.head()} refs/heads/main {first}\n"
    line += "".join(f"refs/tags/t{number} {first} refs/tags/t{number} {'0' * 40}\n" for number in range(500))
    script = f'GIT_TRACE2_EVENT="{log}" exec "{sys.executable}" -I -m secretguard git-hook pre-push origin x'
    assert here.run("sh", "-c", script, stdin=line.encode()).returncode == 1
    assert 0 < log.read_text().count('"event":"start"') < 30


@pytest.fixture
def server(tmp_path: Path) -> tuple[Repository, Path]:
    """A repository without hooks of ours, and a receiver that scans what it is sent."""
    here = Repository(tmp_path / "plain")
    here.git("remote", "add", "origin", str(bare(tmp_path / "scanning.git")))
    done = here.secretguard("install", "git", "--server", str(tmp_path / "scanning.git"), "--secrets")
    assert done.returncode == 0, done.stderr
    here.past("README", "hello\n")
    here.git("push", "-q", "origin", "main")
    return here, tmp_path / "scanning.git"


def test_the_receiver_refuses_a_secret(server: tuple[Repository, Path]) -> None:
    """The pushed objects, still in quarantine, are looked at; the push is refused and nothing of it stays."""
    here, place = server
    leak = here.past("app.py", LEAK)
    here.past("app.py", "clean\n")
    done = here.tries("push", "origin", "main", "HEAD:refs/heads/side")
    assert done.returncode != 0
    assert "remote: app.py:1:10" in done.stderr
    assert at(here, "refs/heads/side") == ""
    gone = subprocess.run(["git", "--git-dir", str(place), "cat-file", "-e", leak], capture_output=True, timeout=30)
    assert gone.returncode != 0
    here.git("reset", "-q", "--hard", "HEAD~2")
    here.past("app.py", "clean\n")
    assert here.tries("push", "origin", "main").returncode == 0


def test_the_receiver_looks_at_new_commits_alone(server: tuple[Repository, Path]) -> None:
    """What is there already stops nothing; deletions pass."""
    here, place = server
    here.past("old", LEAK)
    hook = place / "hooks" / "pre-receive"
    hook.chmod(0o644)
    here.git("push", "-q", "origin", "main")
    hook.chmod(0o755)
    here.git("checkout", "-q", "-b", "side")
    here.past("new", "clean\n")
    assert here.tries("push", "origin", "side").returncode == 0
    assert here.tries("push", "origin", ":side").returncode == 0


def test_hooks_that_stood_there_run_with_the_same_input(server: tuple[Repository, Path], tmp_path: Path) -> None:
    """A receiver's own hook is asked after the scan, with every line that git said, and can still refuse."""
    here, place = server
    assert here.secretguard("install", "git", "--server", str(place), "--secrets", "--remove").returncode == 0
    own = place / "hooks" / "pre-receive"
    own.write_text(f'#!/bin/sh\ncat > "{tmp_path}/told"\n[ ! -e "{tmp_path}/no" ]\n')
    own.chmod(0o755)
    assert here.secretguard("install", "git", "--server", str(place), "--secrets").returncode == 0
    commit = here.past("a", "a\n")
    assert here.tries("push", "origin", "main", "HEAD:refs/heads/b").returncode == 0
    told = (tmp_path / "told").read_text()
    assert told.count(commit) == 2
    (tmp_path / "no").touch()
    (tmp_path / "told").unlink()
    here.past("b", "b\n")
    assert here.tries("push", "origin", "main").returncode != 0
    (tmp_path / "told").unlink()
    here.past("c", LEAK)
    assert here.tries("push", "origin", "main").returncode != 0
    assert not (tmp_path / "told").exists()
