"""What others wrote, on a person's terminal."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from broker.client import BrokerClient
from broker.commands.connect import visible
from broker.commands.task import list_, show

HOSTILE = "tidy up\x1b]0;gone\x07\x1b[2K\r\n\u202etxt.yrrah"
TASK: dict[str, object] = {
    "id": "task-1", "policy": "work", "state": "active", "launcher": "unix:1", "expires_at": 1, "purpose": HOSTILE,
}  # fmt: skip


def test_plain_text_is_shown_as_it_is() -> None:
    """Numbers and printable ASCII need no escape; everything else shows as one."""
    assert (visible(5), visible("a b")) == ("5", "a b")
    assert "\x1b" not in visible(HOSTILE)
    assert "\\x1b" in visible(HOSTILE)


def test_a_purpose_cannot_write_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent chooses its task's purpose, and an operator reads it: no control character, no line of its own."""
    monkeypatch.setattr(BrokerClient, "tasks", lambda _self: [TASK])
    monkeypatch.setattr(BrokerClient, "task", lambda _self, _id: {**TASK, "grants": [{"name": HOSTILE}]})
    listed = CliRunner().invoke(list_, ["--broker", "unix:/none"], color=False)
    shown = CliRunner().invoke(show, ["task-1", "--broker", "unix:/none"], color=False)
    for result in (listed, shown):
        assert result.exit_code == 0
        assert result.output.replace("\n", "").isprintable()
        assert "\u202e" not in result.output
    assert listed.output.count("\n") == 2
