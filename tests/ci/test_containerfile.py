"""The container image's file: read by rules, and its steps done for real without a container engine.

No engine runs where these tests run, so the image itself is never built here. What is checked instead: the build
context that `.dockerignore` leaves, with nothing else in it, is enough for the build's own command; and what that makes
does its work as a stranger's user id, with every file system read-only but /tmp, as the image is meant to be run.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from tests.ci.steps import ROOT
from tests.secretguard.githooks.repositories import LEAK, TOKEN, Repository

TEXT = re.sub(r"\\\n(?:\s*#.*\n)*", " ", (ROOT / "Containerfile").read_text())
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]


def instructions(name: str) -> list[str]:
    return [line.partition(" ")[2].strip() for line in LINES if line.split()[0] == name]


def allowed() -> Callable[[str], bool]:
    """Whether a file is in the build context: the last line of .dockerignore that matches it or a folder above it
    decides (https://docs.docker.com/build/concepts/context/#dockerignore-files)."""
    rules = []
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            plain = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
            rules.append((re.compile(plain), line.startswith("!")))

    def decide(name: str) -> bool:
        parts = name.split("/")
        places = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        taken = True
        for rule, take in rules:
            if any(rule.fullmatch(place) for place in places):
                taken = take
        return taken

    return decide


def copied() -> list[str]:
    """What the build copies out of its context."""
    return [word for line in instructions("COPY") if "--from=" not in line for word in line.split()[:-1]]


def test_bases_are_versions() -> None:
    """No image is whatever is newest today; both stages run the same Python."""
    images = [line.split()[0] for line in instructions("FROM")]
    assert len(set(images)) == 1
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-[a-z]+", images[0])


def test_it_runs_as_nobody_in_particular() -> None:
    """The last user is a number that is not root's, and stands before the entry point."""
    [user] = instructions("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert LINES.index(f"USER {user}") > LINES.index("COPY --from=build /opt/secretguard /opt/secretguard")
    assert instructions("ENTRYPOINT") == ['["secretguard"]']


def test_no_habits_of_bad_images() -> None:
    """No ADD, no shell pipes from the network, no secrets as arguments, no package lists left behind."""
    assert not instructions("ADD")
    assert not instructions("ARG")
    for line in instructions("RUN"):
        assert not re.search(r"\b(curl|wget|sudo)\b|\|\s*(ba)?sh\b", line)
        if "apt-get install" in line:
            assert "--no-install-recommends" in line
            assert "rm -rf /var/lib/apt/lists/*" in line
    assert "SECRET" not in " ".join(instructions("ENV")).replace("SECRETGUARD_HOME", "")


def test_what_is_copied_is_in_the_context_and_is_all_of_it() -> None:
    """Everything that is copied may be, and tests, history and environments never reach the engine."""
    may = allowed()
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    names = [name for name in tracked.stdout.splitlines() if may(name)]
    for wanted in copied():
        assert any(name == wanted or name.startswith(f"{wanted}/") for name in names), wanted
    tops = {name for wanted in copied() for name in names if name == wanted or name.startswith(f"{wanted}/")}
    assert set(names) - tops == {"scripts/install_base.py"} - set(copied())
    assert not any(
        map(may, [".git/config", ".venv/bin/python", "tests/conftest.py", ".env", "baselines/secrets.baseline"])
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, lacking: Callable[[str, str], NoReturn]) -> Path:
    """What the build's own command makes of its context and nothing else."""
    context = tmp_path_factory.mktemp("context")
    may = allowed()
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    for name in filter(may, tracked.stdout.splitlines()):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, context / name, follow_symlinks=False)
    [command] = [line for line in instructions("RUN") if "install_base" in line]
    folder = tmp_path_factory.mktemp("opt") / "secretguard"
    words = command.replace("/opt/secretguard", str(folder)).replace("python3", sys.executable, 1).split()
    done = subprocess.run(words, cwd=context, capture_output=True, text=True, timeout=900)
    if done.returncode and ("No matching distribution" in done.stderr or "Connection" in done.stderr):
        lacking("package registry", "pip could not fetch the base requirements")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.sandbox
def test_read_only_and_without_a_name(installed: Path, tmp_path: Path, part: Callable[[str], Path]) -> None:
    """A stranger's user id, no network, nothing to write but /tmp: files and history of somebody else's repository are
    scanned, by the program that the build made."""
    here = Repository(tmp_path / "scan")
    here.past("gone.py", LEAK)
    here.past("gone.py", "clean\n")
    here.past("app.py", LEAK)
    (tmp_path / "gitconfig").write_text("[safe]\n\tdirectory = *\n")
    [variables] = instructions("ENV")
    settings = dict(word.split("=", 1) for word in variables.split())
    for options, places in (([], ["app.py:1:10"]), (["--history"], ["app.py:1:10", "gone.py:1:10"])):
        command = [
            str(part("bwrap")), "--ro-bind", "/", "/", "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc",
            "--ro-bind", str(installed), "/tmp/opt", "--ro-bind", str(here.folder), "/tmp/scan",
            "--ro-bind", str(tmp_path / "gitconfig"), "/tmp/gitconfig",
            "--unshare-all", "--uid", "65532", "--gid", "65532", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin",
            "--setenv", "SECRETGUARD_HOME", settings["SECRETGUARD_HOME"],
            "--setenv", "GIT_CONFIG_SYSTEM", "/tmp/gitconfig", "--chdir", "/tmp/scan",
            "/tmp/opt/bin/python", "-m", "secretguard", "scan", *options,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 1, done.stderr
        assert [place for place in places if place in done.stdout] == places
        assert TOKEN not in done.stdout
