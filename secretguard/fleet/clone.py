"""A clone to look at and throw away: bare, so that nothing of it is written out as a file or run."""

from __future__ import annotations

import os
import subprocess

from secretguard.errors import ConfigError
from secretguard.fleet.processes import finished
from secretguard.git_settings import options

_OFF = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "credential.interactive": "false",
    "gc.auto": "0",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "http.followRedirects": "initial",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
    "transfer.bundleURI": "false",
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "https:ssh:file",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "LC_ALL": "C",
}
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30"


def clone(url: str, folder: str, whole: bool, deadline: float) -> str:
    """Clone `url` into a new folder below `folder` and return it: every ref where `whole`, else the tip of HEAD alone.

    The user's own git configuration holds (credential helpers, proxies, ssh), but nothing asks and nothing waits for
    longer than `deadline` seconds. Raises ConfigError with git's own last words; they name no credential, because the
    list holds none.
    """
    into = os.path.join(folder, "clone.git")
    how = ["--mirror"] if whole else ["--bare", "--depth=1", "--single-branch", "--no-tags"]
    command = ["git", *options(_OFF), "clone", "--quiet", "--no-local", "--template=", *how, "--", url, into]
    with open(os.path.join(folder, "clone.errors"), "w+b") as errors:
        status = finished(
            lambda: subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                process_group=0,
                env=_environment(),
            ),
            deadline,
            "the clone",
        )
        if status:
            errors.seek(0)
            said = errors.read(65536).decode("utf-8", "replace").strip().splitlines()
            raise ConfigError(f"git clone: {said[-1] if said else f'ended with {status}'}")
    return into


def _environment() -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    plain.setdefault("GIT_SSH_COMMAND", _SSH)
    return plain | _ENVIRONMENT


_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO")
"""Variables of git that say how it reaches the world; those of a repository (GIT_DIR) would lead it astray."""
