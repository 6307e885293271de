"""Whole projects of other scanners' users: what was accepted stays accepted, what was found is still found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from scripts import parts
from secretguard.detect import made_up
from tests.secretguard.commands.test_scan import report, run

FIVE = [made_up.github("ghp_", letter) for letter in "abcde"]
AWS, OLD = "AKIA" + "Q7ZK3MWX5RTY2PLB", "AKIA" + "X5RTY2PLBQ7ZK3MW"
KEY = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"
GITLEAKS = f"""
title = "project"
[extend]
useDefault = true

[[rules]]
id = "acme-token"
regex = '''acme_[0-9a-f]{{20}}'''
keywords = ["acme_"]

[[rules]]
id = "github-pat"
  [[rules.allowlists]]
  regexes = ['''{FIVE[1][:14]}''']

[allowlist]
paths = ['''^testdata/''']
"""
FILES = {
    "src/app.py": f'TOKEN = "{FIVE[0]}"\nOTHER = "{FIVE[1]}"\n',
    "src/aws.py": f'key = "{AWS}"; token = "{FIVE[2]}"\n',
    "testdata/fixture.py": f'TOKEN = "{FIVE[3]}"\n',
    "src/allowed.py": f'TOKEN = "{FIVE[4]}"  # gitleaks:allow\n',
    "src/custom.txt": "acme_" + "1234567890abcdef1234\n",
    ".gitleaks.toml": GITLEAKS,
    ".pre-commit-config.yaml": "repos:\n  - repo: https://github.com/gitleaks/gitleaks\n    rev: v8.30.1\n"
    "    hooks:\n      - id: gitleaks\n",
    ".github/workflows/ci.yml": "jobs:\n  scan:\n    steps:\n      - uses: gitleaks/gitleaks-action@v2\n",
}


def git(project: Path, *arguments: str) -> str:
    names = ["-c", "user.name=t", "-c", "user.email=t@example.test"]
    done = subprocess.run(
        ["git", *names, *arguments], cwd=project, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with gitleaks: allowlists of both kinds, fingerprints of files and commits, an inline comment."""
    (tmp_path / "old.py").parent.mkdir(exist_ok=True)
    git(tmp_path, "init", "-q")
    (tmp_path / "old.py").write_text(f"x = 1\nkey = '{OLD}'\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "old")
    first = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "old.py").write_text("x = 1\n")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    ignored = f"src/aws.py:aws-access-token:1\n{first}:old.py:aws-access-token:2\nsrc/gone.py:jwt:9\n"
    (tmp_path / ".gitleaksignore").write_text(ignored)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "now")
    return tmp_path


def open_places(project: Path, *arguments: str) -> set[tuple[str, int, str]]:
    _, document = report(*arguments, cwd=project)
    return {(one["path"], one["line"], one["rule_id"]) for one in document["findings"] if not one.get("accepted")}


