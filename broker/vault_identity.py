"""How the broker logs in to Vault: an AppRole whose two halves lie in private files, or a token given on purpose.

Nothing is taken from the environment and nothing from the home folder. The files are read at each login, so that a
rotated secret id is picked up without a restart.
"""

from __future__ import annotations

import dataclasses
import os
import re
import stat

from secretguard.errors import ConfigError
from secretguard.secret import Secret

FILE_CAP = 4096
_PRINTABLE = re.compile(r"[!-~]+")


def private_text(path: str) -> Secret:
    """The one line in a file that only its owner may read. Raises ConfigError, naming the file and what to change."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", "`broker vault setup` writes it") from None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode) or info.st_mode & 0o077:
            raise ConfigError(f"{path}: others may read it, or it is no regular file", f"chmod 600 {path}")
        if info.st_uid not in (0, os.geteuid()):
            raise ConfigError(f"{path}: belongs to another user", f"chown it to uid {os.geteuid()}")
        raw = os.read(handle, FILE_CAP + 1)
    finally:
        os.close(handle)
    text = raw.decode("ascii", errors="replace").strip()
    if len(raw) > FILE_CAP or not _PRINTABLE.fullmatch(text):
        raise ConfigError(f"{path}: is not one line of printable characters", "write the value alone into it")
    return Secret(text)


@dataclasses.dataclass(frozen=True, slots=True)
class AppRole:
    """Role id and secret id in files of mode 0600. `mount` is where the approle method lies."""

    role_id_file: str
    secret_id_file: str
    mount: str = "approle"

    def login(self) -> tuple[tuple[str, ...], dict[str, object]]:
        body: dict[str, object] = {
            "role_id": private_text(self.role_id_file).reveal(),
            "secret_id": private_text(self.secret_id_file).reveal(),
        }
        return ("auth", *self.mount.strip("/").split("/"), "login"), body

    def token(self) -> Secret:
        raise AssertionError("an AppRole logs in")


@dataclasses.dataclass(frozen=True, slots=True)
class TokenFile:
    """A token in a file of mode 0600, such as a Vault Agent's sink. Read again when Vault refuses the old one."""

    path: str

    def login(self) -> None:
        return None

    def token(self) -> Secret:
        return private_text(self.path)


@dataclasses.dataclass(frozen=True, slots=True)
class FixedToken:
    """A token held in memory: an administrator's for `vault setup`, a development server's in tests."""

    value: Secret

    def login(self) -> None:
        return None

    def token(self) -> Secret:
        return self.value
