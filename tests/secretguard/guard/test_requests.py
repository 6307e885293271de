"""A request to the model: every text looked at, the JSON kept, what cannot be looked at not sent."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.placeholder import placeholders_in
from tests.secretguard.guard.events import KEY, OTHER, TOKEN, ask, records


def sent(project: Path, body: object) -> Any:
    """What goes out for `body`: the body itself where the guard leaves it; fails where it refuses."""
    text = body if isinstance(body, str) else json.dumps(body)
    answer = ask("ModelRequest", project, body=text)
    assert (answer.status, answer.stderr) == (0, "")
    said = json.loads(answer.stdout) if answer.stdout else {}
    assert "deny" not in said
    return json.loads(said.get("body", text))


def refusal(project: Path, body: str) -> str:
    said: str = json.loads(ask("ModelRequest", project, body=body).stdout)["deny"]
    return said


def message(*blocks: object) -> dict[str, object]:
    return {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": list(blocks)}]}


PLACES: dict[str, Any] = {
    "prompt": {"messages": [{"role": "user", "content": "{}"}]},
    "block": message({"type": "text", "text": "{}"}),
    "system": {"system": [{"type": "text", "text": "{}"}], "messages": []},
    "tool result": message({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "{}"}]}),
    "tool input": message({"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "{}"}}),
    "name in a tool's input": message({"type": "tool_use", "id": "t", "name": "x", "input": {"{}": 1}}),
    "tool's description": {"tools": [{"name": "x", "description": "{}", "input_schema": {}}], "messages": []},
    "plain document": message(
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "{}"}}
    ),
    "metadata": {"metadata": {"user_id": "{}"}, "messages": []},
    "unsigned thought": message({"type": "thinking", "thinking": "{}"}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_replaced_wherever_it_stands(project: Path, place: str) -> None:
    """And nothing else changes."""
    before = json.dumps(PLACES[place]).replace("{}", f"the value is {TOKEN} today", 1)
    before = before if TOKEN in before else json.dumps(PLACES[place]).replace('"{}"', f'"{TOKEN}"')
    after = json.dumps(sent(project, json.loads(before)))
    (tag,) = placeholders_in(after)
    assert after == before.replace(TOKEN, tag)
    (record,) = records("guard:request:redacted")
    assert record["outcome"] == "did not leave"
    assert record["count"] == 1


@pytest.mark.parametrize("secret", [KEY, OTHER])
def test_json_escapes_hide_nothing(project: Path, secret: str) -> None:
    """Line ends of a key, or each character by its number."""
    written = '{"messages":["' + "".join(f"\\u{ord(c):04x}" for c in secret) + '"]}'
    (text,) = sent(project, written)["messages"]
    assert placeholders_in(text)
    assert secret.strip()[-60:-30] not in text or secret == OTHER
    assert OTHER not in text


def test_a_value_found_once_is_hidden_everywhere(project: Path) -> None:
    """Where no rule would know it by itself, too; but the protocol's own words stay."""
    value = "Xq7" + "vR2mT9pL4w"
    body = {
        "model": "user",
        "messages": [
            {"role": "user", "content": f"password = '{value}'"},
            {"role": "assistant", "content": [{"type": "text", "text": f"so it is {value}, then"}]},
        ],
    }
    after = sent(project, body)
    assert value not in json.dumps(after)
    assert [m["role"] for m in after["messages"]] == ["user", "assistant"]


def test_what_holds_nothing_goes_out_as_it_is(project: Path) -> None:
    """Not even written anew: the answer is empty."""
    answer = ask("ModelRequest", project, body=json.dumps(message({"type": "text", "text": "hello"})))
    assert (answer.stdout, answer.status) == ("", 0)
    (record,) = records("guard:request:allowed")
    assert record["outcome"] == "left"


def test_a_line_that_a_person_marked_goes_out(project: Path) -> None:
    """The mark that passes a prompt passes the wall, too."""
    body = message({"type": "text", "text": f"t = '{TOKEN}'  # pragma: allowlist secret"})
    assert sent(project, body) == body


def test_pictures_and_signed_thoughts_are_not_changed(project: Path) -> None:
    """The first cannot be read and is counted; the second came from the model, and a change would break it."""
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": TOKEN}}
    thought = {"type": "thinking", "thinking": TOKEN, "signature": "sig"}
    body = message(picture, thought)
    assert sent(project, body) == body
    (record,) = records("guard:request:allowed")
    assert record["unseen"] == len(TOKEN)


def test_a_picture_by_its_word_alone_is_looked_at(project: Path) -> None:
    """What says that it is a picture in some other place, or that it is text in base64, is no picture."""
    for source in ({"type": "base64", "media_type": "text/plain", "data": TOKEN}, {"type": "image/png", "data": TOKEN}):
        assert TOKEN not in json.dumps(sent(project, message({"type": "document", "source": source})))


@pytest.mark.parametrize(
    "body",
    ["", "nonsense", "[]", '"text"', "{", '{"a":NaN}', '{"a":1,"a":2}', '{"a":' * 80 + "1" + "}" * 80, "\ud800"],
    ids=["nothing", "words", "list", "text", "half", "nan", "twice", "deep", "surrogate"],
)
def test_what_cannot_be_looked_at_is_not_sent(project: Path, body: str) -> None:
    """With the way on, and a record."""
    assert "/rewind" in refusal(project, body)
    (record,) = records("guard:request:denied")
    assert record["outcome"] == "did not leave"


def test_depth_ends_in_a_refusal_not_in_a_crash(project: Path) -> None:
    """Far beyond the interpreter's own stack."""
    deep = "[" * (sys.getrecursionlimit() * 50)
    assert "/rewind" in refusal(project, '{"messages":' + deep + "]" * len(deep) + "}")


TEXTS = st.text(max_size=30) | st.just(TOKEN) | st.just(f"x {TOKEN} y")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["messages", "system", "tools", "metadata"]), VALUES, max_size=4))
def test_no_request_carries_it_and_each_keeps_its_form(body: dict[str, object]) -> None:
    """Whatever the JSON is made of."""
    after = sent(Path("/srv"), body)
    assert TOKEN not in json.dumps(after)
    assert shape(after) == shape(body)


def shape(value: object) -> object:
    """The structure without its texts."""
    if isinstance(value, dict):
        return [shape(item) for item in value.values()]
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "text" if isinstance(value, str) else value
