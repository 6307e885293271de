"""`secretguard detect-secrets-hook` beside the real `detect-secrets-hook`: same output, same codes, same baseline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secretguard.commands import detect_secrets_hook
from secretguard.errors import GuardError
from tests.secretguard.commands.test_scan import run

KEY, OTHER = "Zk3Qm8Lw0Rt5Yp2Hn7Vb4Xc9Ds6", "Yq8Wn2Lk5Vt9Bz3Hx7Rm4Jd6Fs1"
FILES = {
    "app.py": f"import os\npassword = '{KEY}'\napi_key = get('x')\n",
    "deploy.yaml": f"env:\n  secret: {OTHER}\n  note: plain\n",
    "config.ini": f"[db]\npassword = {KEY}\nsecret = {OTHER}\n",
    "Dockerfile": "ENV AWS=AKIA" + "Q7ZK3MWX5RTY2PLB\n",
    "clean.md": "nothing here\n",
    "allowed.py": f"password = '{KEY}'  # pragma: allowlist secret\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with secrets of several kinds, all of them staged."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    return tmp_path


def git(project: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=project, check=True, timeout=30)


def ours(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return run("detect-secrets-hook", *arguments, cwd=project)


def theirs(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "detect_secrets.pre_commit_hook", "-n", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, timeout=120, check=False)


def baseline(project: Path, *arguments: str) -> Path:
    """A baseline made by detect-secrets, staged."""
    command = [sys.executable, "-m", "detect_secrets", "scan", "-n", "--all-files", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, timeout=120, check=True)
    (project / "base").write_bytes(done.stdout)
    git(project, "add", "base")
    return project / "base"


def document(data: bytes) -> Any:
    """A report or baseline without the moment at which it was made."""
    read = json.loads(data)
    read.pop("generated_at", None)
    return read


OPTIONS = [
    [],
    ["--exclude-lines", "secret:", "--exclude-files", "Docker"],
    ["--exclude-secrets", KEY[:6]],
    ["--disable-plugin", "KeywordDetector"],
    ["--base64-limit", "4.9", "--hex-limit=2.0"],
    ["--disable-filter", "detect_secrets.filters.allowlist.is_line_allowlisted"],
    ["--cores", "1", "-v"],
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda one: " ".join(one)[:30])
def test_the_same_report(project: Path, options: list[str]) -> None:
    """Output for people and for programs, and the exit code, are those of detect-secrets."""
    for extra in ([], ["--json"]):
        mine, real = ours(project, *extra, *options, *FILES), theirs(project, *extra, *options, *FILES)
        assert mine.returncode == real.returncode == 1
        if extra:
            assert document(mine.stdout) == document(real.stdout)
        else:
            assert mine.stdout == real.stdout


def test_clean_files(project: Path) -> None:
    """Nothing found: nothing said, exit code 0; so without any file."""
    for files in (["clean.md", "allowed.py"], []):
        done = ours(project, *files)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_known_and_new(project: Path) -> None:
    """What the baseline knows is not told; a second secret is."""
    baseline(project)
    assert ours(project, "--baseline", "base", *FILES).returncode == 0
    (project / "app.py").write_text(FILES["app.py"] + f"token = '{OTHER}'\n")
    mine, real = (side(project, "--baseline", "base", *FILES) for side in (ours, theirs))
    assert mine.returncode == real.returncode == 1
    assert mine.stdout == real.stdout
    assert b"app.py:4" in mine.stdout


def test_moved_lines(project: Path) -> None:
    """The baseline is brought up to date with exit code 3, and says what detect-secrets would make it say."""
    base = baseline(project)
    before = base.read_bytes()
    (project / "app.py").write_text("# moved\n" + FILES["app.py"])
    (project / "Dockerfile").write_text("FROM scratch\n")
    (project / "config.ini").write_text("[other]\nsecret = " + OTHER + "\n" + FILES["config.ini"])
    real = theirs(project, "--baseline", "base", *FILES)
    wanted, text = document(base.read_bytes()), base.read_text()
    base.write_bytes(before)
    mine = ours(project, "--baseline", "base", *FILES)
    assert mine.returncode == real.returncode == 3
    assert mine.stdout == real.stdout
    assert document(base.read_bytes()) == wanted
    assert [line for line in base.read_text().splitlines() if "generated_at" not in line] == [
        line for line in text.splitlines() if "generated_at" not in line
    ]
    assert document(before)["results"].keys() - wanted["results"].keys() == {"Dockerfile"}
    git(project, "add", "base")
    assert ours(project, "--baseline", "base", *FILES).returncode == 0


def test_an_unstaged_baseline(project: Path) -> None:
    """A baseline that was changed and not staged is refused, in detect-secrets' words."""
    base = baseline(project)
    base.write_bytes(base.read_bytes() + b"\n")
    mine, real = (side(project, "--baseline", "base", "app.py") for side in (ours, theirs))
    assert (mine.returncode, mine.stdout) == (real.returncode, real.stdout) == (1, mine.stdout)
    assert b"git add base" in mine.stdout


