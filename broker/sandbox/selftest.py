"""The start-up self-test: a tier counts only after `probe.py` has tried, inside it, to get out, and failed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources

from broker.sandbox.plan import VARIABLES, SandboxError, make_plan, private_directory
from broker.sandbox.running import Running, Tier
from secretguard import rawjson
from secretguard.places import config_dir, state_dir

CHECKS = (
    "environment", "command_lines", "capabilities", "network", "hidden", "writes", "workspace", "task_socket",
    "trace", "namespaces", "mounts", "io_uring", "keyring", "bpf", "terminal",
)  # fmt: skip
"""What is tried; an answer for each must come back, or the test has failed."""

HELD = "held"
REPAIR = {
    "bwrap": "bubblewrap 0.5 or newer is needed, and user namespaces (kernel.apparmor_restrict_unprivileged_userns=0, "
    "user.max_user_namespaces above 0); or choose --tier sandlock",
    "sandlock": "it needs Landlock ABI 6 (Linux 6.12) and seccomp user notification; or install bubblewrap",
}
"""What to do about a tier that does not hold."""

_PERSONAL = (".ssh", ".aws", ".gnupg", ".netrc", ".config", ".bash_history")
_SECONDS = 20.0
_MAX_ANSWER = 65536
_ADDED_BY_PROGRAMS = ("PWD", "LC_CTYPE", "TMPDIR")  # bwrap, the C locale coercion of Python, the sandlock tier


def failures(tier: Tier) -> dict[str, str]:
    """The checks that did not hold in `tier` with what was seen, "cannot tell" included; empty means it is sound.

    Raises SandboxError when the probe could not be run to its end, which is no pass either.
    """
    root = private_directory("broker-selftest-")
    try:
        with _bait(root) as bait:
            answers = _probe(tier, root, bait)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return {check: answers.get(check, "cannot tell: no answer") for check in CHECKS if answers.get(check) != HELD}


def _probe(tier: Tier, root: str, bait: dict[str, object]) -> dict[str, str]:
    source = resources.files("broker.sandbox").joinpath("probe.py").read_text()
    python = os.path.realpath(sys.executable)
    config = rawjson.dumps(bait | {"variables": [*VARIABLES, *_ADDED_BY_PROGRAMS]})
    plan = make_plan(
        (python, "-I", "-S", "-c", source, config),
        os.path.join(root, "workspace"),
        "selftest",
        os.path.join(root, "task", "task.sock"),
        readable=() if python.startswith("/usr/") else (sys.base_prefix,),
        scratch=root,
    )
    return _answers(tier.name, tier.start(plan, capture=True))


def _answers(name: str, running: Running) -> dict[str, str]:
    try:
        output, _ = running.process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        output = b""
    finally:
        running.stop()
    try:
        answers = rawjson.loads(output[-_MAX_ANSWER:])
    except rawjson.JsonError:
        answers = None
    if running.process.returncode != 0 or not isinstance(answers, dict):
        seen = output[-300:].decode(errors="replace").strip() or f"exit status {running.process.returncode}"
        raise SandboxError(f"the {name} sandbox could not run its self-test: {seen}", REPAIR[name])
    return {str(check): str(answer) for check, answer in answers.items()}


@contextlib.contextmanager
def _bait(root: str) -> Iterator[dict[str, object]]:
    """What a sandbox must not reach, set out on the host: a file, three kinds of listener; and the task socket."""
    for name in ("workspace", "task", "private"):
        os.mkdir(os.path.join(root, name), 0o700)
    secret = os.path.join(root, "private", "secret")
    with open(secret, "w") as file:
        file.write("bait")
    other, abstract = os.path.join(root, "private", "other.sock"), f"selftest-{os.path.basename(root)}"
    with contextlib.ExitStack() as stack:
        for address in (os.path.join(root, "task", "task.sock"), other, "\0" + abstract):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        places = (state_dir(), config_dir(), *(os.path.expanduser(f"~/{name}") for name in _PERSONAL))
        hidden = [secret, *(place for place in places if os.path.exists(place))]
        yield {"hidden": hidden, "other_socket": other, "abstract": abstract, "port": tcp.getsockname()[1]}
