"""The history of real repositories: each secret once, where it first came in, wherever git keeps it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretguard.detect.rules.private_key import _PEM as PEM
from secretguard.history import scan as module
from secretguard.report.located import Commit
from tests.secretguard.history.repository import Repository, found, scanned, scanned_blobs, token


@pytest.fixture(autouse=True, params=[0, 10**9], ids=["versions", "diffs"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every history is scanned by what versions of files hold, and by diffs."""
    monkeypatch.setattr(module, "MANY", request.param)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def test_where_it_came_in(repo: Repository) -> None:
    """Commit, author, time, path and exact place of the first commit; moved lines and later commits change nothing."""
    repo.commit("a.py", "one\n")
    first = repo.commit("a.py", f"one\nkey = '{token(1)}'\n")
    repo.commit("a.py", f"zero\none\nkey = '{token(1)}' # still\n")
    [one] = scanned(repo.path).findings
    assert one.commit == Commit(first, "Ada <ada@example.test>", one.commit.date, at_head=True)
    assert one.commit.date.startswith("2026-01-01T00:0")
    assert (one.path, one.line, one.column, one.start_offset) == ("a.py", 2, 8, 11)
    assert one.end_offset - one.start_offset == len(token(1))


def test_gone_from_head(repo: Repository) -> None:
    """A value that was taken out is found, and told to be gone."""
    repo.commit("a.py", f"key = '{token(1)}'\n")
    repo.commit("a.py", "key = os.environ['KEY']\n")
    [one] = scanned(repo.path).findings
    assert one.commit is not None
    assert one.commit.at_head is False


def test_everything_that_refs_hold(repo: Repository) -> None:
    """Unmerged branches, tags, notes, every stash and its untracked files, and what only a merge added."""
    repo.commit("a", f"{token('first')}\nend\n")
    repo.git("switch", "-q", "-c", "side")
    repo.commit("b", f"{token('side')}\n")
    repo.git("switch", "-q", "main")
    repo.commit("c", "c\n")
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    repo.commit("a", f"{token('first')}\n{token('merge')}\nend\n", "evil merge")
    repo.git("switch", "-q", "-c", "gone")
    repo.commit("d", f"{token('tag')}\n")
    repo.git("tag", "v1")
    repo.git("switch", "-q", "main")
    repo.git("branch", "-q", "-D", "gone")
    repo.git("notes", "add", "-m", f"{token('note')}")
    for number in (1, 2):
        repo.write("a", f"{token(('stash', number))}\n")
        repo.write("untracked", f"{token(('untracked', number))}\n")
        repo.git("stash", "-q", "-u")
    wanted = ["first", "side", "merge", "tag", "note", *((k, n) for k in ("stash", "untracked") for n in (1, 2))]
    assert set(found(scanned(repo.path))) == {token(one) for one in wanted}
    assert set(found(scanned_blobs(repo.path))) == {token(one) for one in wanted}


def test_range(repo: Repository) -> None:
    """A range is read as git reads it: what came before is not looked at."""
    base = repo.commit("a", f"{token(1)}\n")
    repo.commit("b", f"{token(2)}\n")
    assert set(found(scanned(repo.path, f"{base}..HEAD"))) == {token(2)}
    assert set(found(scanned(repo.path, "HEAD", f"^{base}"))) == {token(2)}


def test_block_of_many_lines(repo: Repository) -> None:
    """A private key is its whole block, with the file's own offsets."""
    repo.commit("key.pem", f"# mine\n{PEM}\n")
    [one] = scanned(repo.path).findings
    assert (one.rule_id, one.secret.reveal(), one.line, one.start_offset) == ("private-key", PEM, 2, 7)


def test_utf_16(repo: Repository) -> None:
    """Text in UTF-16, which git calls binary, is scanned; a picture is skipped and said."""
    repo.commit("windows.txt", f"key = {token(1)}\r\n".encode("utf-16"))
    repo.commit("x.png", b"\x89PNG\0" + token(2).encode())
    scan = scanned(repo.path)
    assert set(found(scan)) == {token(1)}
    assert [(item.path, item.reason) for item in scan.skipped] == [("x.png", "binary")]


