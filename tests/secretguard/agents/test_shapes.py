"""Results keep their shape whatever is replaced or withheld."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.agents.shapes import DEEPEST, TooDeep, replace, texts, withheld
from tests.secretguard.guard.events import shape

PAYLOADS = json.loads((Path(__file__).parents[2] / "data" / "claude_code_payloads.json").read_text())["payloads"]
RESULTS = [p for p in PAYLOADS if p["hook_event_name"] == "PostToolUse"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_replacing_nothing_changes_nothing(value: object) -> None:
    """The walk itself leaves every value as it was."""
    assert replace(value, lambda text: text) == value


@given(VALUES)
def test_every_text_is_seen_and_replaced(value: object) -> None:
    """After the change no old text is left, and the number of texts is the same."""
    changed = replace(value, lambda text: "<" + text + ">")
    seen = texts(changed)
    assert len(seen) == len(texts(value))
    assert all(text.startswith("<") for text in seen)


def test_keys_that_become_equal_both_stay() -> None:
    """Two secrets with one tag as keys do not swallow each other."""
    assert sorted(replace({"a": 1, "b": 2}, lambda text: "x").values()) == [1, 2]  # type: ignore[union-attr, attr-defined]


def test_depth_is_bounded() -> None:
    """Too deep is an error, one less is not."""
    deep: Any = "x"
    for _ in range(DEEPEST):
        deep = [deep]
    assert texts(deep) == ["x"]
    with pytest.raises(TooDeep):
        texts([deep])


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
    if event["tool_name"] in ("Read", "Bash"):
        assert "WITHHELD" in json.dumps(shown)
    if isinstance(planted, dict) and event["tool_response"].get("type") not in ("image", "notebook"):
        assert set(shown) == set(planted)  # type: ignore[call-overload]
    assert "CANARY" not in json.dumps(shown)


@pytest.mark.parametrize("tool", ["Bash", "Read", "mcp__s__t", "Other"])
@pytest.mark.parametrize("response", [None, "text", [], {}, 1])
def test_any_response_can_be_withheld(tool: str, response: object) -> None:
    """Damaged results do not break the withholding."""
    shown = withheld(tool, response, "WITHHELD")
    if tool == "Bash" and not isinstance(response, dict):
        assert shape(shown) == {"stdout": "str", "stderr": "str", "interrupted": False}
