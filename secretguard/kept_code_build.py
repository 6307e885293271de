"""Build the file of kept code: the hook's rooms, each module as Python compiles it. Not on the hot path."""

from __future__ import annotations

import marshal
import os
import sys

from secretguard import whole_file
from secretguard.kept_code import MAGIC, checksum
from secretguard.places import cache_dir, private_dir

ROOMS = ("", "agents", "audit", "detect", "guard", "known", "platforms", "policy", "shell", "worktree")
"""Folders of the package in which modules of the hot path are; what is in folders below them is not kept."""


_WITHOUT_DOCSTRINGS = 2
"""The level of optimisation at which Python leaves out docstrings, a third of what a hook would read (and assertions,
of which the package has none)."""


def build(root: str, path: str) -> None:
    """Write the code of the package below `root` to `path`, or nothing. Raises OSError, GuardError, SyntaxError."""
    private_dir(cache_dir())
    private_dir(os.path.dirname(path))
    entries, codes, at = {}, [], 0
    for name, source, package in _modules(root):
        info = os.stat(source)  # before it is read: where it changes meanwhile, the next look finds that out
        with open(source, "rb") as file:
            compiled = compile(file.read(), source, "exec", dont_inherit=True, optimize=_WITHOUT_DOCSTRINGS)
        code = marshal.dumps(compiled)
        entries[name] = (package, source, info.st_mtime_ns, info.st_size, at, len(code), checksum(code))
        codes.append(code)
        at += len(code)
    index = marshal.dumps((sys.version, entries))
    head = MAGIC + len(index).to_bytes(8, "little") + checksum(index)
    whole_file.replace(path, b"".join([head, index, *codes]))


def _modules(root: str) -> list[tuple[str, str, bool]]:
    """Name, source and whether it is a package, of every module of ROOMS."""
    found = []
    for room in ROOMS:
        folder = os.path.join(root, "secretguard", room) if room else os.path.join(root, "secretguard")
        prefix = f"secretguard.{room}" if room else "secretguard"
        for file in sorted(os.listdir(folder)):
            stem, ending = os.path.splitext(file)
            if ending == ".py" and stem != "__main__":
                package = stem == "__init__"
                found.append((prefix if package else f"{prefix}.{stem}", os.path.join(folder, file), package))
    return found
