"""The launcher that the shell prefix names: what it runs how, and what becomes of it without its Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.wrapper import launcher
from tests.secretguard.wrapper.started import TOKEN

HARNESS = {"AI_AGENT": "claude-code_2-1-330_harness"}
AGENT = {"AI_AGENT": "claude-code_2-1-330_agent"}
TAIL = " && pwd -P >| cwd.txt"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The launcher as it is installed, and a file with a secret beside it."""
    (tmp_path / "secret.txt").write_text(f"TOKEN={TOKEN}\n")
    path = tmp_path / launcher.NAME
    path.write_bytes(launcher.script())
    path.chmod(0o700)
    return path


def started(script: Path, line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What the client would see of `line`."""
    known = {"PATH": os.environ["PATH"], "HOME": str(script.parent), "SHELL": "/bin/bash", **environment}
    return subprocess.run(
        [script, line], cwd=script.parent, env=known, capture_output=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_command_is_redacted_in_the_shell_that_the_client_chose(script: Path) -> None:
    """Its shell is `SHELL`, whatever bash or zsh that is; its status and the folder that it ends in are kept."""
    (script.parent / "zsh").symlink_to(os.path.realpath("/bin/bash"))
    line = f"eval 'cat secret.txt; echo $0; cd /'{TAIL.replace('cwd', str(script.parent / 'cwd'))}; exit 3"
    done = started(script, line, **AGENT, SHELL=str(script.parent / "zsh"))
    assert done.returncode == 3
    assert done.stdout.startswith(b"TOKEN=[[secret:github-token:")
    assert done.stdout.endswith(b"/zsh\n")
    assert (script.parent / "cwd.txt").read_text() == "/\n"


@pytest.mark.parametrize("shell", ["", "/bin/sh", "/usr/bin/fish", "/no/such/bash"])
def test_another_shell_is_bash(script: Path, shell: str) -> None:
    """What the client cannot have chosen is not used."""
    assert started(script, "echo $BASH_VERSION", **AGENT, SHELL=shell).stdout.strip()


@pytest.mark.parametrize("agent", ["claude-code_2-1-330_harness", "claude-code/2.1.121/harness"])
def test_hooks_and_servers_are_left_alone(script: Path, agent: str) -> None:
    """What the client's programs say to it is theirs: not redacted, in no other process."""
    done = started(script, 'cat secret.txt; read -r name <"/proc/$$/comm"; echo "$name"', AI_AGENT=agent)
    assert done.stdout.splitlines()[0] == f"TOKEN={TOKEN}".encode()
    assert done.stdout.splitlines()[1] in (b"bash", b"sh")


def test_a_hook_of_sh_runs_in_sh(script: Path) -> None:
    """Started from a shell that is no bash, as the client starts hooks where /bin/sh is another, it stays there."""
    if os.path.basename(os.path.realpath("/bin/sh")) == "bash":
        pytest.skip("/bin/sh is bash here")
    command = ["/bin/sh", "-c", f"'{script}' 'echo ${{BASH_VERSION:-none}}'; true"]
    known = {"PATH": os.environ["PATH"], **HARNESS}
    assert subprocess.run(command, env=known, capture_output=True, timeout=60, check=True).stdout == b"none\n"


def test_a_command_cannot_pass_for_a_hook(script: Path) -> None:
    """The form of a command counts before what the environment says."""
    assert TOKEN.encode() not in started(script, f"eval 'cat secret.txt'{TAIL}", **HARNESS).stdout
    assert TOKEN.encode() not in started(script, "cat secret.txt").stdout


def test_without_its_python_the_text_is_withheld(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs, its status is kept, its output is not shown, and the person reads what to do."""
    monkeypatch.setattr(sys, "executable", str(script.parent / "gone"))
    script.write_bytes(launcher.script())
    done = started(script, f"eval 'cat secret.txt; cat secret.txt >&2; touch ran; exit 5'{TAIL}", **AGENT)
    assert (done.returncode, done.stdout) == (5, b"")
    assert TOKEN.encode() not in done.stderr
    assert b"secretguard install claude-code" in done.stderr
    assert (script.parent / "ran").exists()


def test_the_path_is_one_that_the_client_can_start(tmp_path: Path) -> None:
    """The client takes what follows the last " -" for options: such a path is refused with the way on."""
    assert launcher.prefix(Path("/a b/c")) == "/a b/c"
    with pytest.raises(ConfigError, match="rename"):
        launcher.prefix(Path("/a -b/c"))


def test_another_prefix_is_told_and_ours_is_known() -> None:
    """In the settings or else in the environment; ours counts as none wherever it lies."""
    ours, theirs = f"/x/{launcher.NAME}", "/usr/local/bin/wrap"
    assert launcher.others({"env": {launcher.VARIABLE: theirs}}, {}) == theirs
    assert launcher.others({}, {launcher.VARIABLE: theirs}) == theirs
    assert launcher.others({"env": {launcher.VARIABLE: ours}}, {launcher.VARIABLE: ours}) == ""
    assert launcher.others({"env": "odd"}, {}) == ""
    assert launcher.is_ours(ours)
    assert not launcher.is_ours(None)