@pytest.mark.parametrize(
    "name", ["a b", "é.py", 'say "hi"', "tab\tname", "new\nline", "back\\slash", "a => b", " and ", "\udcff\udcfe"]
)
def test_names_of_files(repo: Repository, name: str) -> None:
    """Names that git quotes, marks or cannot decode come back as they are, for text and for what git calls binary."""
    import os

    path = repo.path / os.fsdecode(name.encode("utf-8", "surrogateescape"))
    path.write_text(f"x\ny = '{token(1)}'\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x")
    path.write_bytes(f"key = {token(2)}\n".encode("utf-16"))
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "y")
    scan = scanned(repo.path)
    assert {one.path for one in scan.findings} == {name}
    assert set(found(scan)) == {token(1), token(2)}
    held = {value: one.commit.at_head for value, one in found(scan).items() if one.commit}
    assert held == ({token(1): None, token(2): None} if "\n" in name else {token(1): False, token(2): True})


def test_content_that_looks_like_a_diff(repo: Repository) -> None:
    """Lines that imitate headers, hunks and our own mark do not move a finding to another file or line."""
    lines = [
        "++ b/elsewhere",
        "-- a/elsewhere",
        "@@ -1 +999 @@",
        "diff --git a/x b/x",
        "\x01" + "0" * 40,
        f"k={token(1)}",
    ]
    repo.commit("a", "-- b\n")
    repo.commit("a", "\n".join(lines) + "\n")
    [one] = scanned(repo.path).findings
    assert (one.path, one.line) == ("a", 6)


@pytest.mark.parametrize("options", [("--object-format=sha256",), ("--bare",)])
def test_kinds_of_repositories(tmp_path: Path, options: tuple[str, ...]) -> None:
    """SHA-256 and bare repositories."""
    source = Repository(tmp_path / "source", *(one for one in options if one != "--bare"))
    source.commit("a", f"{token(1)}\n")
    path = source.path
    if "--bare" in options:
        path = tmp_path / "bare"
        source.git("clone", "-q", "--bare", ".", str(path))
    [one] = scanned(path).findings
    assert one.commit is not None
    assert len(one.commit.id) == (64 if "sha256" in options[0] else 40)


def test_shallow_is_said(repo: Repository, tmp_path: Path) -> None:
    """A shallow clone is scanned as far as it goes, and never a clean result."""
    repo.commit("a", f"{token(1)}\n")
    repo.commit("a", "clean\n")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    scan = scanned(tmp_path / "shallow")
    assert scan.findings == []
    assert any("shallow" in gap.reason for gap in scan.gaps)


def test_partial_is_said_and_nothing_is_fetched(repo: Repository, tmp_path: Path) -> None:
    """Objects that a partial clone does not have are gaps, commit by commit; the rest is scanned."""
    repo.commit("a", f"{token(1)}\n")
    repo.commit("b", f"{token(2)}\n")
    repo.commit("b", "gone\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.path}", str(tmp_path / "partial"))
    before = sorted(path.name for path in (tmp_path / "partial/.git/objects/pack").iterdir())
    scan = scanned(tmp_path / "partial")
    assert any("partial" in gap.reason for gap in scan.gaps)
    assert any(gap.path.startswith("commit ") for gap in scan.gaps)
    assert set(found(scan)) == {token(1)}
    assert sorted(path.name for path in (tmp_path / "partial/.git/objects/pack").iterdir()) == before


def test_dangling_objects(repo: Repository) -> None:
    """`--blobs` also reads what no ref reaches, and names it by its id."""
    repo.commit("a", "x\n")
    repo.write("b", f"{token(1)}\n")
    repo.git("add", "b")
    repo.git("reset", "-q", "--hard")
    assert scanned(repo.path).findings == []
    [one] = scanned_blobs(repo.path).findings
    assert one.path.startswith("blob ")
    assert one.commit == Commit("", "", "", at_head=False)


def test_several_processes_give_the_same(repo: Repository) -> None:
    """Findings and totals do not depend on the number of workers."""
    for number in range(30):
        repo.commit(f"f{number % 7}", f"{number}\n{token(number)}\n")
    for scan in (scanned, scanned_blobs):
        one, many = scan(repo.path, workers=1), scan(repo.path, workers=3)
        assert [(f.path, f.line, f.commit, f.fingerprint) for f in one.findings] == [
            (f.path, f.line, f.commit, f.fingerprint) for f in many.findings
        ]
        assert len(one.findings) == 30
        assert (one.files, one.bytes, one.commits) == (many.files, many.bytes, many.commits)


