"""Commands of this program that change the protection itself: a person's to run, not the agent's. Hot path."""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from secretguard.shell.words import Command

_PERSONS = {
    "secretguard": (
        "install",
        "uninstall",
        "accept",
        "pause",
        "baseline create",
        "baseline update",
        "baseline accept",
        "gate review",
        "known forget",
        "policy init",
        "audit erase",
        "audit prune",
    ),
    "broker": ("approve",),
}
"""Program → the subcommands that loosen, take away or decide. All else (scan, redact, status, run) anyone may use."""
_LOOKING = {"accept": "--list", "pause": "--end", "install": "--print", "uninstall": "--print"}
"""Subcommand → the option with which it only looks, or makes the guard stricter."""
_CARRIERS = frozenset({"tmux", "screen", "script", "expect", "at", "batch", "systemd-run", "socat", "xterm", "crontab"})
"""Programs that run a text of their arguments, or of their input, in a terminal or at a time of their own."""
_LOOSENING = ("accept", "pause", "uninstall", "false_alarms")
_TERMINALS = ("argv", "runpy", "spawn", "subprocess", "system", "popen", "exec")


def weakens(command: Command) -> bool:
    """Whether `command` is one of those, called by name, by path or as `python -m`; or carries one elsewhere. What
    cannot be told of this program's own name or subcommand counts as one of them."""
    words = list(command.words)
    program = command.name
    at = next((at for at, word in enumerate(words[:-1]) if word[:1] == "-" != word[1:2] and word[-1] == "m"), 0)
    if program.startswith("python") and at:
        program, words = words[at + 1].split(".")[0], words[at + 1 :]
    if program in _CARRIERS:
        return weakens_text(" ".join((*words[1:], command.body))) or _typed(words)
    if words and not program:
        return _named(words, _PERSONS["secretguard"]) and len(words) > 2
    wanted = _PERSONS.get(program)
    if not wanted or _asks(words, "--help") or _asks(words, "-h"):
        return False
    first = next((word for word in words[1:] if not word.startswith("-")), "")
    return UNKNOWN in first or _named(words, wanted)


def _named(words: list[str], wanted: tuple[str, ...]) -> bool:
    given = [word for word in words[1:] if not word.startswith("-")]
    if not given or _asks(words, _LOOKING.get(given[0], "")):
        return False
    said = " ".join(given)
    return any(said == phrase or said.startswith(phrase + " ") for phrase in wanted)


def _typed(words: list[str]) -> bool:
    """Whether the words, typed one after another as `tmux send-keys` does, spell one of those commands."""
    typed = "".join(word for word in words[1:] if word != "Space").replace(" ", "")
    return any(f"{program}{phrase.replace(' ', '')}" in typed for program, all_ in _PERSONS.items() for phrase in all_)


def _asks(words: list[str], option: str) -> bool:
    """Whether `option` is given, and not as what may be the value of the option before it: `--why --help`."""
    return any(word == option and words[at][:1] != "-" for at, word in enumerate(words[1:]))


def weakens_text(text: str) -> bool:
    """Whether a text that is to be run would have a program of ours loosen the guard, as far as its words tell."""
    said = " ".join(text.replace("'", " ").replace('"', " ").split())
    return any(f"{program} {phrase}" in said for program, phrases in _PERSONS.items() for phrase in phrases)


def weakens_code(code: str) -> bool:
    """Whether program text would: it names this program, what loosens the guard, and a way to run it."""
    if "secretguard" not in code or not any(word in code for word in _LOOSENING):
        return False
    return "import" in code or any(way in code for way in _TERMINALS)
