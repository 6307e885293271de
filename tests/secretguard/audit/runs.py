"""Records of a made-up run, as the guard writes them, for the tests of timeline and story."""

from __future__ import annotations

from secretguard.audit.record import Record


class Run:
    """Collects records; each is a tenth of a second after the one before."""

    def __init__(self, session: str = "s1") -> None:
        self.records: list[Record] = []
        self.session = session
        self.add("journal:file:started", ids=False, host="vm", uid=1000)

    def add(self, event: str, ids: bool = True, **fields: object) -> None:
        """One record; with the session's ids unless `ids` is False."""
        seq = len(self.records) + 1
        named = {"client": "claude-code", "session_id": self.session, "client_version": "2.1.330"} if ids else {}
        moment = f"2026-11-25T01:{seq // 600:02d}:{seq // 10 % 60:02d}.{seq % 10}00Z"
        self.records.append({"v": 1, "seq": seq, "time": moment, "event": event, **named, **fields})

    def call(self, use: str, tool: str, before: str, after: str = "", **fields: object) -> None:
        """A tool call: its decision and, unless `after` is empty, what became of its result."""
        said = {"tool": tool, "tool_use_id": use}
        phase = {"phase": "before"} if tool == "Read" else {}
        shared = {key: fields[key] for key in ("command", "path", "agent_id") if key in fields}
        self.add(before, **said, **phase, rule="a-rule", **shared)
        if after:
            self.add(after, **said, **fields)


def example() -> Run:
    """One of everything."""
    run = Run()
    run.add("guard:prompt:allowed", outcome="left")
    found = {"rules": ["github-token"], "count": 2, "secrets": ["a" * 16, "b" * 16]}
    run.call("c1", "Read", "guard:read:allowed", "guard:read:redacted", path=".env", outcome="did not leave", **found)
    run.call("c2", "Bash", "guard:command:asked", "guard:read:allowed", command="git reset --hard", outcome="left")
    run.call("c3", "Bash", "guard:command:asked", command="git clean -fdx")
    run.call("c4", "Bash", "guard:command:denied", command="env")
    exposed = {"rules": ["github-token"], "count": 1, "outcome": "left"}
    run.call("c5", "Bash", "guard:command:allowed", "guard:read:exposed", command="make deploy", **exposed)
    run.call("c6", "Write", "guard:write:allowed", "guard:read:allowed", path="a.py", outcome="left", agent_id="sub")
    run.call("c7", "mcp__x__y", "guard:command:allowed", "guard:read:withheld", outcome="cannot tell")
    run.add("journal:record:missing", ids=False, count=2)
    run.add("guard:event:unreadable", ids=False, reason="the event is not JSON", outcome="cannot tell")
    key = {"secrets": ["c" * 16]}
    run.add(
        "guard:prompt:denied", path="key.pem", rule="secret-in-mentioned-file", rules=["private-key"], count=1, **key
    )
    return run
