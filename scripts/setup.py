"""`.venv` from `requirements.lock`, every archive held to its digest. Standard library only; instant when up to date.

A changed lock file makes a new environment, so that a package which left the lock cannot linger; a changed
`pyproject.toml` only renews the project's own editable install.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"
INSTALL_SECONDS = 15 * 60


def main() -> int:
    """Bring `.venv` up to date; 0 when it is, 1 with the reason when it cannot be."""
    lock, project = _digest(LOCK), _digest(ROOT / "pyproject.toml")
    made_from = STAMP.read_text().split() if STAMP.exists() else ["", ""]
    if made_from == [lock, project]:
        return 0
    try:
        if made_from[0] != lock:
            print("setup: .venv from requirements.lock", file=sys.stderr, flush=True)
            make_environment()
        print("setup: secretguard, editable", file=sys.stderr, flush=True)
        _pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    except subprocess.CalledProcessError as error:
        print(f"setup: `{' '.join(map(str, error.cmd[:4]))} ...` ended with {error.returncode}", file=sys.stderr)
        return 1
    STAMP.write_text(f"{lock} {project}\n")
    return 0


def make_environment() -> None:
    """A new `.venv` with exactly what the lock names. Raises CalledProcessError when a step fails."""
    STAMP.unlink(missing_ok=True)
    if importlib.util.find_spec("ensurepip") is None:
        _install_venv_module()
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True, timeout=120)
    _pip("install", "--require-hashes", "--only-binary=:all:", "-r", str(LOCK))


def _install_venv_module() -> None:
    """Debian and Ubuntu keep venv and pip apart from their Python: get them as any administrator would."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") is None:
        sys.exit(f"setup: {sys.executable} has no venv module: install it, or take another Python with PYTHON=...")
    as_root = [] if os.geteuid() == 0 else ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    if as_root and shutil.which("sudo") is None:
        sys.exit(f"setup: {sys.executable} has no venv module: have somebody run apt-get install {name}")
    print(f"setup: installing {name}", file=sys.stderr, flush=True)
    for command in (["update"], ["-y", "--no-install-recommends", "install", name]):
        apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *command]
        subprocess.run(apt, check=True, timeout=INSTALL_SECONDS, stdout=sys.stderr)


def _pip(*arguments: str) -> None:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
    subprocess.run(command, check=True, timeout=INSTALL_SECONDS)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
