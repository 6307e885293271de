"""The words of `detect-secrets-hook`, as programs that read them expect them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping

from secretguard.peer.child import Entry
from secretguard.terminal import printable

_RED, _BOLD, _RESET = "\x1b[91m", "\x1b[1m", "\x1b[0m"
_WIDTH = 80
_LINK = "https://help.github.com/articles/removing-sensitive-data-from-a-repository"

UPDATED = (
    "The baseline file was updated.\n"
    "Probably to keep line numbers of secrets up-to-date.\n"
    "Please `git add {}`, thank you.\n\n"
)
UNSTAGED = "Your baseline file ({0}) is unstaged.\n`git add {0}` to fix this."


def colours(terminal: bool) -> bool:
    """Whether detect-secrets would colour its words: CLICOLOR and CLICOLOR_FORCE say so."""
    wanted = os.environ.get("CLICOLOR", "1") != "0" and terminal
    return wanted or os.environ.get("CLICOLOR_FORCE", "0") != "0"


def diagnostics(found: Mapping[str, list[Entry]], colour: bool) -> str:
    """The report for a person: type and place of each secret, and what to do."""

    def in_(code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if colour else text

    head = textwrap.fill(in_(_RED, "ERROR: Potential secrets about to be committed to git repo!"), _WIDTH)
    parts = [head, ""]
    for name, entries in found.items():
        for entry in entries:
            place = f"{printable(name)}:{entry.line}"
            parts.append(f"Secret Type: {in_(_BOLD, printable(entry.type))}\nLocation:    {place}\n")
    team = os.environ.get("DETECT_SECRETS_SECURITY_TEAM", "in #security")
    parts.append("Possible mitigations:")
    wrapper = textwrap.TextWrapper(initial_indent="  - ", subsequent_indent="    ", width=_WIDTH)
    parts += [
        wrapper.fill(f"For information about putting your secrets in a safer place, please ask {team}"),
        wrapper.fill(f"Mark false positives with an inline `{in_(_BOLD, 'pragma: allowlist secret')}` comment"),
        "",
        textwrap.fill(f"If a secret has already been committed, visit {_LINK}", _WIDTH),
    ]
    return "\n".join(parts) + "\n"
