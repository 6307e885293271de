"""Commands of this program that change the protection itself: a person's to run, not the agent's. Hot path."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.shell.words import Command

_PERSONS = {
    "secretguard": ("install", "uninstall", "baseline create", "baseline update", "gate review", "policy init"),
    "broker": ("approve",),
}
"""Program → the subcommands that loosen, take away or decide. All else (scan, redact, status, run) anyone may use."""


def weakens(command: Command) -> bool:
    """Whether `command` is one of those, called by name, by path or as `python -m`."""
    words = list(command.words)
    program = command.name
    at = next((at for at, word in enumerate(words[:-1]) if word[:1] == "-" != word[1:2] and word[-1] == "m"), 0)
    if program.startswith("python") and at:
        program, words = words[at + 1].split(".")[0], words[at + 1 :]
    wanted = _PERSONS.get(program)
    if not wanted or "--help" in words or "-h" in words:
        return False
    said = " ".join(word for word in words[1:] if not word.startswith("-"))
    return any(said == phrase or said.startswith(phrase + " ") for phrase in wanted)
