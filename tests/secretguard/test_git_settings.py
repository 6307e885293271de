"""git with these settings runs nothing that a repository names, and fetches nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from secretguard.git_settings import NOTHING_FETCHED, NOTHING_RUNS, options


def test_a_repository_that_names_programs(tmp_path: Path) -> None:
    """Each program that is named in the repository's own configuration sings when git is asked plainly, and not so."""
    ran, program = tmp_path / "ran", tmp_path / "canary"
    program.write_text(f"#!/bin/sh\necho $0 >> {ran}\n")
    program.chmod(0o755)
    repo = tmp_path / "repo"
    plain = ["git", "-C", str(repo)]
    subprocess.run(["git", "init", "-q", str(repo)], check=True, timeout=30)
    (repo / "a").write_text("x")
    subprocess.run([*plain, "add", "a"], check=True, timeout=30)
    for name in ("core.fsmonitor", "core.sshCommand", "diff.external"):
        subprocess.run([*plain, "config", name, str(program)], check=True, timeout=30)
    for question in (["status"], ["diff", "--cached"], ["ls-remote", "ssh://git@127.0.0.1:1/x"]):
        environment = {**os.environ, **NOTHING_FETCHED}
        quiet = [*plain, *options(NOTHING_RUNS), *question]
        subprocess.run(quiet, env=environment, check=False, capture_output=True, timeout=30)
        assert not ran.exists(), question
        subprocess.run([*plain, *question], check=False, capture_output=True, timeout=30)
        assert ran.exists(), question
        ran.unlink()
