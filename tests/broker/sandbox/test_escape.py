"""Both tiers against the same list of ways out, on the real programs; and the list against no sandbox at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker.sandbox.attempts import ATTEMPTS, NEEDS_ROOT, NO_CONTROL, script
from tests.broker.sandbox.host import Host, host, ordinary_user_can_run

as_root = os.geteuid() == 0
NAMES = sorted(ATTEMPTS)


@pytest.fixture(scope="module")
def here() -> Iterator[Host]:
    with host() as found:
        yield found


@pytest.fixture(scope="module")
def ordinary() -> Iterator[Host]:
    """The same host, of an ordinary user."""
    why = "not root" if not as_root else ordinary_user_can_run()
    if why:
        pytest.skip(why)
    with host("nobody") as found:
        yield found


@pytest.fixture(autouse=True)
def clean_workspace(request: pytest.FixtureRequest) -> None:
    for name in ("here", "ordinary"):
        if name in request.fixturenames:
            for path in (request.getfixturevalue(name).base / "workspace").iterdir():
                path.unlink()


@pytest.mark.sandbox
@pytest.mark.parametrize("name", NAMES)
def test_no_way_out_of_bubblewrap(name: str, here: Host, part: Callable[[str], Path]) -> None:
    """Each attempt fails inside the bubblewrap tier."""
    part("bwrap")
    assert here.try_out("bwrap", script(name)).startswith("held")


@pytest.mark.sandbox
@pytest.mark.parametrize("name", NAMES)
def test_no_way_out_of_bubblewrap_for_an_ordinary_user(name: str, ordinary: Host, part: Callable[[str], Path]) -> None:
    """Each attempt fails inside the bubblewrap tier that an ordinary user starts."""
    part("bwrap")
    assert ordinary.try_out("bwrap", script(name)).startswith("held")


@pytest.mark.sandlock
@pytest.mark.parametrize("name", NAMES)
def test_no_way_out_of_sandlock(name: str, here: Host) -> None:
    """Each attempt fails inside the sandlock tier."""
    assert here.try_out("sandlock", script(name)).startswith("held")


@pytest.mark.parametrize("name", sorted(set(NAMES) - NO_CONTROL))
def test_the_attempts_are_real(name: str, here: Host) -> None:
    """Each attempt works where there is no sandbox, so a failure inside says something."""
    if name in NEEDS_ROOT and not as_root:
        pytest.skip("only root can do this anywhere")
    assert here.try_out("none", script(name)) == "ESCAPED"


@pytest.mark.sandbox
def test_environment_inside_is_the_plan_and_nothing_else(here: Host, part: Callable[[str], Path]) -> None:
    """The command finds the six variables of the plan (and PWD, which bwrap sets), none of its starter's."""
    part("bwrap")
    seen = here.try_out("bwrap", "import json, os; print(json.dumps(dict(os.environ)))")
    inside = json.loads(seen)
    inside.pop("LC_CTYPE", None)  # Python's own
    assert set(inside) == {"PATH", "HOME", "LANG", "TERM", "BROKER_TASK_SOCKET", "BROKER_TASK_ID", "PWD"}
    assert here.canary not in seen


@pytest.mark.sandbox
def test_no_capability_is_left(here: Host, part: Callable[[str], Path]) -> None:
    """All capability sets are empty and no_new_privs is set, for root too."""
    part("bwrap")
    status = here.try_out("bwrap", "print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


@pytest.mark.sandlock
def test_no_capability_is_left_by_sandlock(here: Host) -> None:
    """The sandlock tier keeps no capability either: a device node cannot be made, another user not become."""
    become = "import os\ntry:\n    os.setuid(65534); print('became')\nexcept OSError: print('held')"
    if as_root:
        assert here.try_out("none", become) == "became"
    assert here.try_out("sandlock", become) == "held"


@pytest.mark.parametrize("tier", [pytest.param("bwrap", marks=pytest.mark.sandbox), "sandlock"])
def test_what_the_command_needs_works(tier: str, here: Host, part: Callable[[str], Path]) -> None:
    """The workspace is writable at its own path, the home and the task socket can be used."""
    if tier == "bwrap":
        part("bwrap")
    work = """
import os, socket, subprocess, tempfile
assert os.path.realpath(os.getcwd()) == os.getcwd()
open("made", "w").write("here")
open(os.path.expanduser("~/note"), "w").close()
tempfile.TemporaryFile().close()
with socket.socket(socket.AF_UNIX) as client:
    client.connect(os.environ["BROKER_TASK_SOCKET"])
subprocess.run(["sh", "-c", "true"], check=True)
print("works")"""
    assert here.try_out(tier, work) == "works"
    assert (here.base / "workspace" / "made").read_text() == "here"


@pytest.mark.parametrize("tier", [pytest.param("bwrap", marks=pytest.mark.sandbox), "sandlock"])
@pytest.mark.parametrize(
    ("command", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -9 $$", 137)]
)
def test_status_is_kept(tier: str, command: str, status: int, here: Host, part: Callable[[str], Path]) -> None:
    """The command's own exit status comes out, 128+N where a signal ended it."""
    if tier == "bwrap":
        part("bwrap")
    assert here.run(tier, ["sh", "-c", command]).returncode == status
