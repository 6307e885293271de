"""Where this user's files are. Hot path: imports `os` alone.

`SECRETGUARD_HOME`, when set, holds `config/`, `state/` and `cache/`; otherwise the XDG base directories do
(XDG Base Directory Specification 0.8). Nothing is created here: whoever writes calls `private_dir` first.
"""

from __future__ import annotations

import os

from secretguard.errors import GuardError


def config_dir() -> str:
    """The user's own policy layer and settings."""
    return _place("config", "XDG_CONFIG_HOME", ".config")


def state_dir() -> str:
    """Journal, keys and snapshots: what must survive, readable by this user alone."""
    return _place("state", "XDG_STATE_HOME", ".local/state")


def cache_dir() -> str:
    """What can be built again: the compiled pack and the compiled policy table."""
    return _place("cache", "XDG_CACHE_HOME", ".cache")


def snapshots_dir() -> str:
    """Private copies of files that a write with placeholders is replacing (`guard/snapshots.py`): nearly none."""
    return os.path.join(state_dir(), "snapshots")


fixed: dict[str, str] | None = None
"""The folders of a process that stays and whose environment is its own, once looked up. None, as ever: each time."""


def _place(kind: str, variable: str, fallback: str) -> str:
    if fixed is None:
        return _looked_up(kind, variable, fallback)
    if kind not in fixed:
        fixed[kind] = _looked_up(kind, variable, fallback)
    return fixed[kind]


def _looked_up(kind: str, variable: str, fallback: str) -> str:
    home = os.environ.get("SECRETGUARD_HOME")
    if home:
        return os.path.join(home, kind)
    base = os.environ.get(variable) or ""
    if not os.path.isabs(base):  # the specification: a relative value is to be ignored
        base = os.path.join(os.path.expanduser("~"), fallback)
    return os.path.join(base, "secretguard")


def private_dir(path: str) -> str:
    """Create `path` with mode 0700 if it is missing and return it.

    Raises GuardError when it belongs to another user or is writable by others: what lies in it would not be ours.
    """
    if not os.path.isdir(path):  # asked first: it is there nearly always
        os.makedirs(path, mode=0o700, exist_ok=True)
    info = os.stat(path)
    if info.st_uid != os.geteuid() or info.st_mode & 0o022:
        raise GuardError(f"{path} is not private to this user", f"chown it to uid {os.geteuid()} and chmod 700 it")
    return path
