"""Where coding agents keep what was said and read, and shells and consoles what was typed: what leaked already.

One row a client: a folder (the variable that moves it, else its place below the home folder) and patterns below it.
Sources: each client's own documentation, 2026-11; Claude Code 2.1.330 was also looked at.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One client's files: `variable` names the folder where it is set, else `folder` below the home does."""

    client: str
    variable: str
    folder: str
    patterns: tuple[str, ...]


_CLAUDE = (
    "projects/**/*.jsonl",
    "projects/**/*.txt",
    "history.jsonl",
    "todos/*.json",
    "shell-snapshots/*",
    "debug/*.txt",
    "file-history/**/*",
    "paste-cache/*",
    "plans/*.md",
)
_CODEX = ("sessions/**/*.jsonl", "archived_sessions/**/*.jsonl", "history.jsonl", "log/*")
_SHELLS = (
    ".bash_history",
    ".zsh_history",
    ".zhistory",
    ".histfile",
    ".sh_history",
    ".local/share/fish/fish_history",
    ".local/share/powershell/PSReadLine/*_history.txt",
    ".local/share/nushell/history.txt",
)
_CONSOLES = (
    ".python_history",
    ".psql_history",
    ".mysql_history",
    ".sqlite_history",
    ".node_repl_history",
    ".rediscli_history",
    ".irb_history",
    ".mongodb/mongosh/*_repl_history",
    ".lesshst",
    ".viminfo",
)

TRANSCRIPTS = (
    Place("claude-code", "CLAUDE_CONFIG_DIR", ".claude", _CLAUDE),
    Place("codex", "CODEX_HOME", ".codex", _CODEX),
    Place("gemini-cli", "GEMINI_CLI_HOME", ".gemini", ("tmp/**/*.json", "tmp/**/*.jsonl", "history/**/*")),
    Place("opencode", "", ".local/share/opencode", ("storage/**/*.json", "log/*", "project/**/*.json")),
    Place("copilot-cli", "COPILOT_HOME", ".copilot", ("session-state/**/*", "history-session-state/**/*", "logs/*")),
    Place("aider", "", "", (".aider.chat.history.md", ".aider.input.history", ".aider.llm.history")),
)

SHELL = "shell"
"""As a client's name: what is typed into shells; `HISTFILE` names one more of its files."""

HISTORIES = (Place(SHELL, "", "", _SHELLS), Place("console", "", "", _CONSOLES))


def found(places: tuple[Place, ...]) -> Iterator[tuple[str, str]]:
    """(client, path) of every file that is there, sorted within each client; links are not followed out."""
    home = os.path.expanduser("~")
    for place in places:
        folder = os.environ.get(place.variable, "") if place.variable else ""
        folder = folder or os.path.join(home, place.folder)
        paths = {
            path
            for pattern in place.patterns
            for path in glob.iglob(os.path.join(glob.escape(folder), pattern), recursive=True, include_hidden=True)
            if os.path.isfile(path) and not os.path.islink(path)
        }
        histfile = os.environ.get("HISTFILE", "")
        if place.client == SHELL and os.path.isfile(histfile):
            paths.add(histfile)
        yield from ((place.client, path) for path in sorted(paths))