def test_only_new_commits_are_read_again(repo: Repository, own_home: Path) -> None:
    """The second scan reads what is new, and tells the old findings too; what was rewritten away is not told."""
    repo.commit("a", f"{token(1)}\n")
    dropped = repo.commit("b", f"{token(2)}\n")
    first = scanned(repo.path, cache=True)
    again = scanned(repo.path, cache=True)
    assert [one.commit for one in again.findings] == [one.commit for one in first.findings]
    assert (first.files, again.files) == (2, 0)
    assert not any(token(1).encode() in path.read_bytes() for path in own_home.rglob("*") if path.is_file())
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit("c", f"{token(3)}\n")
    last = scanned(repo.path, cache=True)
    assert set(found(last)) == {token(1), token(3)}
    assert last.files == 1
    assert dropped not in {one.commit.id for one in last.findings if one.commit}


def test_an_incomplete_scan_is_not_kept(repo: Repository, tmp_path: Path, own_home: Path) -> None:
    """What was not read once is read the next time."""
    repo.commit("a", f"{token(1)}\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repo.path}", str(tmp_path / "partial"))
    assert scanned(tmp_path / "partial", cache=True).findings == []
    assert not list(own_home.rglob("history/*"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.integers(0, 3), st.booleans()), min_size=1, max_size=12
    )
)
def test_random_edits(tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int, int, bool]]) -> None:
    """Whatever lines are put in and taken out, every token is found in the commit and line in which it was first."""
    repo = Repository(tmp_path_factory.mktemp("random") / "repo")
    files: dict[str, list[str]] = {name: [] for name in "abc"}
    expected = {}
    for number, (name, at, removed, newline) in enumerate(edits):
        lines = files[name]
        at = min(at, len(lines))
        lines[at : at + removed] = [f"plain {number}", f"key = '{token(number)}'"]
        content = "\n".join(lines) + ("\n" if newline else "")
        expected[token(number)] = (repo.commit(name, content), name, at + 2)
    scan = scanned(repo.path)
    assert {value: (one.commit and one.commit.id, one.path, one.line) for value, one in found(scan).items()} == expected


def test_no_program_of_the_repository_runs(repo: Repository, tmp_path: Path) -> None:
    """Programs that its configuration and attributes name for diffs, pagers, signatures, monitors do not run."""
    ran = tmp_path / "ran"
    program = tmp_path / "canary"
    program.write_text(f'#!/bin/sh\necho ran >> {ran}\ncat "$1" 2>/dev/null\n')
    program.chmod(0o755)
    repo.commit(".gitattributes", "* diff=evil\n")
    repo.commit("a", f"{token(1)}\n")
    names = [
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "core.pager",
        "pager.log",
        "core.fsmonitor",
        "gpg.program",
        "core.sshCommand",
    ]
    for name in names:
        repo.git("config", name, str(program))
    repo.git("config", "log.showSignature", "true")
    for switch in ("diff.noprefix", "diff.mnemonicPrefix"):
        repo.git("config", switch, "true")
    assert set(found(scanned(repo.path))) == {token(1)}
    assert set(found(scanned_blobs(repo.path))) == {token(1)}
    assert not ran.exists()
    subprocess.run(["git", "diff", "HEAD~1"], cwd=repo.path, check=False, capture_output=True, timeout=30)
    assert ran.exists()  # the canary does sing where git is asked plainly


def test_notebooks(repo: Repository) -> None:
    """What a notebook's cell says is found as it says it, in the commit and file in which it came in."""
    first = repo.commit("a.ipynb", json.dumps({"cells": [{"source": ["x\n"]}]}, indent=1))
    cell = {"source": [f"k = '{token(1)}'\n", *(f"{line}\n" for line in PEM.split("\n"))]}
    second = repo.commit("a.ipynb", json.dumps({"cells": [cell]}, indent=1))
    repo.commit("a.ipynb", json.dumps({"cells": [cell, {"source": ["y\n"]}]}, indent=1))
    values = found(scanned(repo.path))
    assert set(values) == {token(1), PEM}
    assert {one.commit.id for one in values.values() if one.commit} == {second} != {first}
    assert values[PEM].encoding == ("json",)
