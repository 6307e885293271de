"""The settings file: our hooks in and out, everything else untouched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.agents.capability import SILENT, on_failure
from secretguard.agents.claude_settings import (
    EVENTS,
    OBSERVED,
    installed,
    missing_events,
    own_entries,
    parse,
    removed,
)
from secretguard.errors import ConfigError
from secretguard.guard.settings import LAUNCHER

PATH = Path("/home/dev/.claude/settings.json")
LAUNCHED = Path("/state/hooks") / LAUNCHER
OTHER = {"type": "command", "command": "lint.sh", "timeout": 5}


def put(settings: object) -> bytes:
    return installed(json.dumps(settings, indent=2).encode() + b"\n", PATH, LAUNCHED)


def test_every_event_has_the_measured_entry() -> None:
    """Exec form, a short timeout, fail closed; what is only observed never blocks, or the agent would go on and on."""
    settings = json.loads(installed(b"", PATH, LAUNCHED))
    assert set(settings["hooks"]) == set(EVENTS)
    silent = {event for event in EVENTS if on_failure(event, None) == SILENT}
    assert silent == {*OBSERVED, "SessionStart"}
    for event, entry in own_entries(settings):
        more = ["observe"] if event in OBSERVED else ["held"] if event == "PostToolUse" else []
        assert entry["args"] == ["claude-code", *more]
        assert entry.get("onFailure") == (None if event in OBSERVED else "block")
        assert entry["timeout"] <= 15


def test_installing_twice_is_installing_once() -> None:
    """The second time changes no byte."""
    once = put({"model": "x"})
    assert installed(once, PATH, LAUNCHED) == once


def test_other_hooks_and_settings_stay() -> None:
    """In place and in order, also inside a group of ours."""
    before = {
        "model": "x",
        "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [OTHER]}], "Stop": [{"hooks": [OTHER]}]},
    }
    after = json.loads(put(before))
    assert after["model"] == "x"
    assert after["hooks"]["PreToolUse"][0] == before["hooks"]["PreToolUse"][0]  # type: ignore[index]
    assert after["hooks"]["Stop"][0] == before["hooks"]["Stop"][0]  # type: ignore[index]
    assert json.loads(removed(json.dumps(after).encode(), PATH)) == before


def test_an_old_or_changed_entry_is_replaced() -> None:
    """A launcher that moved, or an entry whose failure answer was weakened, is put right."""
    after = json.loads(put({}))
    for groups in after["hooks"].values():
        groups[0]["hooks"][0]["command"] = f"/elsewhere/{LAUNCHER}"
        groups[0]["hooks"][0].pop("onFailure", None)
    assert missing_events(after, LAUNCHED) == list(EVENTS)
    mended = json.loads(put(after))
    assert missing_events(mended, LAUNCHED) == []
    assert len(own_entries(mended)) == len(EVENTS)


def test_a_narrowed_matcher_counts_as_missing() -> None:
    """Our entry under another matcher does not guard every tool."""
    after = json.loads(put({}))
    after["hooks"]["PostToolUse"][0]["matcher"] = "Read"
    assert missing_events(after, LAUNCHED) == ["PostToolUse"]


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_the_style_of_the_file_is_kept(indent: Any, end: str) -> None:
    """Indentation and the last line end are those of the file; taking out gives the bytes back."""
    data = (json.dumps({"a": {"b": [1, 2]}, "ü": "é"}, indent=indent, ensure_ascii=False) + end).encode()
    assert removed(installed(data, PATH, LAUNCHED), PATH) == data


@given(
    st.dictionaries(st.text(max_size=5).filter(lambda k: k != "hooks"), st.integers() | st.text(max_size=5), max_size=4)
)
def test_in_and_out_is_the_same_settings(settings: dict[str, object]) -> None:
    """Whatever else is in the file comes back."""
    data = json.dumps(settings).encode()
    assert json.loads(removed(installed(data, PATH, LAUNCHED), PATH)) == settings


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{\n  bad\n}", ":2: "),
        (b"[]", "no object"),
        (b'{"hooks": []}', "no object"),
        (b'{"hooks": {"Stop": {}}}', "hooks.Stop"),
        (b'{"hooks": {"Stop": [1]}}', "hooks.Stop"),
        (b'{"hooks": {"Stop": [{}]}}', "hooks.Stop"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(data: bytes, said: str) -> None:
    """The error names the file and the line or key; nothing is guessed."""
    with pytest.raises(ConfigError) as caught:
        parse(data, PATH)
    assert str(caught.value).startswith(str(PATH))
    assert said in str(caught.value)


def test_an_old_client_is_given_a_command_for_its_shell() -> None:
    """Before 2.1.139 `args` are passed over: the whole command is one text, quoted; it is ours, found and removed."""
    launcher = Path("/home/a b/hooks") / LAUNCHER
    data = installed(b"{}\n", PATH, launcher, (2, 1, 138))
    settings = json.loads(data)
    assert missing_events(settings, launcher, (2, 1, 138)) == []
    assert missing_events(settings, launcher, (2, 1, 139)) == list(EVENTS)
    for event, entry in own_entries(settings):
        assert "args" not in entry
        assert entry["command"].startswith("'/home/a b/hooks/secretguard-claude-code' claude-code")
        assert entry["command"].endswith("observe") == (event in OBSERVED)
    assert json.loads(removed(data, PATH)) == {}
    assert own_entries({"hooks": {"Stop": [{"hooks": [{"command": "echo 'open"}]}]}}) == []
