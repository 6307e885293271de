"""`broker dev` and `broker run` as an ordinary user, for when the tests themselves run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.sandbox.host import ROOT, SYSTEM_PYTHON, ordinary_user_can_run
from tests.servers.process import stop, wait_until

USER = "nobody"


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of that user."""
    if os.geteuid() != 0:
        pytest.skip("not root: every other test already runs as an ordinary user")
    version = f"import sys, broker.client; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    why = ordinary_user_can_run(version, sysconfig.get_paths()["purelib"])
    if why:
        pytest.skip(why)
    base = Path(tempfile.mkdtemp(prefix="user-", dir="/tmp"))
    (base / "workspace").mkdir()
    owner = pwd.getpwnam(USER)
    for path in (base, base / "workspace"):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    yield base
    shutil.rmtree(base)


@pytest.mark.sandbox
def test_the_main_job_without_root(place: Path, part: Callable[[str], Path]) -> None:
    """A broker and a sandbox of one ordinary user: the credential comes, the status is kept, the receipt follows."""
    part("bwrap")
    environment = {
        "PYTHONPATH": f"{ROOT}:{sysconfig.get_paths()['purelib']}",
        "SECRETGUARD_HOME": str(place / "home"),
        "PATH": os.environ["PATH"],
        "CANARY": "canary-of-the-user",
    }
    broker = [SYSTEM_PYTHON, "-m", "broker"]

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*broker, *arguments], env=environment, user=USER, extra_groups=[], cwd=place, stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip

    server = start("dev")
    try:
        socket = place / "home" / "state" / "broker" / "launch.sock"
        wait_until(socket.exists, server, 60, "broker dev")
        inside = "broker credential identity --field token; id -u; cat /proc/*/environ; exit 3"
        run = start("run", "hello", "--workspace", str(place / "workspace"), "--", "sh", "-c", inside)
        out, err = run.communicate(timeout=60)
    finally:
        stop(server, signal.SIGTERM)
        server.communicate()
    assert run.returncode == 3, err.decode()
    token, uid, _ = out.decode().split("\n", 2)
    assert (token.count("."), uid) == (2, str(pwd.getpwnam(USER).pw_uid))
    assert b"canary" not in out
    assert b"receipt for task-" in err
