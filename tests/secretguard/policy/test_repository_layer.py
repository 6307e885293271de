"""A project's own layer, read from the objects of its protected branch and from nowhere else. Real git."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secretguard.policy import repository_layer
from secretguard.policy.layers import stamp
from secretguard.policy.repository_layer import git_directory, look
from secretguard.policy.source import MAX_SOURCE
from tests.secretguard.policy.cloned import LABELS, RULE, clone, commit, git, upstream


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose protected branch has a layer."""
    return clone(upstream(tmp_path / "up", rules=RULE, facts=LABELS), tmp_path / "project")


def moved(watch: tuple[tuple[str, str], ...]) -> bool:
    return any(stamp(path) != seen for path, seen in watch)


def test_both_files_come_from_the_protected_branch(project: Path) -> None:
    """The place names branch, commit and folder; a folder inside the work tree finds the same."""
    source = look(str(project)).source
    assert source is not None
    assert (source.rules, source.facts, source.fault) == (RULE.encode(), LABELS.encode(), "")
    assert source.place == f"origin/HEAD@{git(project, 'rev-parse', 'origin/HEAD')[:12]}:.secretguard/policy"
    (project / "sub").mkdir()
    inside = look(str(project / "sub")).source
    assert inside is not None
    assert inside.digest == source.digest


def test_other_files_beside_them_are_passed_over(tmp_path: Path) -> None:
    """Examples, tasks, a README: the folder is a policy repository's usual one."""
    more = {f".secretguard/policy/{name}": "x" for name in ("examples.toml", "tasks/a.toml", "README.md")}
    source = look(str(clone(upstream(tmp_path / "up", rules=RULE, **more), tmp_path / "project"))).source
    assert source is not None
    assert (source.fault, source.rules, source.facts) == ("", RULE.encode(), None)


def test_a_folder_in_place_of_a_file_is_a_fault(tmp_path: Path) -> None:
    """As is a file in place of the folder."""
    for number, name in enumerate((".secretguard/policy/rules.cedar/x", ".secretguard/policy", ".secretguard")):
        up = upstream(tmp_path / f"up{number}", **{name: "x"})
        source = look(str(clone(up, tmp_path / f"p{number}"))).source
        assert source is not None, name
        assert "which is not followed" in source.fault


def test_the_work_tree_the_index_and_own_commits_do_not_count(project: Path) -> None:
    """What the agent may edit, add and commit leaves the layer as it is."""
    before = look(str(project)).source
    commit(project, rules="", facts="version = 1\n")
    after = look(str(project)).source
    assert before is not None
    assert after is not None
    assert after.digest == before.digest


def test_a_fetch_is_seen_by_what_is_watched(project: Path, tmp_path: Path) -> None:
    """Loose or packed, a moved branch changes a stamp; nothing else does."""
    found = look(str(project))
    (project / "README").write_text("y")
    git(project, "commit", "-qam", "own work")
    assert not moved(found.watch)
    commit(tmp_path / "up", facts="version = 1\n[data]\ncustomer = ['**/c/**']\n")
    git(project, "fetch", "-q")
    assert moved(found.watch)
    again = look(str(project))
    assert again.source is not None
    assert b"customer" in (again.source.facts or b"")
    git(project, "pack-refs", "--all")
    assert moved(again.watch)
    assert look(str(project)).source is not None


def test_work_trees_share_the_layer(project: Path, tmp_path: Path) -> None:
    """A linked work tree's `.git` is a file; its refs are the repository's."""
    git(project, "worktree", "add", "-q", str(tmp_path / "linked"))
    found = look(str((tmp_path / "linked").resolve()))
    assert found.source is not None
    assert found.anchor == look(str(project)).anchor


@pytest.mark.parametrize("where", ["no repository", "never cloned", "no layer", "empty git folder"])
def test_no_layer_is_said_with_its_reason(tmp_path: Path, where: str) -> None:
    """Nothing there is an answer and no fault."""
    folder = tmp_path / "place"
    if where == "no layer":
        folder = clone(upstream(tmp_path / "up"), folder)
    elif where == "never cloned":
        upstream(folder, rules=RULE)
    else:
        (folder / ".git").mkdir(parents=True) if where.startswith("empty") else folder.mkdir()
    found = look(str(folder.resolve()))
    assert found.source is None
    assert found.why
    assert not moved(found.watch)


