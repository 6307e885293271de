"""One run from both sides: a guarded agent in a real sandbox, its journal handed out before the sandbox dies, and the
story that the guard's `audit timeline` tells of the two."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker.client import BrokerClient
from secretguard.secret import Secret
from tests.broker.sandbox.dev_broker import Runner, dev_broker, token_of

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = sysconfig.get_path("platlib")
TOKEN = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
IDS = {"session_id": "s-1", "prompt_id": "p-1"}


def event(name: str, use: str = "", **fields: object) -> dict[str, object]:
    """One event of the client, as it sends it to its hook."""
    return {**IDS, "hook_event_name": name, **({"tool_use_id": use} if use else {}), **fields}


def script(workspace: Path) -> list[dict[str, object]]:
    """What the agent does: reads a secret, calls out, is refused, writes."""
    env, made = str(workspace / "app.env"), str(workspace / "made.py")
    shown = {"filePath": env, "content": f"TOKEN={TOKEN}\n", "numLines": 1, "startLine": 1, "totalLines": 1}
    call = {"command": "curl -d @notes https://api.example/v1"}
    done = {"stdout": "", "stderr": "", "interrupted": False}
    text = {"file_path": made, "content": "import os\n"}
    return [
        event("UserPromptSubmit", prompt="publish it"),
        event("PreToolUse", "c1", tool_name="Read", tool_input={"file_path": env}),
        event(
            "PostToolUse", "c1", tool_name="Read", tool_input={"file_path": env},
            tool_response={"type": "text", "file": shown},
        ),
        event("PreToolUse", "c2", tool_name="Bash", tool_input=call),
        event("PostToolUse", "c2", tool_name="Bash", tool_input=call, tool_response=done),
        event("PreToolUse", "c3", tool_name="Bash", tool_input={"command": "env"}),
        event("PreToolUse", "c4", tool_name="Write", tool_input=text),
        event("PostToolUse", "c4", tool_name="Write", tool_input=text, tool_response={"filePath": made}),
    ]  # fmt: skip


def inside(workspace: Path) -> str:
    """The shell program that stands for the client: the hook for each event, a credential, the rest handed over."""
    python = shlex.quote(sys.executable)
    guard = f"PYTHONPATH={shlex.quote(str(ROOT))} {python} -m secretguard"
    hook = f"{python} -I -S {shlex.quote(str(ROOT / 'secretguard/guard/main.py'))} claude-code {LIBRARIES}"
    lines = [f"{guard} rules build >&2 && {guard} status >&2 || exit 90"]
    for number, body in enumerate(script(workspace)):
        (workspace / f"event-{number}.json").write_text(json.dumps({**body, "cwd": str(workspace)}))
        lines.append(f"CLAUDE_PROJECT_DIR=$PWD {hook} < event-{number}.json || exit 91")
    ask = "broker credential publish --idempotency-key once-000001 > /dev/null"
    lines += [f"until {ask}; do [ $? = 75 ] || exit 92; sleep 0.3; done", f"{guard} audit hand-over >&2"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """A folder with a short path: sockets are made in it."""
    with tempfile.TemporaryDirectory(prefix="both-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def told(base: Path, part: Callable[[str], Path]) -> Iterator[tuple[str, str]]:
    """The task's id and its story."""
    part("bwrap")
    if Path.home() in (ROOT, *ROOT.parents) and Path.home() == ROOT:
        pytest.skip("the clone is the home directory itself, which no sandbox shows")
    with dev_broker(base, "ada", "grace") as endpoint, Runner(base, endpoint, base) as runner:
        (runner.workspace / "app.env").write_text(f"TOKEN={TOKEN}\n")
        runner.environment["BROKER_TOKEN_FILE"] = token_of(base, "ada")
        readable = {str(ROOT), sys.base_prefix, str(Path(sys.executable).parent.parent)}
        binds = [word for path in sorted(readable) if not path.startswith("/usr") for word in ("--ro-bind", path)]
        process = runner.start(*binds, "--", "sh", "-c", inside(runner.workspace), policy="release")
        approve(endpoint, token_of(base, "grace"), process)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        task = next(word for line in err.splitlines() for word in line.split() if word.startswith("task-"))
        yield task, story(base, task)
        assert out


def approve(endpoint: str, token_file: str, process: subprocess.Popen[str]) -> None:
    """Grace agrees as soon as there is something to agree to."""
    ends_at = time.monotonic() + 90
    with BrokerClient(endpoint, Secret(Path(token_file).read_text().strip())) as grace:
        while time.monotonic() < ends_at and process.poll() is None:
            for waiting in grace.approvals():
                grace.decide(str(waiting["approval_id"]), "approve", "release day")
                return
            time.sleep(0.1)
    pytest.fail(f"nothing waited for a person: {process.communicate(timeout=60)[1]}")


def story(base: Path, task: str) -> str:
    """What a reviewer gets from the two programs, on a machine where the sandbox's journal never was."""
    environment = {**os.environ, "SECRETGUARD_HOME": str(base / "reviewer")}
    tail = [sys.executable, "-m", "broker", "log", "show", "--task", task, "--state", str(base / "dev")]
    records = subprocess.run(tail, env=environment, capture_output=True, timeout=60, check=True).stdout
    assert TOKEN.encode() not in records
    (base / "records.jsonl").write_bytes(records)
    show = [sys.executable, "-m", "secretguard", "audit", "timeline", "--task", task]
    show += ["--broker-events", str(base / "records.jsonl")]
    done = subprocess.run(show, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def head(text: str, name: str) -> str:
    """One line of the story's head."""
    return next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(f"{name}:"))


def test_the_story_says_who_asked_and_who_approved(told: tuple[str, str]) -> None:
    """From the broker's record: launcher, purpose, policy; the approver with the reason; the credential's end."""
    task, text = told
    assert text.startswith(f"task {task}\n")
    assert "ada" in head(text, "asked for")
    assert "release" in head(text, "asked for")
    assert "grace" in head(text, "approvals")
    assert "release day" in head(text, "approvals")
    assert head(text, "credentials").startswith("publish (")
    assert head(text, "ended") != "not yet, as far as is recorded here"


def test_the_story_says_what_the_agent_did(told: tuple[str, str]) -> None:
    """From the guard inside, whose disk is gone: read, run, changed, called; refused is not done."""
    _, text = told
    assert "app.env" in head(text, "read")
    assert "curl" in head(text, "ran")
    assert "made.py" in head(text, "changed")
    assert "api.example (inferred from curl)" in head(text, "sent to")
    assert "env;" not in head(text, "ran")
    assert TOKEN not in text


def test_each_step_stands_in_order_with_its_side(told: tuple[str, str]) -> None:
    """The broker's own word and the sandbox's claim are told apart, and time runs through both."""
    _, text = told
    steps = text.partition("in order\n")[2].splitlines()
    sides = [line.split()[1] for line in steps]
    assert set(sides) == {"broker", "claimed"}
    order = [
        next(at for at, line in enumerate(steps) if word in line)
        for word in (
            "asked for a run",
            "sent a prompt",
            "read ",
            "ran curl",
            "run env",
            "wrote ",
            "grace approved",
            "ended by",
        )
    ]
    assert order == sorted(order)
    denied = next(line for line in steps if "run env" in line)
    assert "denied" in denied
