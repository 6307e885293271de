"""Events of the client as bytes, made-up secrets, and the answer of the guard in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from secretguard.agents.event import Answer
from secretguard.audit import reader
from secretguard.audit.journal import FILE
from secretguard.guard.hook import respond

TOKEN = "ghp_" + "Zk3Qm8Lw0Rt5Yp2" + "Hn7Vb4Xc9Ds6Fg1Aj1Ku3"
OTHER = "glpat-" + "Zk3Qm8Lw0Rt5" + "Yp2Hn7Vb"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "".join(f"Mq{i:02d}" + "aB3dE5fG7h" * 6 + "\n" for i in range(12))
KEY += "-----END RSA " + "PRIVATE KEY-----\n"
VERSION = "claude-code_2-1-330_harness"
IDS = {"session_id": "session", "prompt_id": "prompt", "tool_use_id": "call"}


def payload(name: str, cwd: Path, **fields: object) -> bytes:
    """One event named `name`."""
    return json.dumps({**IDS, "cwd": str(cwd), "hook_event_name": name, **fields}).encode()


def ask(name: str, cwd: Path, **fields: object) -> Answer:
    """The guard's answer to one event in the project `cwd`."""
    return respond(payload(name, cwd, **fields), {"AI_AGENT": VERSION, "CLAUDE_PROJECT_DIR": str(cwd)})


def before(cwd: Path, tool: str, **given: object) -> tuple[str, str]:
    """(decision, reason) of the guard about one call of `tool`; ("", "") when it has no objection."""
    answer = ask("PreToolUse", cwd, tool_name=tool, tool_input=given)
    assert answer.status == 0, answer.stderr
    assert answer.stderr == ""
    if not answer.stdout:
        return "", ""
    said = json.loads(answer.stdout).get("hookSpecificOutput", {"hookEventName": "PreToolUse"})
    assert said["hookEventName"] == "PreToolUse"
    return said.get("permissionDecision", ""), said.get("permissionDecisionReason", "")


def after(cwd: Path, tool: str, response: object, **given: object) -> Any:
    """The result that the guard shows in place of `response`; None when it leaves it."""
    answer = ask("PostToolUse", cwd, tool_name=tool, tool_input=given, tool_response=response)
    assert answer.status == 0, answer.stderr
    return json.loads(answer.stdout)["hookSpecificOutput"]["updatedToolOutput"] if answer.stdout else None


def records(event: str = "") -> list[dict[str, Any]]:
    """The journal's records, of one event or all."""
    journal = Path(os.environ["SECRETGUARD_HOME"], "state", "audit")
    found = list(reader.records(str(journal))) if (journal / FILE).exists() else []
    return [record for record in found if not event or record["event"] == event]


def shape(value: object) -> object:
    """The structure of a JSON value without its texts."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__ if isinstance(value, str) else value