def test_another_protected_branch_is_one_that_the_base_names(project: Path, tmp_path: Path) -> None:
    """Only that one counts then, and without it there is no layer."""
    git(tmp_path / "up", "checkout", "-q", "-b", "stable")
    commit(tmp_path / "up", rules=RULE.replace("frozen", "closed"))
    git(project, "fetch", "-q")
    source = look(str(project), "refs/remotes/origin/stable").source
    assert source is not None
    assert b"closed" in (source.rules or b"")
    assert look(str(project), "refs/remotes/origin/other").source is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link in place of a file, of the folder, of its parent: a fault that names it, and the target is never read."""
    (tmp_path / "secret").write_text("version = 1\n")
    for number, name in enumerate((".secretguard", ".secretguard/policy", ".secretguard/policy/facts.toml")):
        up = upstream(tmp_path / f"up{number}", rules=RULE)
        path = up / name
        if path.is_dir():
            git(up, "rm", "-rq", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(tmp_path / "secret")
        git(up, "add", "-A")
        git(up, "commit", "-qm", "link")
        source = look(str(clone(up, tmp_path / f"p{number}"))).source
        assert source is not None
        assert f"{name}:1: is a link" in source.fault
        assert source.facts is None


def test_a_submodule_is_not_followed(tmp_path: Path) -> None:
    """The layer must be the branch's own."""
    other = upstream(tmp_path / "other", rules=RULE)
    up = upstream(tmp_path / "up")
    git(up, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), ".secretguard")
    git(up, "commit", "-qm", "sub")
    source = look(str(clone(up, tmp_path / "project"))).source
    assert source is not None
    assert "is a submodule" in source.fault


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """Its size is known before its bytes are."""
    project = clone(upstream(tmp_path / "up", rules=RULE, facts="#" * (MAX_SOURCE + 1)), tmp_path / "project")
    source = look(str(project)).source
    assert source is not None
    assert "facts.toml:1: larger than" in source.fault


def test_nothing_that_the_repository_configures_is_run(project: Path, tmp_path: Path) -> None:
    """Hooks, monitors, filters, a promisor remote with a command: a missing object is a fault, and nobody is called."""
    canary = tmp_path / "canary"
    script = tmp_path / "run"
    script.write_text(f"#!/bin/sh\ntouch {canary}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external", "core.alternateRefsCommand"):
        git(project, "config", key, str(script))
    git(project, "config", "core.hooksPath", str(tmp_path))
    git(project, "config", "extensions.partialClone", "origin")
    git(project, "config", "core.repositoryFormatVersion", "1")
    git(project, "config", "remote.origin.promisor", "true")
    git(project, "config", "remote.origin.url", f"ext::{script}")
    assert look(str(project)).source is not None
    blob = git(project, "rev-parse", "origin/main:.secretguard/policy/rules.cedar")
    (project / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    source = look(str(project)).source
    assert source is not None
    assert "cannot be read" in source.fault
    assert not canary.exists()


def test_replaced_objects_do_not_count(project: Path) -> None:
    """`git replace` swaps an object for every reader that does not forbid it."""
    blob = git(project, "rev-parse", "origin/main:.secretguard/policy/rules.cedar")
    other = git(project, "rev-parse", "origin/main:README")
    git(project, "replace", blob, other)
    source = look(str(project)).source
    assert source is not None
    assert source.rules == RULE.encode()


def test_a_git_that_hangs_or_is_missing_is_a_fault(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be told is no "there is none"."""
    monkeypatch.setattr(repository_layer, "DEADLINE_S", 0.0)
    found = look(str(project))
    assert found.source is not None
    assert "did not answer in time" in found.source.fault


def test_a_pointer_that_leads_nowhere_ends(tmp_path: Path) -> None:
    """A `.git` file may say anything: a loop, a FIFO, a kilobyte of noise."""
    for number, text in enumerate(("gitdir: .git", "gitdir: /nonexistent", "gitdir: \0", "x" * 5000, "")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / ".git").write_text(text)
        assert look(str(folder)).source is None
    folder = tmp_path / "fifo"
    folder.mkdir()
    os.mkfifo(folder / ".git")
    assert git_directory(str(folder))[1] == "" or look(str(folder)).source is None
