"""The program that the client's settings name: a small `sh` script at a stable path, and the way out beside it.

An upgrade of secretguard needs no change of settings. The script never lies in an environment of Python, so it is there
to answer when the Python below it is gone: with the client's failure answer and the one command that takes the guard
out, which needs nothing of this package either.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

from secretguard.agents import claude_removal, json_text
from secretguard.errors import ConfigError
from secretguard.guard import main as entry
from secretguard.guard.hook import HOST_TIMEOUT
from secretguard.guard.settings import LAUNCHER
from secretguard.places import cache_dir, config_dir, private_dir, state_dir
from secretguard.platforms.here import MANAGED_CLAUDE_SETTINGS
from secretguard.whole_file import replace
from secretguard.wrapper import launcher as shell

REMOVER = "remove-claude-code"
_COPIES = tuple(str(module.__file__) for module in (claude_removal, json_text))
_FILES = (LAUNCHER, shell.NAME, REMOVER, *map(os.path.basename, _COPIES))

_LAUNCHER = """\
#!/bin/sh
# Written by `secretguard install claude-code`. Runs the guard for one event of the client, or refuses.
# An event that is only observed is never refused, whatever happens. One that is held back is kept here as well: a
# guard that is killed or stopped while it looks at a result cannot answer for it.
{pins}if [ -x {python} ] && [ -r {entry} ]; then
  if [ "$2" = held ]; then
    event=$(cat)
    printf %s "$event" | {in_time}{python} -I -S {entry} "${{1:-claude-code}}" {libraries}
  else
    {python} -I -S {entry} "${{1:-claude-code}}" {libraries}
  fi
  status=$?
  case $status in 0 | 2) [ "$2" = observe ] && exit 0; exit $status ;; esac
fi
[ "$2" = observe ] && exit 0
remover={remover}
event=${{event:-$(cat)}}
case $event in
  *'"hook_event_name":"PreToolUse"'*) ;;
  *'"hook_event_name":"PostToolUse"'*'"tool_name":"Bash"'*)
    printf '{answer}' '{{"stdout":"[withheld: secretguard cannot run]","stderr":"","interrupted":false}}'
    exit 0 ;;
  *'"hook_event_name":"PostToolUse"'*'"tool_name":"Read"'*)
    file='{{"filePath":"","content":"[withheld: secretguard cannot run]","numLines":1,"startLine":1,"totalLines":1}}'
    printf '{answer}' "{{\\"type\\":\\"text\\",\\"file\\":$file}}"
    exit 0 ;;
  *'"hook_event_name":"PostToolUse"'*'"tool_name":"Grep"'*)
    found='"mode":"content","numFiles":0,"filenames":[],"content":"[withheld: secretguard cannot run]","numLines":1'
    printf '{answer}' "{{$found}}"
    exit 0 ;;
  *'"hook_event_name":"PostToolUse"'*'"tool_name":"Glob"'*)
    found='"filenames":["[withheld: secretguard cannot run]"],"durationMs":0,"numFiles":1,"truncated":false'
    printf '{answer}' "{{$found}}"
    exit 0 ;;
  *'"hook_event_name":"PostToolUse"'*'"tool_name":"mcp__'*)
    printf '{answer}' '"[withheld: secretguard cannot run]"'
    exit 0 ;;
esac
printf '%s\\n' \\
  "secretguard: its Python is gone or broken, so this was refused. In a terminal, this takes the guard out:" \\
  "  sh '$remover'" "or install secretguard again, then: secretguard install claude-code" >&2
exit 2
"""
PATIENCE = HOST_TIMEOUT * 2 // 3
"""Seconds after which the launcher answers for a guard that should have done so long ago (`hook.DEADLINE`)."""
MARKET = "marketplace"
"""Folder beside the launcher from where the client loads the plugin, if it is installed."""
_ANSWER = '{"hookSpecificOutput":{"hookEventName":"PostToolUse","updatedToolOutput":%s}}\\n'

_REMOVER = """\
#!/bin/sh
# Written by `secretguard install claude-code`. Takes the guard out of the client's settings; needs no secretguard.
if [ -n "$CLAUDECODE$AI_AGENT" ]; then
  echo "secretguard: an agent does not remove its own protection; run this in a terminal" >&2
  exit 2
fi
for python in python3 python; do
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null || continue
  "$python" {removal} {records}
  status=$?
  [ $status = 0 ] && rm -rf {files}
  exit $status
