"""The wrapper's entry: what it imports, and what it says when it cannot start."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest

from secretguard.wrapper import main as entry
from tests.secretguard.wrapper.started import TOKEN, ran, words
from tests.test_hot_path import C_MODULES, FORBIDDEN, SMALL, imports

ALLOWED = C_MODULES | SMALL | {"_signal", "select", "time"}


@pytest.mark.parametrize("text", ["nothing to see", f"TOKEN={TOKEN}"])
def test_it_imports_as_little_as_the_hook(text: str, tmp_path: Path) -> None:
    """Every command of the client waits for this process: C modules and the program alone, secret or not."""
    (tmp_path / "text").write_text(text + "\n")
    command = [str(entry.__file__), sysconfig.get_path("platlib"), "bash", f"cat '{tmp_path / 'text'}'"]
    imports(command, b"", tmp_path)
    bare, _ = imports(["-c", "pass"], b"", tmp_path)
    used, shown = imports(command, b"", tmp_path)
    added = {name for name in used - bare if name.split(".")[0] != "secretguard"}
    assert shown.startswith((b"nothing", b"TOKEN=[[secret:"))
    assert not added & FORBIDDEN
    assert added <= ALLOWED


def test_the_command_line_of_the_shell_is_the_one_given() -> None:
    """Quotes, line ends and unusual characters reach the shell as they are."""
    assert ran("printf '%s|' \"a  b\" 'é' $'x\\ny'; echo \"$#\"").stdout == "a  b|é|x\ny|0\n".encode()


def test_a_wrapper_that_cannot_start_runs_nothing(tmp_path: Path) -> None:
    """Without its arguments, or its own files, the command is not run raw: status 126, and why."""
    bare = words("touch ran")[:-2]
    done = subprocess.run(bare, capture_output=True, timeout=60, check=False)
    assert done.returncode == 126
    copy = tmp_path / "a" / "b" / "main.py"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(Path(str(entry.__file__)).read_bytes())
    done = subprocess.run([*bare[:3], str(copy), "/none", "bash", "touch ran"], capture_output=True, check=False)
    assert done.returncode == 126
    assert b"not run" in done.stderr
    assert not Path("ran").exists()
