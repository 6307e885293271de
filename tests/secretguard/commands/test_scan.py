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
from secretguard.detect.detect_secrets import PREFIX
from secretguard.report.formats import FORMATS

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


KEY = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6"


def test_plugins_of_detect_secrets(tmp_path: Path) -> None:
    """`--plugins` chooses who looks: our rules, detect-secrets' plugins, or both; the report names the tools."""
    (tmp_path / "a.py").write_text(f"x = '{KEY}'\nk = '{TOKEN}'\n")
    entropy = PREFIX + "base64-high-entropy-string"
    for given, rules in (
        ("own", {"github-token"}),
        ("detect-secrets", {entropy, "detect-secrets:github-token"}),
        ("own,detect-secrets", {"github-token", entropy}),
    ):
        code, document = report("--plugins", given, "a.py", cwd=tmp_path)
        assert code == 1
        assert {finding["rule_id"] for finding in document["findings"]} == rules
        assert ("detect_secrets" in document["tool"]) is (given != "own")


def test_plugins_in_every_source(tmp_path: Path) -> None:
    """They run on standard input, on what is staged, and in several processes, as our rules do."""
    text = f"password = '{KEY}'\n"
    assert report("--plugins", "detect-secrets", "--stdin", cwd=tmp_path, stdin=text.encode())[0] == 1
    for number in range(6):
        (tmp_path / f"f{number}.py").write_text(text)
    _, many = report("--plugins", "detect-secrets", "-j", "3", ".", cwd=tmp_path)
    _, one = report("--plugins", "detect-secrets", "-j", "1", ".", cwd=tmp_path)
    assert many == one
    assert len(one["findings"]) == 12
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "f0.py"], cwd=tmp_path, check=True)
    (tmp_path / "f0.py").unlink()
    assert len(report("--plugins", "detect-secrets", "--staged", cwd=tmp_path)[1]["findings"]) == 2


def test_plugins_of_the_baseline(tmp_path: Path) -> None:
    """A baseline's plugins and limits are those that run; what is not run is refused with file and field."""
    (tmp_path / "a.py").write_text(f"password = '{KEY}'\n")
    head: dict[str, Any] = {"version": "1.5.0", "plugins_used": [{"name": "KeywordDetector"}], "results": {}}
    (tmp_path / "b").write_text(json.dumps(head))
    arguments = ("--plugins", "detect-secrets", "--baseline", "b", "a.py")
    rules = [finding["rule_id"] for finding in report(*arguments, cwd=tmp_path)[1]["findings"]]
    assert rules == ["detect-secrets:secret-keyword"]
    head["plugins_used"] = [{"name": "Mine", "path": "file://mine.py"}]
    (tmp_path / "b").write_text(json.dumps(head))
    done = run("scan", *arguments, cwd=tmp_path)
    assert (done.returncode, b"b: plugins_used[0]" in done.stderr) == (2, True)
    assert run("scan", "--baseline", "b", "a.py", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("given", ["", "gitleaks", "own,", "own,x"])
def test_unknown_plugins(given: str, tmp_path: Path) -> None:
    """A name that is no choice is a usage error that names the choices."""
    done = run("scan", "--plugins", given, ".", cwd=tmp_path)
    assert done.returncode == 2
    assert b"own,detect-secrets" in done.stderr


def test_detect_secrets_is_imported_only_when_asked(tmp_path: Path) -> None:
    """The scan with our own rules does not pay for it, baseline or not."""
    (tmp_path / "b").write_text(json.dumps({"version": "0.13.1", "results": {}}))
    code = (
        "import sys; from secretguard.cli import main; sys.argv[1:] = ['scan', '--baseline', 'b', '.']\n"
        "try: main()\n"
        "finally: assert not [name for name in sys.modules if name.split('.')[0] == 'detect_secrets']"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_for_machines(form: str, project: Path) -> None:
    """Each format is printed whole, names the rule or its type, and never the value; the exit code is the same."""
    done = run("scan", "--format", form, ".", cwd=project)
    assert done.returncode == 1, done.stderr
    assert done.stdout.isascii()
    assert TOKEN.encode() not in done.stdout
    assert b"github-token" in done.stdout or b"GitHub Token" in done.stdout


def test_output_file(project: Path) -> None:
    """`--output` writes the report to a file for this user alone; the summary goes to standard error."""
    done = run("scan", "--format", "json", "--show-secrets", "-o", "report.json", "app.py", cwd=project)
    written = project / "report.json"
    assert (done.returncode, done.stdout) == (1, b"")
    assert json.loads(written.read_text())["findings"][0]["secret"] == TOKEN
    assert written.stat().st_mode & 0o777 == 0o600
    assert b"1 finding" in done.stderr


def test_output_that_cannot_be_written(project: Path) -> None:
    """The place is named, the exit code is 2, nothing is left behind."""
    done = run("scan", "-o", "missing/report.txt", "README.md", cwd=project)
    assert done.returncode == 2
    assert b"--output missing/report.txt: No such file or directory" in done.stderr


def test_strict(project: Path) -> None:
    """With `--strict` a file that cannot be scanned is an error; what somebody chose to leave out is none."""
    (project / ".gitignore").write_text("ignored.txt\n")
    (project / "ignored.txt").write_text("x")
    (project / "app.py").unlink()
    assert run("scan", "--strict", ".", cwd=project).returncode == 0
    (project / "data.bin").write_bytes(b"\0\1\2\3" * 99)
    assert run("scan", ".", cwd=project).returncode == 0
    done = run("scan", "--strict", ".", cwd=project)
    assert done.returncode == 2
    assert b"--strict: 1 not scanned, the first: data.bin: binary" in done.stderr


def test_findings_come_before_strict(project: Path) -> None:
    """A gap does not hide a finding."""
    (project / "data.bin").write_bytes(b"\0\1\2\3" * 99)
    assert run("scan", "--strict", ".", cwd=project).returncode == 1
