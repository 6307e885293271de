"""Where git looks for the hooks of a repository, and whether that place is ours to write to."""

from __future__ import annotations

import os
from dataclasses import dataclass

from secretguard.errors import ConfigError
from secretguard.places import config_dir
from secretguard.source.git import Git

SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Place:
    """`folder`: where git looks. `scope`: which configuration says so (local, global, ...), empty where none does.
    `own`: the repository's own folder of hooks; `root`: the folder that the hooks are started in; `bare`: there is no
    work tree."""

    folder: str
    scope: str
    own: str
    root: str
    bare: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether it is our folder for all repositories of this user."""
        return same(self.folder, global_folder())


def global_folder() -> str:
    """The folder of hooks that `install git --global` makes."""
    return os.path.join(config_dir(), "git-hooks")


def same(one: str, other: str) -> bool:
    """Whether two names are one folder."""
    return os.path.realpath(one) == os.path.realpath(other)


def find(path: str) -> Place:
    """The place of the repository at or above `path`. Raises ConfigError where there is no repository."""
    git = Git(path)
    common = _line(git.ask("rev-parse", "--path-format=absolute", "--git-common-dir"))
    top = git.run("rev-parse", "--path-format=absolute", "--show-toplevel")
    root = _line(top.stdout) if not top.returncode else common
    own = os.path.join(common, "hooks")
    scope, value = configured(git)
    return Place(os.path.join(root, value) if value else own, scope, own, root, bool(top.returncode))


def configured(git: Git) -> tuple[str, str]:
    """(scope, value) of `core.hooksPath`, as its last configuration file says; empty where none does.

    What a command line or the environment says is not lasting, and not looked at.
    """
    options = ("--null", "--show-scope", "--type=path", "--get-all")
    fields = git.run("config", *options, "core.hooksPath").stdout.decode("utf-8", "surrogateescape").split("\0")
    lasting = [pair for pair in zip(fields[0::2], fields[1::2], strict=False) if pair[0] != "command"]
    return lasting[-1] if lasting else ("", "")


def writable(place: Place) -> str:
    """The repository's own folder of hooks. Raises ConfigError, with what to do, where git looks elsewhere or where
    that folder is not inside of the git directory: another tool, or the project itself, keeps those hooks."""
    if place.scope:
        raise ConfigError(
            f"core.hooksPath is {place.folder} ({place.scope} configuration): git runs the hooks there, not the "
            "repository's own",
            _in_a_foreign_folder(place.folder),
        )
    if not same(os.path.dirname(os.path.realpath(place.own)), os.path.dirname(place.own)):
        raise ConfigError(f"{place.own} is a link to {os.path.realpath(place.own)}", _in_a_foreign_folder(place.own))
    return place.own


def _in_a_foreign_folder(folder: str) -> str:
    lines = 'secretguard git-hook pre-commit        and in pre-push:   secretguard git-hook pre-push "$@"'
    if ".husky" in folder.split(os.sep):
        return f"husky keeps that folder: add to .husky/pre-commit:   {lines}"
    return f"whoever keeps that folder can call it from there, in pre-commit:   {lines}"


def submodules(root: str) -> list[str]:
    """The folders of the submodules below `root` that are checked out, theirs included."""
    found = []
    for entry in Git(root).ask("ls-files", "--stage", "-z").decode("utf-8", "surrogateescape").split("\0"):
        mode, _, rest = entry.partition(" ")
        folder = os.path.join(root, rest.partition("\t")[2])
        if mode == SUBMODULE and os.path.exists(os.path.join(folder, ".git")):
            found += [folder, *submodules(folder)]
    return found


def _line(answer: bytes) -> str:
    return answer.decode("utf-8", "surrogateescape").removesuffix("\n")
