"""`requirements.lock` again from `pyproject.toml`, for every platform and Python the project supports (uv pip compile).

One file for users' extras and for development alike; pip reads it (`--require-hashes`), so that a contributor needs
no uv. Registry addresses stay out of it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
COMPILE = [
    "pip",
    "compile",
    "pyproject.toml",
    "--extra",
    "broker",
    "--extra",
    "otel",
    "--extra",
    "fleet",
    "--extra",
    "aws",
    "--group",
    "dev",
    "--universal",
]
SHAPE = ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-emit-index-url", "--quiet"]


def main(arguments: list[str]) -> int:
    """Write the lock; with `--upgrade` newest releases, otherwise the pins stay where they still fit."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
        subprocess.run([f"{folder}/bin/python", *install], check=True, timeout=300)
        command = [f"{folder}/bin/uv", *COMPILE, *SHAPE, "-o", "requirements.lock", *arguments]
        return subprocess.run(command, cwd=ROOT, check=False, timeout=600).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
