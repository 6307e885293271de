"""Which policy is in force in a project: organisation, repository, user, or the packaged default. Hot path.

The highest of organisation, user and packaged is the base; the layers below it, and the repository's, can only
tighten. A hook finds out cheaply whether anything changed:

- folders: their two files are read and digested on every call (a few kB; a stamp could be kept, a digest cannot);
- the repository's layer lies in git's objects and is looked up off this path: `policy/refresh.py` notes its digest in
  this project's *note*, with the files by which git would move the protected branch. A session's start and each prompt
  look at those files' stamps; tool calls in between go by the note, so that a branch that an agent moves in the middle
  of its turn decides nothing before a person has spoken.

The note also names the table. One note, one table: what decides is one look-up in one file.
"""

from __future__ import annotations

import os

from secretguard.keyed import sha256_hex
from secretguard.places import state_dir
from secretguard.policy import compiled, kept
from secretguard.policy.source import ORGANISATION, PACKAGED, USER, Source, from_folder, joined
from secretguard.policy.table import Policy, Standing

NO_REPOSITORY = ""
"""The digest of a repository's layer where there is none."""


def in_force(project: str, look: bool = False) -> Policy:
    """The policy that decides in `project` (absolute, links resolved). `look`: also whether the repository moved.

    Raises GuardError where the base is broken and was never good: nothing is known to be allowed then.
    """
    folders = folder_layers()
    note = kept.read(note_path(project))
    if note is not None and not (look and (note.get("faults") or moved(note))):
        policy = noted(note, folders)
        if policy is not None:
            return policy
    from secretguard.policy.refresh import refresh

    return refresh(project, folders)


def folder_layers() -> list[Source]:
    """The layers that are folders, highest first: the base, and under an organisation's the user's own."""
    owners = (0, os.geteuid())
    own = compiled.own_directory()
    if os.path.lexists(compiled.MANAGED):
        layers = [from_folder(ORGANISATION, compiled.MANAGED, (0,), whole=True)]
        if os.path.lexists(own):
            layers.append(from_folder(USER, own, owners, whole=False))
        return layers
    if os.path.lexists(own):
        return [from_folder(USER, own, owners, whole=True)]
    directory = compiled.packaged("laptop")
    return [from_folder(PACKAGED, directory, (0, os.geteuid(), os.stat(directory).st_uid), whole=True)]


def set_digest(folders: list[Source], repository: str) -> str:
    """64 hex characters over all layers; that of the base where it is alone, so that tables are shared."""
    if len(folders) == 1 and repository == NO_REPOSITORY:
        return folders[0].digest
    layers = [f"{layer.name}:{layer.digest}".encode() for layer in folders]
    return joined((b"layers", *layers, repository.encode()))


def note_path(project: str) -> str:
    """Where the note about `project` is kept, with the state that must survive."""
    return os.path.join(state_dir(), "policy", f"{sha256_hex(os.fsencode(project))[:32]}.note")


def moved(note: dict[str, object]) -> bool:
    """Whether a file by which git moves the protected branch is another one than when the note was written."""
    watched: list[list[str]] = note["watch"]  # type: ignore[assignment]
    return any(stamp(path) != seen for path, seen in watched)


def stamp(path: str) -> str:
    """What tells a changed file: time, size, inode; a folder's inode alone. "" where there is none."""
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return ""
    if (info.st_mode & 0o170000) == 0o040000:
        return f"folder {info.st_ino}"
    return f"{info.st_mtime_ns} {info.st_size} {info.st_ino}"


def noted(note: dict[str, object], folders: list[Source]) -> Policy | None:
    """The policy that `note` names, where it was written for these layers and its table is there."""
    if note.get("set") != set_digest(folders, str(note.get("repository"))):
        return None
    policy = compiled.stored(str(note["table"]))
    if policy is not None:
        policy.standing = Standing(note["layers"], note["faults"], note["notes"])  # type: ignore[arg-type]
    return policy
