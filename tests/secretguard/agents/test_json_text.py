"""Changing a JSON text in single places: everything else keeps its bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.agents.json_text import drop, put, spans

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
OBJECT = st.dictionaries(st.text(max_size=4), JSON, max_size=4)
STYLE = st.sampled_from([None, 1, 2, 4, "\t"])


@given(OBJECT, STYLE, st.booleans(), st.text(max_size=4), JSON)
def test_a_new_member_comes_and_goes(given_: dict[str, Any], indent: Any, crlf: bool, key: str, value: object) -> None:
    """The member is there with its value, nothing else changed, and taking it out gives the text back."""
    text = json.dumps(given_, indent=indent, ensure_ascii=False)
    text = text.replace("\n", "\r\n") if crlf and "\\n" not in text else text
    if key in given_:
        assert json.loads(put(text, [key], value)) == {**given_, key: value}
        return
    with_it = put(text, [key], value)
    assert json.loads(with_it) == {**given_, key: value}
    assert with_it.startswith(text[:-1].rstrip() if given_ else "{")
    assert drop(with_it, [key]) == text


@given(OBJECT.filter(bool), STYLE, st.data())
def test_any_member_can_be_taken_out(given_: dict[str, Any], indent: Any, data: st.DataObject) -> None:
    """First, last, only, between: the others stay, in their order."""
    key = data.draw(st.sampled_from(sorted(given_)))
    left = json.loads(drop(json.dumps(given_, indent=indent), [key]))
    assert list(left.items()) == [(name, value) for name, value in given_.items() if name != key]


def test_what_a_person_wrote_keeps_its_form() -> None:
    """Numbers, spaces, escapes, line ends, tabs and lists on one line."""
    text = '{\r\n\t"n": 1e3,  "big": 12345678901234567890.0,\r\n\t"list": [1,2 , 3],\r\n\t"e": "\\u00fc"\r\n}\r\n'
    changed = put(put(text, ["hooks", "Stop", None], {"hooks": [1]}), ["env", "A"], "b")
    assert changed.startswith(text[: text.index("\r\n}")])
    assert changed.count("\n") == changed.count("\r\n")
    assert json.loads(changed)["hooks"] == {"Stop": [{"hooks": [1]}]}
    assert drop(drop(changed, ["env"]), ["hooks"]) == text


def test_arrays_grow_at_their_end_and_lose_any_element() -> None:
    """An appended element is the last; the others keep their order when one goes."""
    text = put('{"a": [1, 2]}', ["a", None], 3)
    assert json.loads(text) == {"a": [1, 2, 3]}
    assert [json.loads(drop(text, ["a", at]))["a"] for at in range(3)] == [[2, 3], [1, 3], [1, 2]]
    assert json.loads(put('{"a": [ ]}', ["a", None], {"b": 1})) == {"a": [{"b": 1}]}


def test_a_place_that_is_no_container_is_an_error() -> None:
    """Nothing is guessed where the path leads through a number."""
    with pytest.raises(ValueError, match="neither object nor array"):
        put('{"a": 1}', ["a", "b"], 2)


def test_spans_are_those_of_the_values() -> None:
    """Key, where the member begins, and its value's range, brackets in strings or not."""
    text = '{ "a]": [1], "b" : "}" }'
    items, close = spans(text, 0)
    assert [(key, text[start:end]) for key, _, start, end in items] == [("a]", "[1]"), ("b", '"}"')]
    assert close == len(text) - 1
