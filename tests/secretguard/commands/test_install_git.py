"""`secretguard install git` as its users meet it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from click.testing import CliRunner

from secretguard.commands.install_git import git


def test_install_says_what_is_left_to_do_and_remove_takes_it_back(tmp_path: Path) -> None:
    """The first run installs and names the missing reviewers, the second changes nothing, --remove removes."""
    server = tmp_path / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", str(server)], check=True, timeout=30)
    run = CliRunner().invoke
    first = run(git, ["--server", str(server)])
    assert first.exit_code == 0
    assert "installed" in first.output
    assert "nobody can review" in first.output
    assert "already installed" in run(git, ["--server", str(server)]).output
    assert "gate removed" in run(git, ["--server", str(server), "--remove"]).output
    assert "no gate of ours" in run(git, ["--server", str(server), "--remove"]).output
    assert not (server / "hooks" / "pre-receive").exists()
