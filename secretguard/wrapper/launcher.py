"""The shell prefix of Claude Code (`CLAUDE_CODE_SHELL_PREFIX`): the small script by which it starts its commands.

The client gives it one argument, a command line, for everything that it runs through a shell (measured on 2.1.121,
2.1.197 and 2.1.330). Commands (of Bash, `!command`, a slash command) run in the shell that the client chose, which is
`SHELL` in their environment, and their output is redacted. Hooks in shell form, the status line and servers are the
client's own talk with its programs, told by `AI_AGENT` ending in `harness`: they run as if there were no prefix.
"""

from __future__ import annotations

import os
import shlex
import sys
import sysconfig
from pathlib import Path, PurePath

from secretguard.errors import ConfigError

VARIABLE = "CLAUDE_CODE_SHELL_PREFIX"
"""The key in `env` of the client's settings."""
NAME = "secretguard-shell"
"""File name of the launcher; a prefix of this name is ours, wherever it was installed."""

_SCRIPT = """\
#!/bin/sh
# Written by `secretguard install claude-code`: the client starts its shell commands by this (one argument: the line).
# Their output is redacted; what is not a command runs as if this were not here.
{home}shell=bash
case ${{SHELL-}} in *bash | *zsh) [ -x "$SHELL" ] && shell=$SHELL ;; esac
case $1 in
  *' pwd -P >| '*) ;;
  *)
    case ${{AI_AGENT-}} in *[_/]harness)
      read -r above 2>/dev/null <"/proc/$PPID/comm"
      case $above in sh | dash | ash | busybox) exec /bin/sh -c "$1" ;; esac
      command -v bash >/dev/null && exec bash -c "$1"
      exec /bin/sh -c "$1"
    esac
esac
if [ -x {python} ] && [ -r {entry} ]; then
  exec {python} -I -S {entry} {libraries} "$shell" "$1"
fi
"$shell" -c "$1" >/dev/null 2>&1
status=$?
echo "[secretguard withheld this output: the Python that it was installed with is gone. In a terminal: install" \\
  "secretguard again and run 'secretguard install claude-code', or take {variable} out of the settings.]" >&2
exit $status
"""


def script() -> bytes:
    """The launcher's text for the Python that runs now."""
    from secretguard.wrapper import main as entry

    home = os.environ.get("SECRETGUARD_HOME")
    return _SCRIPT.format(
        home=f"SECRETGUARD_HOME={shlex.quote(home)}; export SECRETGUARD_HOME\n" if home else "",
        python=shlex.quote(sys.executable),
        entry=shlex.quote(os.path.abspath(entry.__file__)),
        libraries=shlex.quote(sysconfig.get_path("platlib")),
        variable=VARIABLE,
    ).encode()


def prefix(launcher: PurePath) -> str:
    """What the setting says for a launcher at this absolute path.

    Raises ConfigError for a path of which the client would take a part for options: it cuts at the last " -".
    """
    if " -" in str(launcher):
        raise ConfigError(f"{launcher}: Claude Code cannot start a program in a folder named so", "rename the folder")
    return str(launcher)


def is_ours(value: object) -> bool:
    """Whether a value of the setting is this launcher, installed anywhere."""
    return isinstance(value, str) and Path(value).name == NAME


def others(settings: dict[str, object], environment: dict[str, str]) -> str:
    """The prefix that is not ours, in the settings or else in the environment of the client; "" where there is none.

    Theirs is never overwritten: two prefixes cannot be in force at once, so ours is not, and whoever asks says so.
    """
    env = settings.get("env")
    value = env.get(VARIABLE) if isinstance(env, dict) else None
    value = value or environment.get(VARIABLE)
    return str(value) if value and not is_ours(value) else ""