done
status=0
for undo in {records}/*.undo; do
  [ -f "$undo" ] || continue
  {{ read -r digest; IFS= read -r path; }} <"$undo"
  now=$({{ sha256sum "$path" || shasum -a 256 "$path"; }} 2>/dev/null | cut -d' ' -f1)
  record=${{undo%.undo}}
  if [ "$now" = "$digest" ]; then
    if [ -f "$record.before" ]; then cat "$record.before" >"$path"; else rm -f "$path"; fi &&
      rm -f "$record.before" "$record.json" "$undo" && echo "$path is what it was before" || status=1
  else
    echo "$path was changed since: take the hooks with {launcher} out of it in an editor" >&2
    status=1
  fi
done
[ $status = 0 ] && rm -rf {files}
exit $status
"""


def launcher_path(scope: str) -> Path:
    """Where the launcher of `scope` is: the user's own folder; for managed settings, beside them (root's)."""
    if scope == "managed":
        return Path(MANAGED_CLAUDE_SETTINGS).parent / LAUNCHER
    return Path(state_dir()) / "hooks" / LAUNCHER


def launcher_script(scope: str) -> str:
    """The launcher's text for the Python that runs now."""
    timeout = shutil.which("timeout")
    return _LAUNCHER.format(
        pins=pins(scope),
        in_time=f"{shlex.quote(timeout)} --foreground -s KILL {PATIENCE} " if timeout else "",
        python=shlex.quote(sys.executable),
        entry=shlex.quote(os.path.abspath(entry.__file__)),
        libraries=shlex.quote(sysconfig.get_path("platlib")),
        remover=shlex.quote(str(launcher_path(scope).with_name(REMOVER))),
        answer=_ANSWER,
    )


def pins(scope: str) -> str:
    """The lines that hold the guard to the places it was installed with: settings of a repository may set variables
    for hooks, and must not lead the guard to another policy or journal. Managed: to those below each user's home."""
    home = os.environ.get("SECRETGUARD_HOME")
    if home:
        return f"SECRETGUARD_HOME={shlex.quote(os.path.abspath(home))}; export SECRETGUARD_HOME\n"
    places = {"XDG_CONFIG_HOME": config_dir(), "XDG_STATE_HOME": state_dir(), "XDG_CACHE_HOME": cache_dir()}
    if scope == "managed":
        return f"unset SECRETGUARD_HOME {' '.join(places)}\n"
    settings = "; ".join(f"{name}={shlex.quote(os.path.dirname(place))}" for name, place in places.items())
    return f"unset SECRETGUARD_HOME; {settings}; export {' '.join(places)}\n"


def refuse_throwaway() -> None:
    """Raise ConfigError, with the command that makes a lasting one, where this Python lies in what its tool
    deletes by itself: `uvx`, `pipx run` or pre-commit."""
    here = os.path.realpath(sys.prefix)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    local = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    pipx = os.environ.get("PIPX_HOME") or os.path.join(local, "pipx")
    passing = {
        "uvx": os.environ.get("UV_CACHE_DIR") or os.path.join(cache, "uv"),
        "pipx run": os.path.join(pipx, ".cache"),
        "pre-commit": os.environ.get("PRE_COMMIT_HOME") or os.path.join(cache, "pre-commit"),
    }
    for name, folder in passing.items():
        if here.startswith(os.path.realpath(folder) + os.sep):
            raise ConfigError(
                f"this secretguard lies where {name} deletes it again ({here}), and the client's hooks would be lost",
                "uv tool install secretguard && secretguard install claude-code",
            )


def write_launcher(scope: str, records: str) -> None:
    """Write the hooks' launcher and the shell's, the way out, and the two files that it needs. Raises ConfigError."""
    launcher = launcher_path(scope)
    folder = launcher.parent
    if scope == "managed":
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    else:
        private_dir(state_dir())
        private_dir(str(folder))
    for source in _COPIES:
        write(folder / os.path.basename(source), Path(source).read_bytes(), 0o644)
    remover = _REMOVER.format(
        removal=shlex.quote(str(folder / os.path.basename(_COPIES[0]))),
        records=shlex.quote(records),
        launcher=shlex.quote(str(launcher)),
        files=shlex.join(str(folder / name) for name in (*_FILES, MARKET)),
    )
    write(folder / REMOVER, remover.encode(), 0o755)
    mode = 0o755 if scope == "managed" else 0o700
    write(folder / shell.NAME, shell.script(), mode)
    write(launcher, launcher_script(scope).encode(), mode)


def remove_launcher(scope: str) -> None:
    """Delete what `write_launcher` wrote, and the folder if nothing else is in it."""
    launcher = launcher_path(scope)
    for name in _FILES:
        launcher.with_name(name).unlink(missing_ok=True)
    shutil.rmtree(launcher.with_name("__pycache__"), ignore_errors=True)
    try:
        launcher.parent.rmdir()
    except OSError:
        return  # something of somebody else is in it


def write(path: Path, data: bytes, mode: int | None) -> None:
    """Replace a file whole or not at all; `mode` None keeps the mode it has (0600 for a new one)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        replace(str(path), data, mode=mode, durable=True)
    except OSError as error:
        fix = "run it with sudo" if isinstance(error, PermissionError) else ""
        raise ConfigError(f"{path}: {error.strerror}", fix) from None
