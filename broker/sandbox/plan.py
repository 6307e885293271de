"""What one sandboxed command may see: a frozen value, checked before anything is started."""

from __future__ import annotations

import dataclasses
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from importlib import resources

from secretguard.errors import SecretguardError
from secretguard.places import config_dir, state_dir

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAM_TREES = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Where programs and libraries live; visible read-only in every tier (most are links into /usr)."""

ETC_READABLE = (
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates",
    "/etc/pki/ca-trust/extracted",
    "/etc/pki/tls/certs",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/os-release",
    "/etc/protocols",
    "/etc/services",
)
"""The part of /etc that programs need. Never a directory that also holds keys, as /etc/ssl/private does."""

_SYSTEM = ("/etc", "/proc", "/sys", "/dev", "/run", "/boot")
_WHOLE = ("/", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/home", "/root", "/var", "/tmp", "/opt", "/srv", "/mnt")  # noqa: S108
_LONGEST_ROOT = 60
_PLAIN = re.compile(r"[A-Za-z0-9_.+@-]{1,40}")


VARIABLES = ("PATH", "HOME", "LANG", "TERM", "BROKER_TASK_SOCKET", "BROKER_TASK_ID")
"""Every variable of the environment inside; a tier adds none without saying so."""


class SandboxError(SecretguardError):
    """The sandbox cannot be had as asked, so the command is not started. Exit code 2."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """One command and its surroundings.

    All paths are absolute and resolved. `workspace` is writable at its own path, `readable` are further read-only
    paths, `task_socket` is the host's path of the one socket offered inside. `scratch` is a private directory of the
    host for what a tier must keep on disk, removed by whoever made it. `term` and `lang` are the only two variables
    taken from the caller's environment.
    """

    command: tuple[str, ...]
    workspace: str
    task_id: str
    task_socket: str
    readable: tuple[str, ...] = ()
    scratch: str = ""
    term: str = "dumb"
    lang: str = "C.UTF-8"

    def environment(self, home: str, socket: str, programs: str) -> dict[str, str]:
        """Everything that the command finds in its environment. `home`, `socket` and `programs`, the directory of the
        helper program, are as seen from inside."""
        path = f"{PATH}:{programs}"
        return dict(zip(VARIABLES, (path, home, self.lang, self.term, socket, self.task_id), strict=True))


def helper() -> bytes:
    """The program that is `broker` inside: `broker/sandbox/credential.py`."""
    return resources.files("broker.sandbox").joinpath("credential.py").read_bytes()


def make_plan(
    command: Iterable[str],
    workspace: str,
    task_id: str,
    task_socket: str,
    *,
    readable: Iterable[str] = (),
    private: Iterable[str] = (),
    scratch: str = "",
    environ: Mapping[str, str] | None = None,
) -> Plan:
    """Resolve and check all paths.

    `private` are further paths that must not be visible inside (the launcher's socket); this user's config and state
    directories always are private. Raises SandboxError naming the path, and what to give instead.
    """
    seen = os.environ if environ is None else environ
    hidden = tuple(os.path.realpath(path) for path in (config_dir(), state_dir(), *private))
    argv = tuple(command)
    if not argv:
        raise SandboxError("no command given", "broker run TASK -- COMMAND [ARGUMENT...]")
    return Plan(
        command=argv,
        workspace=checked_workspace(workspace, hidden),
        task_id=task_id,
        task_socket=task_socket,
        readable=tuple(_checked_readable(path, hidden) for path in readable),
        scratch=scratch,
        term=_plain(seen.get("TERM"), "dumb"),
        lang=_plain(seen.get("LANG"), "C.UTF-8"),
    )


def temporary_root() -> str:
    """Where private directories with sockets are made: the usual place, or /tmp where that path is so long that a
    socket in it could not be bound (unix(7): 107 bytes)."""
    usual = os.path.realpath(tempfile.gettempdir())
    return usual if len(os.fsencode(usual)) <= _LONGEST_ROOT else "/tmp"  # noqa: S108


def private_directory(prefix: str) -> str:
    """A new directory of mode 0700 below `temporary_root`. Raises SandboxError."""
    try:
        return tempfile.mkdtemp(prefix=prefix, dir=temporary_root())
    except OSError as error:
        repair = "free space there, or set TMPDIR to a directory of yours"
        raise SandboxError(f"no directory can be made in {temporary_root()}: {error.strerror}", repair) from None


def checked_workspace(path: str, hidden: Iterable[str]) -> str:
    """The resolved workspace. Raises SandboxError where it would expose the home directory, the system or `hidden`."""
    real = _existing(path)
    if not os.path.isdir(real):
        raise SandboxError(f"workspace {path} is not a directory", "give the project's directory")
    if any(_within(real, tree) for tree in _SYSTEM) or real in _WHOLE:
        raise SandboxError(f"workspace {real} is part of the system, not a project", "give the project's own directory")
    _refuse_exposing("workspace", real, hidden)
    return real


def _checked_readable(path: str, hidden: Iterable[str]) -> str:
    real = _existing(path)
    if real in _WHOLE or any(_within(real, tree) for tree in ("/proc", "/sys", "/dev", "/run")):
        raise SandboxError(f"--ro-bind {real} would expose the system", "give the one directory that the command needs")
    _refuse_exposing("--ro-bind", real, hidden)
    return real


def _refuse_exposing(what: str, real: str, hidden: Iterable[str]) -> None:
    home = os.path.realpath(os.path.expanduser("~"))
    if _within(home, real):
        raise SandboxError(f"{what} {real} contains the home directory", "give a directory below it")
    if _within(temporary_root(), real):  # where the sockets of other tasks are
        raise SandboxError(f"{what} {real} contains the directory of temporary files", "set TMPDIR to another place")
    for place in hidden:
        if _within(place, real) or _within(real, place):
            raise SandboxError(
                f"{what} {real} would show {place}, which is the broker's own",
                "move the project, or set SECRETGUARD_HOME to a place outside it",
            )


def _existing(path: str) -> str:
    if "\0" in path:
        raise SandboxError("a path with a NUL byte", "give a plain path")
    real = os.path.realpath(path)
    if not os.path.exists(real):
        raise SandboxError(f"{path} does not exist", "create it, or correct the path")
    return real


def _within(path: str, tree: str) -> bool:
    return path == tree or path.startswith(tree.rstrip("/") + "/")


def _plain(value: str | None, fallback: str) -> str:
    return value if value is not None and _PLAIN.fullmatch(value) else fallback
