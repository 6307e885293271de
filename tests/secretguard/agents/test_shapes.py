"""Results keep their shape whatever is replaced or withheld."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.agents.shapes import DEEPEST, TooDeep, pictures, replace, texts
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


@pytest.mark.parametrize("event", RESULTS, ids=lambda p: p["tool_name"])
def test_each_tools_result_keeps_its_shape(event: dict[str, Any]) -> None:
    """With a value in each text and each replaced: structure, numbers and the words of the shape are the same."""
    planted = replace(event["tool_response"], lambda text: text + "CANARY", lambda name: name)
    shown = replace(planted, lambda text: text.replace("CANARY", "[[secret:x:0]]"), lambda name: name)
    assert "CANARY" not in json.dumps(shown)
    assert shape(shown) == shape(event["tool_response"])
    assert type(shown) is type(event["tool_response"])


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"file": {"type": "image/png", "base64": "QUJD"}}, 1),
        ([{"type": "image", "data": "QUJD"}, {"type": "text", "text": "x"}, {"type": "image", "data": ""}], 2),
        ("data", 0),
        ({"stdout": "x", "isImage": False}, 0),
        (None, 0),
    ],
)
def test_pictures_are_counted(value: object, number: int) -> None:
    """Those that no scan looks into, in the forms of Read and of servers."""
    assert pictures(value) == number
    assert len([text for text in texts(value) if text == "QUJD"]) == 0