def test_gitleaks(project: Path) -> None:
    """Shown, nothing is written; written, what gitleaks passed over is accepted with its reason, and nothing else."""
    before = open_places(project)
    shown = run("migrate", cwd=project)
    assert shown.returncode == 0
    assert b"nothing was written" in shown.stdout
    assert not (project / ".secrets.baseline").exists()
    said = shown.stdout.decode()
    for sentence in (
        "rule acme-token: not carried over: secretguard has no rules of a project's own",
        ".gitleaks.toml: allowlist: 1 findings of today are accepted",
        ".gitleaksignore:3: src/gone.py:9: nothing is found there",
        ".github/workflows/ci.yml:4: runs gitleaks",
        "+  - repo: https://github.com/secretguard/secretguard",
    ):
        assert sentence in said
    assert not any(secret in said for secret in (*FIVE, AWS, OLD))
    assert run("migrate", "--write", cwd=project).returncode == 0
    after = open_places(project, "--baseline", ".secrets.baseline")
    accepted = before - after
    assert {(path, line) for path, line, _ in accepted} == {
        ("src/app.py", 2), ("src/aws.py", 1), ("testdata/fixture.py", 1),
    }  # fmt: skip
    assert ("src/app.py", 1, "github-token") in after
    assert ("src/aws.py", 1, "github-token") in after
    entries = json.loads((project / ".secrets.baseline").read_text())["results"]
    assert entries["old.py"][0]["why"] == ".gitleaksignore:2: aws-access-token"
    [repo] = yaml.safe_load((project / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["hooks"] == [{"id": "secretguard", "args": ["--baseline", ".secrets.baseline"]}]


def test_history_stays_accepted(project: Path) -> None:
    """What a fingerprint of a commit accepted is accepted in a scan of the history."""
    assert any(path == "old.py" for path, _, _ in open_places(project, "--history"))
    assert run("migrate", "--write", cwd=project).returncode == 0
    assert not any(
        path == "old.py" for path, _, _ in open_places(project, "--history", "--baseline", ".secrets.baseline")
    )


def test_twice_changes_nothing(project: Path) -> None:
    """A second migration has nothing to write."""
    assert run("migrate", "--write", cwd=project).returncode == 0
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".git/" not in str(path)}
    assert b"written" not in run("migrate", "--write", cwd=project).stdout
    assert {path: path.read_bytes() for path in before} == before


def test_what_a_person_called_real_stays_open(project: Path) -> None:
    """An entry that says that a secret is real is not overruled by what gitleaks passed over."""
    assert run("migrate", "--write", cwd=project).returncode == 0
    document = json.loads((project / ".secrets.baseline").read_text())
    document["results"]["testdata/fixture.py"][0]["is_secret"] = True
    (project / ".secrets.baseline").write_text(json.dumps(document))
    done = run("migrate", "--write", cwd=project)
    assert b"testdata/fixture.py:1: stays open, as .secrets.baseline says" in done.stdout
    assert ("testdata/fixture.py", 1, "github-token") in open_places(project, "--baseline", ".secrets.baseline")


def test_an_allowed_commit(project: Path) -> None:
    """What came in with an allowed commit is accepted."""
    first = git(project, "rev-list", "--max-parents=0", "HEAD")
    (project / ".gitleaksignore").unlink()
    (project / ".gitleaks.toml").write_text(f"[allowlist]\ncommits = ['{first}', 'feedfeed']\n")
    done = run("migrate", "--write", "--from", "gitleaks", cwd=project)
    assert b"commits: feedfeed: no such commit here" in done.stdout
    entries = json.loads((project / ".secrets.baseline").read_text())["results"]
    assert entries["old.py"][0]["why"] == f".gitleaks.toml: allowlist: commit {first[:12]}"


@pytest.mark.skipif(parts.find("gitleaks") is None, reason="the real gitleaks is a part of the benches")
def test_the_real_gitleaks_agrees(project: Path) -> None:
    """What the real gitleaks finds is found, but for the rule of the project's own; what it passes over is accepted."""
    program = str(parts.find("gitleaks"))
    done = subprocess.run(
        [program, "dir", ".", "--no-banner", "-f", "json", "-r", "-"],
        cwd=project,
        capture_output=True,
        timeout=60,
        check=False,
    )
    theirs = {(one["File"], one["StartLine"]) for one in json.loads(done.stdout)}
    assert run("migrate", "--write", cwd=project).returncode == 0
    ours = {(path, line) for path, line, _ in open_places(project, "--baseline", ".secrets.baseline")}
    assert theirs - ours == {("src/custom.txt", 1)}
    assert ours - theirs == set()


def test_detect_secrets(tmp_path: Path) -> None:
    """The hook changes its repository; the baseline is brought to the current version and goes on to accept."""
    git(tmp_path, "init", "-q")
    (tmp_path / "app.py").write_text(f"password = '{KEY}'\n")
    made = subprocess.run(
        [sys.executable, "-m", "detect_secrets", "scan", "-n", "--all-files"],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    old = json.loads(made.stdout) | {"version": "1.4.0"}
    (tmp_path / "my.baseline").write_text(json.dumps(old, indent=2) + "\n")
    config = (
        "repos:\n- repo: https://github.com/Yelp/detect-secrets\n  rev: v1.4.0\n  hooks:\n"
        "  - id: detect-secrets\n    args: [--baseline, my.baseline]\n"
    )
    (tmp_path / ".pre-commit-config.yaml").write_text(config)
    done = run("migrate", "--from", "detect-secrets", "--write", cwd=tmp_path)
    assert b"my.baseline: 2 entries in 1 files, taken as they are" in done.stdout
    assert b"from version 1.4.0 to 1.5.0" in done.stdout
    assert json.loads((tmp_path / "my.baseline").read_text()) == old | {"version": "1.5.0"}
    assert "github.com/secretguard" in (tmp_path / ".pre-commit-config.yaml").read_text()
    git(tmp_path, "add", ".")
    assert run("detect-secrets-hook", "--baseline", "my.baseline", "app.py", cwd=tmp_path).returncode == 0


def test_a_baseline_with_code(tmp_path: Path) -> None:
    """A baseline that names a plugin of the repository is said to need a decision; nothing is run."""
    head = {"version": "1.5.0", "plugins_used": [{"name": "Mine", "path": "file://mine.py"}], "results": {}}
    (tmp_path / ".secrets.baseline").write_text(json.dumps(head))
    (tmp_path / "mine.py").write_text("open('ran', 'w')\n")
    done = run("migrate", cwd=tmp_path)
    assert b"code of the repository" in done.stdout
    assert not (tmp_path / "ran").exists()