def test_an_old_baseline(project: Path) -> None:
    """A baseline of an older version is written in the current one."""
    base = baseline(project)
    old = json.loads(base.read_bytes()) | {"version": "1.4.0"}
    base.write_text(json.dumps(old, indent=2) + "\n")
    git(project, "add", "base")
    assert ours(project, "--baseline", "base", *FILES).returncode == 3
    assert json.loads(base.read_bytes())["version"] == "1.5.0"


def test_verification_stays_as_it_was_written(project: Path) -> None:
    """A baseline that says how secrets are tried keeps saying it, though nothing is tried here."""
    base = baseline(project)
    entry = {"path": "detect_secrets.filters.common.is_ignored_due_to_verification_policies", "min_level": 2}
    old = json.loads(base.read_bytes())
    old["filters_used"].append(entry)
    base.write_text(json.dumps(old, indent=2) + "\n")
    git(project, "add", "base")
    (project / "app.py").write_text("# moved\n" + FILES["app.py"])
    assert ours(project, "--baseline", "base", *FILES).returncode == 3
    assert entry in json.loads(base.read_bytes())["filters_used"]


def test_labels_are_kept(project: Path) -> None:
    """What a person said in `detect-secrets audit` stays with its entry when lines move."""
    base = baseline(project)
    old = json.loads(base.read_bytes())
    for entry in old["results"]["app.py"]:
        entry["is_secret"] = True
    base.write_text(json.dumps(old, indent=2) + "\n")
    git(project, "add", "base")
    (project / "app.py").write_text("# moved\n" + FILES["app.py"])
    assert ours(project, "--baseline", "base", *FILES).returncode == 3
    entries = json.loads(base.read_bytes())["results"]["app.py"]
    assert all(entry["is_secret"] and entry["line_number"] == 3 for entry in entries)


def test_a_slim_baseline_stays_slim(project: Path) -> None:
    """Moved lines say nothing about a baseline without lines."""
    base = baseline(project, "--slim")
    before = base.read_bytes()
    (project / "app.py").write_text("# moved\n" + FILES["app.py"])
    assert ours(project, "--baseline", "base", *FILES).returncode == 0
    assert base.read_bytes() == before


def test_an_acceptance_that_has_ended(project: Path) -> None:
    """An entry with an end, as our own baselines have it, no longer covers its secret after that day."""
    base = baseline(project)
    old = json.loads(base.read_bytes())
    for entry in old["results"]["app.py"]:
        entry["until"] = "2020-01-01"
    base.write_text(json.dumps(old, indent=2) + "\n")
    git(project, "add", "base")
    done = ours(project, "--baseline", "base", *FILES)
    assert done.returncode == 1
    assert done.stdout.count(b"Location:") == done.stdout.count(b"app.py:2") == 2


def test_our_own_layout_is_kept(project: Path) -> None:
    """A baseline with a line for each entry has one after the hook has brought it up to date."""
    base = baseline(project)
    assert run("baseline", "update", "base", ".", "--plugins", "detect-secrets", "--lines", cwd=project).returncode == 0
    before = base.read_bytes().splitlines()
    git(project, "add", "base")
    (project / "app.py").write_text("# moved\n" + FILES["app.py"])
    assert ours(project, "--baseline", "base", *FILES).returncode == 3
    after = base.read_bytes().splitlines()
    assert len(set(after) - set(before)) <= 4  # two entries, and the filters that detect-secrets' settings name


def test_keyed_digests_are_refused(project: Path) -> None:
    """A baseline whose digests need a key cannot be held against detect-secrets' plugins, and is refused."""
    base = baseline(project)
    old = json.loads(base.read_bytes())
    old["results"]["app.py"][0]["hashed_secret"] = "hmac-sha256:01234567:" + "0" * 64
    base.write_text(json.dumps(old, indent=2) + "\n")
    git(project, "add", "base")
    done = ours(project, "--baseline", "base", "app.py")
    assert done.returncode == 2
    assert b"keyed" in done.stderr


