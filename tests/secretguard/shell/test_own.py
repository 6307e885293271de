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
        "secretguard audit prune --before 2026-01-01",
        "secretguard audit erase --session s",
        "secretguard accept 7f3a9c41d0",
        "secretguard accept --user 7f3a9c41d0 --why x",
        "secretguard pause 10m --why x",
        "env -u CLAUDECODE secretguard accept 7f3a9c41d0",
        "CLAUDECODE= AI_AGENT= secretguard accept 7f3a9c41d0",
        "SECRETGUARD_HOME=/tmp/x secretguard pause 10m --why x",
        "env -i /opt/venv/bin/python -m secretguard accept 7f3a9c41d0",
        "uvx secretguard accept 7f3a9c41d0",
        "pipx run secretguard accept 7f3a9c41d0",
        "uv run secretguard pause 10m --why x",
        "script -qc 'secretguard accept 7f3a9c41d0' /dev/null",
        "tmux new-session -d 'secretguard accept 7f3a9c41d0'",
        "tmux send-keys 'secretguard  accept 7f3a9c41d0' Enter",
        "tmux send-keys -t 0 secretguard Space accept Space 7f3a9c41d0 Enter",
        "tmux send-keys secret guard ' ' ac cept ' 7f3a9c41d0' Enter",
        "secretguard accept 7f3a9c41d0 --why --help",
        "secretguard accept 7f3a9c41d0 --why --list",
        "secretguard pause 10m --why -h",
        "secretguard uninstall claude-code --scope --print",
        "systemd-run --user --pty secretguard accept 7f3a9c41d0",
        'f() { secretguard "$@"; }; f accept 7f3a9c41d0',
        "s=secretguard; $s accept 7f3a9c41d0",
        "c=accept; secretguard $c 7f3a9c41d0",
        "echo 7f3a9c41d0 | xargs secretguard accept",
        "echo accept 7f3a9c41d0 | xargs secretguard",
        "at now <<< 'secretguard accept 7f3a9c41d0'",
        "python3 -c 'from secretguard.commands.accept import accept; accept()'",
        'python3 -c \'import pty; pty.spawn(["secretguard", "accept", "7f3a9c41d0"])\'',
        "python3 - <<E\nimport secretguard.false_alarms\nE",
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
        "secretguard accept --list",
        "secretguard audit show",
        "secretguard accept --help",
        "secretguard pause --end",
        "secretguard scan $DIR",
        'secretguard redact "$FILE"',
        "git commit -m 'document secretguard accept'",
        "$EDITOR docs/guide/guard.md",
        "$TOOL accept",
        "python3 -c 'import secretguard; print(secretguard.__file__)'",
        "tmux ls",
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
