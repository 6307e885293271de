"""`python3 scripts/install_base.py FOLDER`: the base install of this checkout in a new environment, every archive held
to the digest in requirements.lock; with `--extra NAME[,NAME...]` those of extras, too. The GitHub action and the
container images are made this way.

Standard library only. Nothing is built from what the lock does not name: the build backend comes from it, too.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALL_SECONDS = 15 * 60
OLDEST = (3, 11)

_ENTRY = re.compile(r"^(?=[A-Za-z0-9])", re.MULTILINE)
_PARENT = re.compile(r"^ {4}#(?: via)? +([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Make the environment; 0 when it is there, 1 with the reason when it cannot be."""
    if len(arguments) not in (1, 3) or arguments[1:2] not in ([], ["--extra"]) or sys.version_info < OLDEST:
        print("usage: install_base.py FOLDER [--extra NAME[,NAME...]], with Python 3.11 or newer", file=sys.stderr)
        return 2
    folder = Path(arguments[0]).absolute()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            wheel = build(Path(scratch))
            extras = arguments[2].split(",") if arguments[2:] else []
            environment(folder, wanted("dependencies", *extras))
            pip(folder, "--no-deps", "--no-index", str(wheel))
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"install_base: `{' '.join(map(str, error.cmd[:5]))} ...` failed", file=sys.stderr)
        return 1
    print(folder / "bin" / "secretguard")
    return 0


def build(scratch: Path) -> Path:
    """The wheel of this checkout, by the locked build backend."""
    tools = scratch / "tools"
    environment(tools, wanted("requires"))
    command = [tools / "bin" / "python", "-m", "hatchling", "build", "-t", "wheel", "-d", scratch]
    subprocess.run(command, cwd=ROOT, check=True, timeout=INSTALL_SECONDS, stdout=sys.stderr)
    return next(scratch.glob("*.whl"))


def environment(folder: Path, lock: str) -> None:
    """A new environment with exactly what `lock` says."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=INSTALL_SECONDS)
    listed = folder / "from.lock"
    listed.write_text(lock)
    pip(folder, "--require-hashes", "--only-binary=:all:", "-r", str(listed))


def pip(folder: Path, *arguments: str) -> None:
    """`pip install` in the environment."""
    command = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        "install",
    ]
    subprocess.run([*command, *arguments], check=True, timeout=INSTALL_SECONDS, stdout=sys.stderr)


def wanted(kind: str, *extras: str) -> str:
    """The part of requirements.lock that the project's `dependencies` with some extras, or its build's `requires`, come
    to: those, and whatever the lock says is there because of one of them. Raises KeyError for an extra that is none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = project["project"]["dependencies"] if kind == "dependencies" else project["build-system"]["requires"]
    named = [*named, *(line for extra in extras for line in project["project"]["optional-dependencies"][extra])]
    entries = {entry.split("==")[0]: entry for entry in _ENTRY.split((ROOT / "requirements.lock").read_text()) if entry}
    names = {re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", line)[0]).lower() for line in named}
    while True:
        more = {name for name, entry in entries.items() if names & set(_PARENT.findall(entry))} - names
        if not more:
            return "".join(entries[name] for name in sorted(names))
        names |= more


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
