"""The demo's first half: scan, the guard on recorded events, the guard's record."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path

from scripts import sample_project
from scripts.stage import Stage, check, say


def scan(stage: Stage) -> None:
    """Every planted credential is found at its exact span; references and examples are not."""
    stage.run("secretguard", "scan", "shop", expect=1, lines=14)
    report = json.loads(stage.run("secretguard", "scan", "--format", "json", "shop", expect=1, quiet=True).stdout)
    spans = set()
    for finding in report["findings"]:
        content = (stage.folder / finding["path"]).read_bytes()
        spans.add(content[finding["start_offset"] : finding["end_offset"]].decode().strip())
    check(spans == set(stage.planted.values()), f"exactly the {len(stage.planted)} planted credentials, nothing else")


def install(stage: Stage) -> None:
    """The hooks go into the client's settings, as a user would put them there."""
    stage.run("secretguard", "install", "claude-code", "--scope", "user", lines=14)
    check(settings(stage).exists(), "the client's settings name the hooks")


def events(stage: Stage) -> None:
    """A recorded session goes through the very process that the client would start; before and after are shown."""
    for name, event in sample_project.events(stage.project, stage.planted):
        payload = json.loads(event)
        command = hook_command(stage, payload["hook_event_name"], payload["tool_name"])
        say("")
        say(f"  {payload['hook_event_name']} {payload['tool_name']}: {_about(stage, payload)}", "1")
        done = stage.run(*command, stdin=event, quiet=True, cwd=stage.project, expect=0)
        answer = json.loads(done.stdout)["hookSpecificOutput"] if done.stdout.strip() else {}
        CHECKS[name](payload, answer)
    check(True, "no answer held a planted credential")


def record(stage: Stage) -> None:
    """The journal of the session is consistent, and each kind of meddling with a copy is told apart."""
    stage.run("secretguard", "audit", "tail", "-n", "6", lines=6)
    pin = stage.folder / "pin.json"
    pin.write_text(stage.run("secretguard", "audit", "pin", lines=2).stdout)
    stage.run("secretguard", "audit", "verify", "--pin", str(pin), lines=4)
    journal = Path(stage.environment["SECRETGUARD_HOME"]) / "state" / "audit"
    for what, change, status in (("edited", _edit, 1), ("cut", _cut, 2)):
        copy = stage.folder / f"audit-{what}"
        shutil.copytree(journal, copy)
        change(next(copy.glob("*.jsonl")))
        say("")
        say(f"  a copy of the record, one line {what}:")
        stage.run("secretguard", "audit", "verify", "--journal", str(copy), expect=status, lines=4)
    check(True, "the edited and the cut-off copy are caught, and told apart")


def settings(stage: Stage) -> Path:
    """The client's user settings in the demo's home."""
    return Path(stage.environment["HOME"]) / ".claude" / "settings.json"


def hook_command(stage: Stage, event: str, tool: str) -> list[str]:
    """What the client would run for an event, read from its settings."""
    for entry in json.loads(settings(stage).read_text())["hooks"][event]:
        if entry.get("matcher", "") in ("", "*") or re.fullmatch(entry["matcher"], tool):
            hook = entry["hooks"][0]
            return [hook["command"], *hook["args"]] if "args" in hook else ["/bin/sh", "-c", hook["command"]]
    raise LookupError(f"no hook for {event} {tool}")


def _about(stage: Stage, payload: dict[str, dict[str, str]]) -> str:
    given = payload["tool_input"]
    return (given.get("command") or given["file_path"]).replace(str(stage.project) + "/", "")


def _redacted(payload: dict[str, object], answer: dict[str, object]) -> None:
    before, after = _text(payload["tool_response"]), _text(answer["updatedToolOutput"])
    for old, new in zip(before.splitlines(), after.splitlines(), strict=True):
        if old != new:
            say(f"    before  {_masked(old, new)}", "31")
            say(f"    after   {new}", "32")
    check("[[secret:" in after and len(before.splitlines()) == len(after.splitlines()), "only the secrets changed")


def _text(response: object) -> str:
    assert isinstance(response, dict)
    return str(response["file"]["content"] if "file" in response else response["stdout"])


def _masked(old: str, new: str) -> str:
    """The line before, with all but the first characters of what was replaced as dots: a demo prints no secret."""
    head = new.split("[[secret:")[0]
    tail = new.split("]]")[-1]
    hidden = old[len(head) : len(old) - len(tail)]
    return head + hidden[:7] + "." * max(len(hidden) - 7, 3) + tail


def _refused(_: dict[str, object], answer: dict[str, object]) -> None:
    reason = str(answer.get("permissionDecisionReason", ""))
    _decision(answer)
    check(answer.get("permissionDecision") == "deny" and bool(reason), "refused, with a way on")


def _decision(answer: dict[str, object]) -> None:
    text = f"{answer.get('permissionDecision')}: {answer.get('permissionDecisionReason')}"
    for line in textwrap.wrap(text, 110, initial_indent="    ", subsequent_indent="      "):
        say(line, "33")


def _asked(_: dict[str, object], answer: dict[str, object]) -> None:
    _decision(answer)
    check(answer.get("permissionDecision") == "ask", "put before the person at the client")


def _passed(_: dict[str, object], answer: dict[str, object]) -> None:
    check(answer.get("permissionDecision", "allow") == "allow", "goes ahead without a question")


CHECKS = {
    "1-read-env": _redacted,
    "2-bash-prints": _redacted,
    "3-write-literal": _refused,
    "4-print-environment": _refused,
    "5-destroy": _asked,
    "6-plain": _passed,
}
"""Recorded event → what must come of it under the default policy."""


def _edit(journal: Path) -> None:
    """Somebody would rather have had a harmless record: redacted becomes allowed."""
    journal.write_bytes(journal.read_bytes().replace(b"guard:read:redacted", b"guard:read:allowed", 1))


def _cut(journal: Path) -> None:
    """Somebody would rather not have had the last record."""
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
