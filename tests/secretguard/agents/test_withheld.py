"""A result that is held back says so in its own shape, and says nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.agents.shapes import NAMES_NOT_TEXT, PATHS
from secretguard.agents.withheld import FORMS, withheld
from tests.secretguard.guard.events import shape

PAYLOADS = json.loads((Path(__file__).parents[2] / "data" / "claude_code_payloads.json").read_text())["payloads"]
RESULTS = [p for p in PAYLOADS if p["hook_event_name"] == "PostToolUse"]
WORDS = ["type", "mode", "filePath", "stdout", "content", "text", "result", "file", "rows", "summary"]


def _planted(value: Any) -> Any:
    """`value` with a canary at the end of every sentence, keys and single words left as they are."""
    if isinstance(value, dict):
        return {key: _planted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_planted(item) for item in value]
    return f"{value} CANARY" if isinstance(value, str) and (" " in value or "\n" in value) else value


@pytest.mark.parametrize("event", RESULTS, ids=lambda p: p["tool_name"])
def test_a_withheld_result_says_so_and_nothing_else(event: dict[str, Any]) -> None:
    """In every measured shape: the sentence is in, the content is out, the keys are the tool's own."""
    planted = _planted(event["tool_response"])
    shown = withheld(event["tool_name"], planted, "WITHHELD")
    assert "WITHHELD" in json.dumps(shown)
    assert "CANARY" not in json.dumps(shown)
    assert type(shown) is type(planted)
    if isinstance(planted, dict) and isinstance(shown, dict) and planted.get("type") not in ("image", "notebook"):
        assert set(planted) <= set(shown)
        assert set(shown) - set(planted) <= {"content", "numLines"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("CANARY"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from([*FORMS, "mcp__s__t", "Other"]), VALUES)
def test_any_result_of_any_tool_can_be_withheld(tool: str, response: object) -> None:
    """Damaged or unknown: nothing of it is left but the words that make a shape."""
    kept = json.dumps(withheld(tool, response, "WITHHELD"))
    own = {json.dumps({name: "CANARY"})[1:-1] for name in NAMES_NOT_TEXT | PATHS}
    assert all(word in own for word in re.findall(r'"\w+": "CANARY"', kept))
    assert kept.count("CANARY") == len(re.findall(r'"\w+": "CANARY"', kept))


@pytest.mark.parametrize("response", [None, "text", [], 1])
def test_where_there_is_no_structure_the_tools_own_form_is_made(response: object) -> None:
    """The least that the client accepts."""
    assert shape(withheld("Bash", response, "W")) == {"stdout": "str", "stderr": "str", "interrupted": False}
    assert withheld("Glob", response, "W") == {"durationMs": 0, "truncated": False, "filenames": ["W"], "numFiles": 1}


def test_an_unknown_tool_says_it_in_its_first_text() -> None:
    """Whatever its name is; without any text it is only emptied."""
    assert withheld("New", {"mode": "a", "summary": "s", "rows": ["r"]}, "W") == {
        "mode": "a", "summary": "W", "rows": [],
    }  # fmt: skip
    assert withheld("New", {"rows": ["r"], "n": 1}, "W") == {"rows": [], "n": 1}
