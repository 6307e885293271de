"""Searches, the web, servers, subagents: tools that are neither Read, a writer nor Bash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.secretguard.guard.events import TOKEN, ask, before


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("Grep", {"pattern": "x"}),
        ("Glob", {"pattern": "*", "path": "."}),
        ("Agent", {"prompt": "do it"}),
        ("WebFetch", {"url": "https://x.example", "prompt": "read"}),
        ("mcp__server__tool", {"a": [1, None, {"b": "c"}]}),
        ("NeverSeen", {}),
    ],
)
def test_ordinary_calls_go_ahead(project: Path, tool: str, given: dict[str, object]) -> None:
    """They pass without a word, unknown tools included."""
    assert before(project, tool, **given) == ("", "")


@pytest.mark.parametrize("tool", ["mcp__files__write", "NeverSeen"])
@pytest.mark.parametrize("place", ["state/pause", "state/false-alarms", "state/x/../pause", "config/policy/x"])
def test_no_tool_is_given_a_file_of_the_guards_own(own_home: Path, project: Path, tool: str, place: str) -> None:
    """By a path that is absolute, relative or a URL, through a link too; another file of the same name is nobody's."""
    (project / "link").symlink_to(own_home)
    relative = os.path.relpath(own_home, project)
    for name in (f"{own_home}/{place}", f"./{relative}/{place}", f"file://{own_home}/{place}", f"./link/{place}"):
        decision, reason = before(project, tool, path=name, content="{}")
        assert decision == "deny", name
        assert reason.endswith("[secretguard: changes-own-protection]")
    assert before(project, tool, path=f"{project}/{place}", content="{}") == ("", "")


@pytest.mark.parametrize("tool", ["WebFetch", "WebSearch", "mcp__server__tool"])
def test_a_secret_does_not_leave_in_an_input(project: Path, tool: str) -> None:
    """What goes to the web or to a server holds no literal secret."""
    decision, reason = before(project, tool, query={"deep": [f"token {TOKEN}"]})
    assert decision == "deny"
    assert TOKEN not in reason


def test_the_metadata_service_is_not_fetched(project: Path) -> None:
    """It hands out the machine's credentials."""
    assert before(project, "WebFetch", url="http://169.254.169.254/latest/")[0] == "deny"


def test_an_input_too_deep_to_see_is_refused(project: Path) -> None:
    """What cannot be looked through does not go out."""
    deep: object = "x"
    for _ in range(100):
        deep = [deep]
    answer = ask("PreToolUse", project, tool_name="mcp__s__t", tool_input={"a": deep})
    assert (answer.status, answer.stdout) == (2, "")


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("WebFetch", {"url": "https://docs.example/?t=[[secret:github-token:0123456789]]", "prompt": "x"}),
        ("WebSearch", {"query": "[[secret:github-token:0123456789]]"}),
        ("mcp__server__tool", {"list": [{"deep": "a [[secret:github-token:0123456789]] b"}]}),
        ("mcp__server__tool", {"[[secret:github-token:0123456789]]": 1}),
    ],
)
def test_a_placeholder_does_not_leave_in_an_input(project: Path, tool: str, given: dict[str, object]) -> None:
    """Its value would not go with it, and never goes to another program or host: refused with the way on."""
    decision, reason = before(project, tool, **given)
    assert decision == "deny"
    assert "placeholder" in reason
    assert "name the variable or file" in reason


def test_a_subagent_may_be_told_of_a_placeholder(project: Path) -> None:
    """It works on the same files, under the same guard."""
    told = {"prompt": "keep [[secret:github-token:0123456789]] as it is", "subagent_type": "general-purpose"}
    assert before(project, "Agent", **told) == ("", "")
    assert before(project, "Grep", pattern="[[secret:github-token:0123456789]]") == ("", "")
