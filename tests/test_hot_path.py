"""What the hook process may import. Each module not on the list costs every event of the client milliseconds."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from secretguard import false_alarms
from secretguard.guard import main as entry
from secretguard.guard import pause
from secretguard.placeholder import of_user
from secretguard.policy import kept

_TOKEN = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
C_MODULES = {
    "_sre",
    "gc",
    "_json",
    "_hs_ext",
    "errno",
    "fcntl",
    "select",
    "_blake2",
    "_sha256",
    "_sha2",
    "_bisect",
    "math",
    "binascii",
    "_stat",
}
SMALL = {"bisect", "os", "stat", "posixpath", "genericpath", "_collections_abc", "__future__"}
FORBIDDEN = {
    "re", "enum", "dataclasses", "typing", "pathlib", "subprocess", "logging", "click", "json", "hashlib", "hmac",
    "inspect",
    "hyperscan", "cedarpy", "tempfile", "shutil", "asyncio", "signal", "site",
}  # fmt: skip
"""Named so that a failure says what went wrong; the allow-list already leaves them out."""


def event(name: str, tool: str, given: dict[str, str], **more: object) -> bytes:
    ids = {"session_id": "s", "prompt_id": "p", "tool_use_id": "t", "cwd": "/srv"}
    return json.dumps({**ids, "hook_event_name": name, "tool_name": tool, "tool_input": given, **more}).encode()


def read_result(content: str) -> bytes:
    file = {"filePath": "/srv/a.txt", "content": content, "numLines": 1, "startLine": 1, "totalLines": 1}
    return event("PostToolUse", "Read", {"file_path": "/srv/a.txt"}, tool_response={"type": "text", "file": file})


def imports(arguments: list[str], payload: bytes, home: Path) -> tuple[set[str], bytes]:
    """The modules that a bare interpreter with `arguments` imports, and its stdout."""
    command = [sys.executable, "-X", "importtime", "-I", "-S", *arguments]
    environment = {"HOME": str(home), "SECRETGUARD_HOME": str(home / "guard"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, input=payload, env=environment, capture_output=True, timeout=60, check=True)
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines[1:]}, done.stdout


def hook_imports(payload: bytes, home: Path) -> tuple[set[str], bytes]:
    """The modules that the second call of the hook adds to a bare interpreter; the first builds pack and policy."""
    hook = [str(entry.__file__), "claude-code", sysconfig.get_path("platlib")]
    imports(hook, payload, home)
    bare, _ = imports(["-c", "pass"], b"", home)
    used, answer = imports(hook, payload, home)
    return {name for name in used - bare if name.split(".")[0] != "secretguard"}, answer


@pytest.mark.parametrize(
    "payload",
    [
        read_result("nothing to see\n"),
        event("PreToolUse", "Read", {"file_path": "/srv/a.txt"}),
        event("PreToolUse", "Write", {"file_path": "/srv/a.py", "content": "import os\n"}),
        event("PreToolUse", "Write", {"file_path": "/srv/a.py", "content": "[[secret:github-token:0123456789]]"}),
        event("PreToolUse", "Bash", {"command": "git status"}),
        event("PreToolUse", "Bash", {"command": "cd . && ls | head"}),
        event("PreToolUse", "Bash", {"command": "git reset --hard"}),
        event("PostToolUse", "Write", {"file_path": "/srv/a.py", "content": "x"}, tool_response={"filePath": "x"}),
        event("Stop", "", {}),
    ],
    ids=[
        "read result",
        "read",
        "write",
        "placeholder",
        "plain command",
        "parsed command",
        "asked command",
        "written",
        "turn end",
    ],
)
def test_an_ordinary_event_imports_c_modules_and_the_program_alone(payload: bytes, tmp_path: Path) -> None:
    """Without a hit nothing of the standard library is imported but a few C modules."""
    added, _ = hook_imports(payload, tmp_path)
    assert not added & FORBIDDEN
    assert added <= C_MODULES | SMALL


def test_a_finding_imports_nothing_more(tmp_path: Path) -> None:
    """Where there is a secret to confirm, its expression comes from the pack: `re` stays out, too."""
    added, answer = hook_imports(read_result(f"TOKEN={_TOKEN}\n"), tmp_path)
    assert b"[[secret:github-token:" in answer
    assert not added & FORBIDDEN
    assert added <= C_MODULES | SMALL


@pytest.mark.parametrize("paused", [False, True], ids=["accepted", "paused"])
def test_an_acceptance_and_a_pause_import_nothing_more(
    paused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person said is looked up by every event: it must not cost a library."""
    monkeypatch.setenv("SECRETGUARD_HOME", str(tmp_path / "guard"))
    hook_imports(read_result("nothing to see\n"), tmp_path)
    if paused:
        assert kept.write(pause.path_of(), pause.document(600, "dev", "a test"))
    else:
        entry = {"digest": of_user("/srv").everywhere(_TOKEN.encode()), "scope": "project", "project": "/srv"}
        assert kept.write(false_alarms.path_of(), {"entries": [entry]})
    added, answer = hook_imports(read_result(f"TOKEN={_TOKEN}\n"), tmp_path)
    assert b"updatedToolOutput" not in answer
    assert (b"left to the provider" in answer) == paused or not answer
    assert not added & FORBIDDEN
    assert added <= C_MODULES | SMALL
