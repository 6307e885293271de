"""Writing our hooks beside those that are there, and giving the place back byte for byte."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from secretguard.errors import ConfigError
from secretguard.githooks import shim
from secretguard.githooks.place import configured, global_folder, same
from secretguard.places import config_dir, private_dir
from secretguard.source.git import Git
from secretguard.whole_file import replace


@dataclass(slots=True)
class Done:
    """What was changed in `folder`: hooks written, hooks that stood there and are run by ours, hooks removed, hooks
    given back, and hooks that are not ours and were left alone."""

    folder: str
    written: list[str] = field(default_factory=list)
    chained: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def install(folder: str, names: Iterable[str] = shim.CLIENT, command: str = "install git") -> Done:
    """Put our hooks into `folder`; one that stands there is kept beside and run by ours. Safe to repeat.

    Raises ConfigError where a file cannot be written, or where a hook is in the way of the one that is kept already.
    """
    done = Done(folder)
    for name in names:
        hook = os.path.join(folder, name)
        if not shim.is_ours(hook) and os.path.lexists(hook):
            _keep(hook)
        if os.path.lexists(hook + shim.KEPT):
            done.chained.append(name)
        if _write(hook, shim.text(name, command)):
            done.written.append(name)
    return done


def uninstall(folder: str, names: Iterable[str] = shim.CLIENT) -> Done:
    """Take our hooks out of `folder` and put back what stood there. Raises ConfigError where that cannot be done."""
    done = Done(folder)
    for name in names:
        hook = os.path.join(folder, name)
        kept = hook + shim.KEPT
        try:
            if not shim.is_ours(hook):
                done.left += [name] if os.path.lexists(kept) else []
            elif os.path.lexists(kept):
                os.replace(kept, hook)
                done.restored.append(name)
            else:
                os.unlink(hook)
                done.removed.append(name)
        except OSError as error:
            raise ConfigError(f"{hook}: {error.strerror}") from None
    return done


def install_everywhere() -> Done:
    """Our hooks for every repository of this user: a folder of ours, named by the global `core.hooksPath`.

    Raises ConfigError where that is set to something else.
    """
    folder, now = global_folder(), _hooks_path()
    if now and not same(now, folder):
        raise ConfigError(
            f"core.hooksPath is {now} already: git has one such folder",
            f'call `secretguard git-hook NAME "$@"` from the hooks there (NAME: {", ".join(shim.CLIENT)}), '
            "or run `git config --global --unset core.hooksPath` first",
        )
    private_dir(config_dir()), private_dir(folder)
    done = Done(folder)
    for name in (*shim.CLIENT, *shim.PASSED_ON):
        if _write(os.path.join(folder, name), shim.text(name, "install git --global", everywhere=True)):
            done.written.append(name)
    if not now:
        Git(os.sep).ask("config", "--global", "core.hooksPath", folder)
        done.written.append("core.hooksPath")
    return done


def uninstall_everywhere() -> Done:
    """Take the folder for every repository away, and the setting that names it; a setting that names another stays."""
    folder, now = global_folder(), _hooks_path()
    done = Done(folder)
    if now and same(now, folder):
        Git(os.sep).ask("config", "--global", "--unset-all", "core.hooksPath")
        done.removed.append("core.hooksPath")
    for name in (*shim.CLIENT, *shim.PASSED_ON):
        hook = os.path.join(folder, name)
        if shim.is_ours(hook):
            os.unlink(hook)
            done.removed.append(name)
    if os.path.isdir(folder) and not os.listdir(folder):
        os.rmdir(folder)
    return done


def _hooks_path() -> str:
    """`core.hooksPath` for this user's repositories, the machine's own included: ours would put that out of force."""
    return configured(Git(os.sep))[1]


def _keep(hook: str) -> None:
    """The hook that stands there, under the name that ours runs: a second name first, so that it is never gone."""
    kept = hook + shim.KEPT
    try:
        if os.path.lexists(kept):
            if os.path.samestat(os.lstat(kept), os.lstat(hook)):
                return  # an installation that was cut short here
            raise ConfigError(
                f"{hook} is not ours, and {kept} is kept from an earlier installation",
                f"move the one that is not needed away, or join them in {kept}",
            )
        os.link(hook, kept, follow_symlinks=False)
    except OSError:
        try:
            os.rename(hook, kept)  # a file system without second names
        except OSError as error:
            raise ConfigError(f"{hook}: {error.strerror}") from None


def _write(hook: str, text: str) -> bool:
    """Write an executable file whole or not at all. False where it says that already."""
    try:
        if shim.is_ours(hook) and os.access(hook, os.X_OK) and _read(hook) == text:
            return False
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        data = text.encode("utf-8", "surrogateescape")
        replace(hook, data, mode=0o755, durable=True)  # git passes over a hook that is not executable
    except OSError as error:
        raise ConfigError(f"{hook}: {error.strerror}") from None
    return True


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read(65536)
