"""`secretguard scan` as a user runs it: the real program in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secretguard.detect import made_up

TOKEN = made_up.github("ghp_")


def run(*arguments: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "secretguard", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=120, env=environment, check=False)


def report(*arguments: str, cwd: Path, stdin: bytes = b"") -> tuple[int, dict[str, Any]]:
    done = run("scan", "--format", "json", *arguments, cwd=cwd, stdin=stdin)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(f"import os\nTOKEN = '{TOKEN}'\n")
    (tmp_path / "README.md").write_text("hello\n")
    return tmp_path


def test_findings_and_exit_code(project: Path) -> None:
    """A secret is reported with its place and mask, the exit code is 1, and the value is not shown."""
    done = run("scan", ".", cwd=project)
    text = done.stdout.decode()
    assert done.returncode == 1
    assert "app.py:2:10: github-token" in text
    assert "2 files" in text
    assert TOKEN not in text


def test_clean_exit_code(project: Path) -> None:
    """Nothing found: exit code 0, in both formats."""
    assert run("scan", "README.md", cwd=project).returncode == 0
    code, document = report("README.md", cwd=project)
    assert (code, document["findings"]) == (0, [])


def test_json_report(project: Path) -> None:
    """The documented report, with the tool and the digest of its rules."""
    code, document = report("app.py", "README.md", cwd=project)
    [finding] = document["findings"]
    assert code == 1
    assert finding["path"] == "app.py"
    assert "secret" not in finding
    assert document["scanned"] == {"files": 2, "bytes": (project / "app.py").stat().st_size + 6}
    assert document["tool"]["name"] == "secretguard"
    assert len(document["tool"]["rules_digest"]) == 64


def test_secrets_when_asked(project: Path) -> None:
    """--show-secrets gives the exact value."""
    _, document = report("--show-secrets", ".", cwd=project)
    assert document["findings"][0]["secret"] == TOKEN


def test_standard_input(tmp_path: Path) -> None:
    """--stdin scans what is piped in."""
    code, document = report("--stdin", cwd=tmp_path, stdin=f"x {TOKEN}".encode())
    assert code == 1
    assert document["findings"][0]["path"] == "<stdin>"
    assert report("--stdin", cwd=tmp_path)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], ["--stdin", "--staged"], ["--stdin", "x"], ["--baseline", "none", "."], ["--format", "xml"]],
)
def test_usage_errors(tmp_path: Path, arguments: list[str]) -> None:
    """A mistake in the call is exit code 2 with a message, never a clean scan."""
    done = run("scan", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr


def test_gitignore(project: Path) -> None:
    """Ignored files are skipped and counted, unless told otherwise."""
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    (project / ".gitignore").write_text("app.py\n")
    code, document = report(".", cwd=project)
    assert code == 0
    size = (project / "app.py").stat().st_size
    assert {"path": "app.py", "reason": "ignored by .gitignore", "bytes": size} in document["skipped"]
    assert report("--no-gitignore", ".", cwd=project)[0] == 1


def test_staged(project: Path) -> None:
    """--staged sees the index: a secret that was staged and then removed from the file, and not the reverse."""
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    subprocess.run(["git", "add", "app.py"], cwd=project, check=True)
    (project / "app.py").write_text("clean\n")
    code, document = report("--staged", cwd=project)
    assert code == 1
    assert document["findings"][0]["path"] == "app.py"
    subprocess.run(["git", "add", "app.py"], cwd=project, check=True)
    (project / "app.py").write_text(TOKEN)
    assert report("--staged", cwd=project)[0] == 0


def test_workers_agree(project: Path) -> None:
    """-j changes how long it takes and nothing else."""
    for number in range(80):
        (project / f"{number}.txt").write_text(made_up.github("ghp_", str(number)) if number % 9 == 0 else "x")
    assert report("-j", "1", ".", cwd=project)[1] == report("-j", "3", ".", cwd=project)[1]


def test_no_colour_in_a_pipe(project: Path) -> None:
    """Output that is not a terminal has no escape codes, and no progress bar."""
    done = run("scan", ".", cwd=project)
    assert b"\x1b[" not in done.stdout + done.stderr


def test_progress_bar_only_on_a_terminal_and_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short scan and a scan in a pipe show no bar; a long one on a terminal does, and takes it away."""
    from secretguard.commands import scan as module

    started: list[int] = []

    class Bar:
        def update(self, *_: object, **__: object) -> None: ...

        def stop(self) -> None:
            started.append(-1)

    def start(total: int) -> tuple[Bar, int]:
        started.append(total)
        return Bar(), 0

    monkeypatch.setattr(module, "_start_bar", start)
    for terminal, seconds in ((False, 5.0), (True, 0.0), (True, 5.0)):
        monkeypatch.setattr(module.sys.stderr, "isatty", lambda terminal=terminal: terminal, raising=False)
        with module._Progress(7) as progress:
            progress._began -= seconds
            progress.advance(1, 10)
            progress.advance(1, 10)
    assert started == [7, -1]


def test_bar_is_made_by_rich() -> None:
    """The real bar can be started, updated and stopped."""
    from secretguard.commands import scan as module

    bar, task = module._start_bar(3)
    bar.update(task, completed=1, mib="1 MiB")
    bar.stop()
    assert bar.tasks[0].completed == 1
