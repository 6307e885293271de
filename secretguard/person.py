"""Whether a person is at the terminal: for what a coding agent must not do for itself, such as loosening its guard.

Signs, not proof: a terminal in the foreground, and no mark of an agent's client in the environment of this process or
of those that started it. Whoever runs programs as this user can get round each of them (THREATS.md says how far it
holds); what cannot be got round by accident is enough against an agent that follows its nose. Off the hot path.
"""

from __future__ import annotations

import contextlib
import os
import pwd

from secretguard.audit.journal import user_journal
from secretguard.errors import ConfigError, GuardError
from secretguard.platforms.here import environments_above

MARKS = ("CLAUDECODE", "AI_AGENT", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ID", "BROKER_TASK_ID")
"""Variables that a client sets for what it runs (measured on Claude Code 2.1.330), and that of a sandbox's task."""

_FIX = "run it in a terminal of your own, outside of the agent's client: what loosens the guard is a person's to do"


def must_be_there(command: str) -> None:
    """Raises ConfigError, recorded, unless a person seems to have typed `command` in a terminal."""
    _refuse(command, marked() or _not_there())


def must_not_be_an_agent(command: str) -> None:
    """Raises ConfigError, recorded, where an agent's client started this; a script of a person's may."""
    _refuse(command, marked())


def _refuse(command: str, reason: str) -> None:
    if not reason:
        return
    fields: dict[str, object] = {"command": command, "reason": reason, "rule": "persons-only"}
    with contextlib.suppress(GuardError):  # it is refused with a record or without
        user_journal().append("guard:settings:denied", {**fields, "outcome": "did not leave"})
    raise ConfigError(f"`{command}` needs a person: {reason}", _FIX)


def marked() -> str:
    """Which process an agent's client started, this one or one above; "" where there is no sign of that."""
    marks = [mark for mark in MARKS if os.environ.get(mark)]
    if marks:
        return f"{marks[0]} is set, so an agent's client started this"
    for environment in environments_above(os.getpid()):
        names = {item.partition(b"=")[0] for item in environment.split(b"\0")}
        found = [mark for mark in MARKS if mark.encode() in names]
        if found:
            return f"a process that started this has {found[0]} set, as an agent's client does"
    return ""


def _not_there() -> str:
    """Why this is no person's terminal; "" where nothing speaks against it."""
    if not (os.isatty(0) and os.isatty(2)):
        return "this is no terminal"
    try:
        if os.tcgetpgrp(0) != os.getpgrp():
            return "it runs in the background of the terminal"
    except OSError:
        return "it has no terminal of its own"
    return ""


def name() -> str:
    """Who this is: git's user.email in this folder, else the login name."""
    from secretguard.source.git import Git

    try:
        done = Git().run("config", "--get", "user.email")
    except ConfigError:  # no git here
        return _login()
    return done.stdout.decode("utf-8", "replace").strip() or _login()


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user often has no name
        return f"uid {os.getuid()}"
