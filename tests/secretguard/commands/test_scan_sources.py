"""Each source of `secretguard scan`, as a user asks for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from secretguard.detect import made_up
from tests.secretguard.commands.test_scan import TOKEN, report, run
from tests.secretguard.history.repository import Repository

OTHER = made_up.github("ghp_", "other")


def test_history_of_a_repository(tmp_path: Path) -> None:
    """A folder after `--history` is the repository; commit, author and state at HEAD are in the reports."""
    repo = Repository(tmp_path / "repo")
    repo.commit("a", f"k = '{TOKEN}'\n")
    last = repo.commit("a", "gone\n")
    done = run("scan", "--history", "repo", cwd=tmp_path)
    assert done.returncode == 1
    assert b"Ada <ada@example.test>; not at HEAD]" in done.stdout
    assert b"2 commits, 2 files" in done.stdout
    code, document = report("--history", "HEAD~1..HEAD", cwd=repo.path)
    assert (code, document["scanned"]["commits"]) == (0, 1)
    code, document = report("--history", "--blobs", cwd=repo.path)
    [finding] = document["findings"]
    assert (finding["author"], finding["at_head"], finding["commit"] == last) == (
        "Ada <ada@example.test>",
        False,
        False,
    )


def test_history_errors(tmp_path: Path) -> None:
    """No repository, no such revision, an option in place of one: exit code 2 and git's words."""
    for arguments, words in (
        (["--history", "."], b"not a git repository"),
        (["--history", "x --all"], b"is an option of git"),
        (["--history", "x", "y", "z"], b"one repository"),
        (["--since", "yesterday"], b"are for --history"),
    ):
        done = run("scan", *arguments, cwd=tmp_path)
        assert done.returncode == 2, arguments
        assert words in done.stderr, arguments


@pytest.mark.parametrize(
    "pair", [("--stdin", "--staged"), ("--history", "--transcripts"), ("--patch", "--environment")]
)
def test_sources_exclude_each_other(pair: tuple[str, str], tmp_path: Path) -> None:
    """Two sources at once are a usage error that names both."""
    done = run("scan", *pair, cwd=tmp_path)
    assert done.returncode == 2
    assert all(name.encode() in done.stderr for name in pair)


def test_patch(tmp_path: Path) -> None:
    """What a patch adds is told by its own file and line; what it takes away and keeps is not."""
    (tmp_path / "a").write_text(f"one\nold = '{OTHER}'\nkept = '{OTHER}'\n")
    (tmp_path / "b").write_text(f"one\nkept = '{OTHER}'\nnew = '{TOKEN}'\n")
    patch = subprocess.run(["diff", "-u", "a", "b"], cwd=tmp_path, capture_output=True, check=False).stdout
    for arguments, stdin in (([], patch), (["x.patch"], b"")):
        (tmp_path / "x.patch").write_bytes(patch)
        code, document = report("--patch", *arguments, cwd=tmp_path, stdin=stdin)
        [finding] = document["findings"]
        assert (code, finding["path"], finding["line"]) == (1, "b", 3)
    assert b"missing.patch: No such file" in run("scan", "--patch", "missing.patch", cwd=tmp_path).stderr


def test_transcripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an agent kept is told once a file, and counted client by client."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    folder = tmp_path / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    line = json.dumps({"message": f"export K={TOKEN}\n"})
    (folder / "a.jsonl").write_text(f"{line}\n" * 5)
    (folder / "b.jsonl").write_text(f"{line}\n{json.dumps({'x': OTHER})}\n")
    code, document = report("--transcripts", cwd=tmp_path)
    assert code == 1
    assert [(Path(one["path"]).name, one["line"]) for one in document["findings"]] == [
        ("a.jsonl", 1), ("b.jsonl", 1), ("b.jsonl", 2)
    ]  # fmt: skip
    assert b"claude-code: 2 secrets in 2 files" in run("scan", "--transcripts", cwd=tmp_path).stdout


def test_shell_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("HISTFILE", raising=False)
    (tmp_path / ".bash_history").write_text(f"ls\nexport K={TOKEN}\n")
    code, document = report("--shell-history", cwd=tmp_path)
    assert (code, document["findings"][0]["line"]) == (1, 2)


def test_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables by name, of this process; a process number must be one."""
    monkeypatch.setenv("MADE_UP_TOKEN", TOKEN)
    code, document = report("--environment", cwd=tmp_path)
    assert code == 1
    assert "environment!MADE_UP_TOKEN" in [one["path"] for one in document["findings"]]
    assert b"is no process number" in run("scan", "--environment=x", cwd=tmp_path).stderr
