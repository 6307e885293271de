"""What keeps git from running what a repository names, and from fetching: one list for all who ask git questions.

On the command line (`-c`) a setting wins over every file. Sources: git-config(1), git(1), git 2.39.
"""

from __future__ import annotations

import os

NOTHING_RUNS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
    "core.pager": "cat",
    "core.editor": "true",
    "core.askPass": "true",
    "core.sshCommand": "false",
    "core.gitProxy": "",
    "core.alternateRefsCommand": "true",
    "credential.helper": "",
    "diff.external": "",
    "gpg.program": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
}
"""Settings that name programs, or that start work of git's own."""

NOTHING_FETCHED = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
"""Environment: no transport, no question, no lock; objects are what they are. A missing object is missing."""


def options(settings: dict[str, str]) -> list[str]:
    """`settings` as arguments of git."""
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
