"""Install the guard into Claude Code and take it out again: the launcher, the settings file, the way back.

The launcher has one stable path, so that an upgrade of secretguard needs no change of settings; it is what answers
when the Python below it is gone. What the settings were is kept (0600), so that `uninstall` gives the bytes back.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from secretguard.agents import claude_client
from secretguard.agents import claude_settings as settings
from secretguard.errors import ConfigError, SecretguardError
from secretguard.guard.settings import LAUNCHER, record_path
from secretguard.keyed import sha256_hex
from secretguard.places import private_dir, state_dir
from secretguard.whole_file import replace

_LARGEST = 4 * 1024 * 1024

_SCRIPT = """\
#!/bin/sh
# Written by `secretguard install claude-code`. Runs the guard for one event of the client, or refuses.
# An event that is only observed is never refused, whatever happens.
{home}if [ -x {python} ] && [ -r {entry} ]; then
  [ "$2" = observe ] || exec {python} -I -S {entry} "$1" {libraries}
  {python} -I -S {entry} "$1" {libraries}
fi
[ "$2" = observe ] && exit 0
echo "secretguard: the Python that it was installed with is gone, so this was refused. In a terminal: install" \\
  "secretguard again and run 'secretguard install claude-code', or take the hooks out of the client's settings." >&2
exit 2
"""


@dataclass(frozen=True)
class Change:
    """One settings file before and after; `before` is None where there is no file yet."""

    path: Path
    before: bytes | None
    after: bytes


def launcher_path(scope: str) -> Path:
    """Where the launcher of `scope` is: the user's own folder; for managed settings, beside them (root's)."""
    if scope == "managed":
        return settings.settings_path("managed", Path("/")).parent / LAUNCHER
    return Path(state_dir()) / "hooks" / LAUNCHER


def launcher_script() -> str:
    """The launcher's text for the Python that runs now."""
    from secretguard.guard import main as entry

    home = os.environ.get("SECRETGUARD_HOME")
    return _SCRIPT.format(
        home=f"SECRETGUARD_HOME={shlex.quote(home)}; export SECRETGUARD_HOME\n" if home else "",
        python=shlex.quote(sys.executable),
        entry=shlex.quote(os.path.abspath(entry.__file__)),
        libraries=shlex.quote(sysconfig.get_path("platlib")),
    )


def plan_install(scope: str, project: Path) -> Change:
    """What `install` would change. Raises ConfigError for a broken settings file."""
    path = settings.settings_path(scope, project)
    before = read(path)
    return Change(path, before, settings.installed(before or b"", path, launcher_path(scope), claude_client.oldest()))


def plan_uninstall(scope: str, project: Path) -> Change:
    """What `uninstall` would change: the bytes from before the installation where nobody touched the file since."""
    path = settings.settings_path(scope, project)
    now = read(path)
    if now is None:
        return Change(path, None, b"")
    kept = _kept(path)
    if kept is not None and kept[1] == sha256_hex(now):
        return Change(path, now, kept[0] or b"")
    return Change(path, now, settings.removed(now, path))


def install(change: Change, scope: str) -> None:
    """Write the launcher, keep the way back, then the settings. Raises ConfigError when a file cannot be written."""
    launcher = launcher_path(scope)
    if scope == "managed":
        launcher.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    else:
        private_dir(state_dir())
        private_dir(str(launcher.parent))
    write(launcher, launcher_script().encode(), 0o755 if scope == "managed" else 0o700)
    if change.after != (change.before or b""):
        _keep(change)
        write(change.path, change.after, None)


def uninstall(change: Change, scope: str) -> None:
    """Write the settings back, or delete the file that installing made, then remove the launcher."""
    kept = _kept(change.path)
    if kept is not None and kept[0] is None and not change.after:
        change.path.unlink(missing_ok=True)
    elif change.before is not None and change.after != change.before:
        write(change.path, change.after, None)
    _record_path(change.path).unlink(missing_ok=True)
    if scope == "managed" or not any(Path(state_dir(), "clients").glob("*.json")):
        launcher_path(scope).unlink(missing_ok=True)


def read(path: Path) -> bytes | None:
    """A settings file's bytes, None where there is none. Raises ConfigError when it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{path}: larger than {_LARGEST} bytes")
    return data


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


def _record_path(path: Path) -> Path:
    return Path(record_path(str(path)))


def _keep(change: Change) -> None:
    """Remember what was there before the first installation, and what a later one must find to give it back."""
    kept = _kept(change.path)
    before = change.before
    if kept is not None and before is not None and kept[1] == sha256_hex(before):
        before = kept[0]  # installing again over our own work: the way back is the first one
    record = {
        "path": str(change.path),
        "before": None if before is None else base64.b64encode(before).decode(),
        "after_sha256": sha256_hex(change.after),
    }
    private_dir(state_dir())
    private_dir(str(_record_path(change.path).parent))
    write(_record_path(change.path), json.dumps(record).encode(), 0o600)


def _kept(path: Path) -> tuple[bytes | None, str] | None:
    """(bytes before, digest after) of an installation; None where there is no record or it cannot be used."""
    try:
        record = json.loads(_record_path(path).read_bytes())
        before = record["before"]
        return None if before is None else base64.b64decode(before, validate=True), str(record["after_sha256"])
    except (OSError, ValueError, KeyError, TypeError, SecretguardError):
        return None
