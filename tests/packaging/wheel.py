"""Build the wheel of this checkout and install it alone, as a user gets it: outside the clone, base requirements."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def build(folder: Path) -> Path:
    """The wheel, built into `folder` by the backend itself: no network, no isolation."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


def base_lock() -> str:
    """The part of requirements.lock that the base install needs: the closure of the requirements without an extra."""
    entries = re.split(r"^(?=\S)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    by_name = {entry.split("==")[0]: entry for entry in entries if "==" in entry}
    wanted, seen = {"secretguard"}, set[str]()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted |= {re.sub(r"[-_.]+", "-", requirement.name).lower()} - seen
    return "".join(by_name[name] for name in sorted(seen - {"secretguard"}))


def install(wheel: Path, folder: Path) -> Path:
    """A new environment in `folder` with the locked base requirements and the wheel; returns its `bin`.

    Raises CalledProcessError when pip cannot have a requirement, with pip's own words in `stderr`.
    """
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, timeout=120)
    lock = folder / "base.lock"
    lock.write_text(base_lock())
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    from_lock = ["--require-hashes", "--only-binary=:all:", "-r", str(lock)]
    subprocess.run([*pip, *from_lock], check=True, capture_output=True, text=True, timeout=600)
    subprocess.run(
        [*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True, text=True, timeout=120
    )
    return folder / "bin"
