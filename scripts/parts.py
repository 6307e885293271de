"""The real programs that tests, benches and the demo run, and how a machine gets them. Standard library only.

    python scripts/parts.py ensure [NAME...]   get what is missing; exit 1 and one loud line naming what cannot be had
    python scripts/parts.py ensure --bench     the peers that benches measure against
    python scripts/parts.py path NAME          print where it is; exit 1 when it is not there
    python scripts/parts.py status             a line a part

Built and downloaded parts live in `${XDG_CACHE_HOME:-~/.cache}/secretguard-parts/`, made under a lock and moved into
place whole. Debian packages are installed by apt-get, through sudo where the user is not root. A variable in
`OVERRIDES` names a program to use instead.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a file, by a Python that knows nothing of this project
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.part_recipes import BUILDERS, FINDERS, PACKAGES, PartMissing, install_packages

__all__ = ["BENCH", "OVERRIDES", "WANTED", "PartMissing", "ensure", "find", "main"]

OVERRIDES = {"vault": "SECRETGUARD_VAULT", "claude": "SECRETGUARD_CLAUDE"}
"""Part → environment variable that names a program (a path, or a name on PATH) to use in its place."""

WANTED = (
    *("vault", "postgres", "bwrap", "sshd", "curl", "claude", "claude-2.1.121", "claude-2.1.197"),
    *("chromium", "sarif", "rsyslog", "litewitness", "prek", "oidc"),
)
"""What `ensure` gets when no name is given: the parts that a test runs."""

BENCH = ("gitleaks", "kingfisher", "betterleaks", "ripsecrets")
"""The peers that benches measure against, beside detect-secrets, which is a requirement anyway."""


def find(name: str) -> Path | None:
    """The program of part `name`, or None when it is not on this machine. Never installs anything.

    Raises PartMissing when the override variable names something that is not there, KeyError for an unknown part.
    """
    named = os.environ.get(OVERRIDES.get(name, ""), "")
    if named:
        program = shutil.which(named)
        if program is None:
            raise PartMissing(f"{OVERRIDES[name]}={named} is not a program")
        return Path(program)
    return FINDERS[name]()


def ensure(name: str) -> Path:
    """The program of part `name`, got first if it is missing. Raises PartMissing when that is not possible."""
    if found := find(name):
        return found
    if name in PACKAGES:
        install_packages([PACKAGES[name]])
    else:
        BUILDERS[name]()
    found = find(name)
    if found is None:
        raise PartMissing(f"{name} was installed but is not where it should be")
    return found


def main(arguments: list[str]) -> int:
    """Run one subcommand; the exit status is 0 when every part asked for is there."""
    try:
        match arguments:
            case ["ensure", "--bench"]:
                return _ensure_all(list(BENCH))
            case ["ensure", *names]:
                return _ensure_all(names or list(WANTED))
            case ["path", name] if name in FINDERS:
                found = find(name)
                print(found or f"{name} is not installed: make parts", file=sys.stdout if found else sys.stderr)
                return 0 if found else 1
            case ["status"]:
                for name in FINDERS:
                    print(f"{name:14} {find(name) or 'missing'}")
                return 0
    except PartMissing as reason:
        print(f"PARTS MISSING: {reason}", file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


def _ensure_all(names: list[str]) -> int:
    unknown = [name for name in names if name not in FINDERS]
    if unknown:
        print(f"parts: no such part: {', '.join(unknown)}; there are {', '.join(FINDERS)}", file=sys.stderr)
        return 2
    packages = [PACKAGES[name] for name in names if name in PACKAGES and find(name) is None]
    missing = {}
    try:
        install_packages(packages)
    except PartMissing as reason:  # then each names what it lacks below
        missing = {name: str(reason) for name in names if PACKAGES.get(name) in packages and find(name) is None}
    for name in names:
        if name not in missing:
            try:
                print(f"parts: {name:14} {ensure(name)}", flush=True)
            except PartMissing as reason:
                missing[name] = str(reason)
    if missing:
        print("PARTS MISSING: " + "; ".join(f"{name} ({reason})" for name, reason in missing.items()), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