def test_started_elsewhere(project: Path) -> None:
    """With -C every path is one of that folder."""
    baseline(project)
    (project / "deeper").mkdir()
    done = run("detect-secrets-hook", "-C", "..", "--baseline", "base", *FILES, cwd=project / "deeper")
    assert done.returncode == 0
    assert b"Location:    app.py:2" in run("detect-secrets-hook", "-C", "..", "app.py", cwd=project / "deeper").stdout


def test_custom_plugins(project: Path) -> None:
    """A plugin by path does what it does in detect-secrets; one that the baseline names is not run unasked."""
    (project / "mine.py").write_text(
        "import re\nfrom detect_secrets.plugins.base import RegexBasedDetector\n\n\n"
        "class Mine(RegexBasedDetector):\n    secret_type = 'Mine'\n    denylist = [re.compile('acme_[0-9]{4}')]\n"
    )
    (project / "a.txt").write_text("acme_1234\n")
    mine, real = (side(project, "--json", "-p", "mine.py", "a.txt") for side in (ours, theirs))
    assert mine.returncode == real.returncode == 1
    assert document(mine.stdout) == document(real.stdout)
    baseline(project, "-p", "mine.py")
    refused = ours(project, "--baseline", "base", "a.txt")
    assert refused.returncode == 2
    assert b"code of the repository" in refused.stderr
    (project / "a.txt").write_text("acme_1234 acme_5678\n")
    asked = ours(project, "--baseline", "base", "--run-plugin-code", "a.txt")
    assert asked.returncode == 1
    assert b"Secret Type: Mine" in asked.stdout


def test_what_could_not_be_looked_at(project: Path) -> None:
    """A gap is told on standard error and is exit code 2; a binary file is neither, unless one asks."""
    (project / "a.bin.txt").write_bytes(b"\x80\x00\xff" * 50)
    done = ours(project, "a.bin.txt")
    assert (done.returncode, done.stderr) == (0, b"")
    assert ours(project, "-v", "a.bin.txt").stderr == b"not looked at: a.bin.txt: binary\n"
    (project / "mine.py").write_text(
        "from detect_secrets.plugins.base import BasePlugin\n\n\nclass Mine(BasePlugin):\n    secret_type = 'Mine'\n\n"
        "    def analyze_string(self, string):\n        raise KeyError(string)\n"
    )
    done = ours(project, "-p", "mine.py", "clean.md")
    assert done.returncode == 2
    assert done.stderr == b"not looked at: clean.md: a line that detect-secrets' plugins fail on\n"


def test_an_error_of_ours_is_no_three(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3 means that the baseline was written; an error of ours is 2, by its name alone."""

    def broken(*_: object) -> None:
        raise KeyError(KEY)

    monkeypatch.chdir(project)
    monkeypatch.setattr(detect_secrets_hook, "look", broken)
    with pytest.raises(GuardError, match="internal error: KeyError") as raised:
        detect_secrets_hook.detect_secrets_hook.main(["app.py"], standalone_mode=False)
    assert raised.value.exit_code == 2
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--only-verified"], b"never tried over the network"),
        (["--baseline", "nowhere"], b"nowhere"),
        (["--baseline", "app.py"], b"not JSON"),
        (["--hex-limit", "9"], b"9.0 is not in the range"),
        (["--disable-plugin", "Nope"], b"no plugin is called"),
        (["-p", "nowhere.py"], b"nowhere.py"),
        (["--unknown"], b"--unknown"),
    ],
)
def test_what_is_refused(project: Path, arguments: list[str], says: bytes) -> None:
    """Wrong options are exit code 2, with the reason."""
    done = ours(project, *arguments, "app.py")
    assert done.returncode == 2
    assert says in done.stderr


def test_names_of_plugins_and_version(project: Path) -> None:
    """What is listed is what would be used; the version is that of detect-secrets."""
    listed = ours(project, "--list-all-plugins", "--disable-plugin", "JwtTokenDetector").stdout.decode().split()
    assert len(listed) == 26
    assert "AWSKeyDetector" in listed
    assert ours(project, "--version").stdout == b"1.5.0\n"
