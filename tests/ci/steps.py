"""The shell steps of CI files, run for real: by `sh -e`, in a temporary repository, with our program on PATH."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from secretguard.commands.scan import scan

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("secretguard")


def load(name: str) -> dict[str, Any]:
    """A YAML file of this repository, and nothing but plain values in it."""
    document: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return document


def run(script: str, where: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One step as a runner starts it."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("GIT", "CI"))}
    environment = {**plain, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", **variables}
    return subprocess.run(
        ["sh", "-e"], input=script, cwd=where, env=environment, capture_output=True, text=True, timeout=120
    )


def unknown_options(script: str) -> set[str]:
    """Options in a script that `secretguard scan` does not have."""
    context = click.Context(scan)
    known = {name for parameter in scan.get_params(context) for name in (*parameter.opts, *parameter.secondary_opts)}
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", script)) - known
