"""The program's own commands: which ones the agent may not run for the person."""

from __future__ import annotations

import pytest

from secretguard.shell.analyse import analyse
from secretguard.shell.words import Place

PLACE = Place("/srv/shop", "/srv/shop", "/home/dev")


def weakened(command: str) -> bool:
    return analyse(command, PLACE, lambda path: False).weakens


@pytest.mark.parametrize(
    "command",
    [
        "secretguard uninstall claude-code",
        "/opt/venv/bin/secretguard uninstall claude-code --scope user",
        "python3 -m secretguard uninstall claude-code",
        "python3 -I -m secretguard baseline update b.json .",
        "python3 -Im secretguard uninstall claude-code",
        "python3 -m secretguard.cli uninstall claude-code",
        "secretguard baseline create b.json",
        "secretguard install claude-code --scope user",
        "secretguard gate review HEAD --ref main --key k --yes",
        "broker approve apr-1 --reason fine",
        "cd x && env A=1 secretguard uninstall claude-code",
        "bash -c 'secretguard uninstall claude-code'",
        "sudo -u dev secretguard uninstall claude-code",
        "yes | secretguard uninstall claude-code",
    ],
)
def test_these_are_the_persons(command: str) -> None:
    """By name, path, module, wrapper, pipe or script inside a script."""
    assert weakened(command)


@pytest.mark.parametrize(
    "command",
    [
        "secretguard scan .",
        "secretguard status",
        "secretguard uninstall --help",
        "secretguard baseline review",
        "secretguard redact install",
        "echo secretguard uninstall claude-code",
        "grep -r 'secretguard uninstall' docs",
        "broker run hello -- true",
        "broker approvals",
        "python3 -m pytest secretguard uninstall",
        "python3 -m",
    ],
)
def test_these_anyone_may_run(command: str) -> None:
    """Looking, scanning, asking for help and talking about it change nothing."""
    assert not weakened(command)
