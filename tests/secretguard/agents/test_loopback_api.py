"""The API that plays a script: turns by what was answered, every request kept."""

from __future__ import annotations

import json
import urllib.request

from secretguard.agents.loopback_api import LoopbackApi, tool_results, use


def post(url: str, body: object) -> bytes:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return bytes(reply.read())


def result(turn: int, text: str) -> dict[str, object]:
    block = {
        "type": "tool_result",
        "tool_use_id": f"toolu_sg_{turn:03d}_00",
        "content": [{"type": "text", "text": text}],
    }
    return {"role": "user", "content": [block]}


def test_turns_follow_the_answers() -> None:
    """The next turn is due when the last one is answered, and repeating a request repeats the turn."""
    with LoopbackApi([[use("A")], [use("B")]]) as api:
        body: dict[str, object] = {"tools": [{}], "messages": []}
        first = json.loads(post(api.url + "/v1/messages", body))
        assert first == json.loads(post(api.url + "/v1/messages", body))
        assert first["content"][0] == {"type": "tool_use", "name": "A", "input": {}, "id": "toolu_sg_000_00"}
        body["messages"] = [result(0, "x")]
        assert json.loads(post(api.url + "/v1/messages", body))["content"][0]["name"] == "B"
        body["messages"] = [result(0, "x"), result(1, "y")]
        assert json.loads(post(api.url + "/v1/messages", body))["stop_reason"] == "end_turn"
        assert tool_results(api.bodies) == {"toolu_sg_000_00": (False, "x"), "toolu_sg_001_00": (False, "y")}


def test_side_requests_do_not_shift_the_script() -> None:
    """Requests without tools and token counts are answered and kept."""
    with LoopbackApi([[use("A")]]) as api:
        post(api.url + "/v1/messages", {"messages": [{"role": "user", "content": 'needle "1"'}]})
        assert json.loads(post(api.url + "/v1/messages/count_tokens?x=1", {"messages": []})) == {"input_tokens": 100}
        assert api.sent('needle "1"')
        assert not api.sent("another")


def test_a_stream_carries_the_same_message() -> None:
    """Server-sent events in the order that the client expects."""
    with LoopbackApi([[use("A", path="x")]]) as api:
        stream = post(api.url + "/v1/messages", {"tools": [{}], "messages": [], "stream": True}).decode()
    names = [line[7:] for line in stream.splitlines() if line.startswith("event: ")]
    assert names[0] == "message_start"
    assert names[-1] == "message_stop"
    assert '{\\"path\\": \\"x\\"}' in stream
