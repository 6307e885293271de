"""A Messages API on a loopback port that never calls a model: it plays a script and keeps every request.

With it the real client can be shown to hold a secret back: `secretguard doctor` and the end-to-end tests look for a
planted secret in everything the client sent, token counting and side requests included.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Block = dict[str, Any]

_ID = "toolu_sg_{:03d}_{:02d}"
_LARGEST = 64 * 1024 * 1024


class LoopbackApi:
    """Plays `turns`: each a list of content blocks in API form, one turn for each round of tool results.

    Which turn is due is read from the request itself (how many of our tool calls it already answers), so that retries
    and side requests do not shift the script. A context manager; `url` is valid inside of it.
    """

    def __init__(self, turns: list[list[Block]]) -> None:
        self.turns = turns
        self.bodies: list[bytes] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes: else the body may wait 40 ms for an ACK

            def do_POST(self) -> None:
                self._send(
                    *api.answer(self.path, self.rfile.read(min(int(self.headers["Content-Length"] or 0), _LARGEST)))
                )

            def do_GET(self) -> None:
                self._send("application/json", b"{}")

            do_HEAD = do_GET

            def _send(self, kind: str, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
                """Say nothing: requests may hold what must not be printed."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> LoopbackApi:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def answer(self, path: str, raw: bytes) -> tuple[str, bytes]:
        """The content type and body that answer one request."""
        self.bodies.append(raw)
        if path.split("?", 1)[0].endswith("/count_tokens"):
            return "application/json", b'{"input_tokens":100}'
        try:
            body = json.loads(raw)
        except ValueError:
            body = {}
        message = _message(self._blocks(body), str(body.get("model", "")))
        if body.get("stream"):
            return "text/event-stream", _events(message)
        return "application/json", json.dumps(message).encode()

    def _blocks(self, body: Block) -> list[Block]:
        if not body.get("tools"):
            return [{"type": "text", "text": "ok"}]  # a side request: a title, a classifier
        turn = len({_turn(i) for i in tool_results([json.dumps(body).encode()])})
        blocks = self.turns[turn] if turn < len(self.turns) else [{"type": "text", "text": "done"}]
        return [
            {**block, "id": _ID.format(turn, place)} if block["type"] == "tool_use" else block
            for place, block in enumerate(blocks)
        ]

    def sent(self, needle: str) -> bool:
        """Whether any request carried `needle`, as it is or as JSON writes it."""
        forms = (needle.encode(), json.dumps(needle)[1:-1].encode())
        return any(form in raw for raw in self.bodies for form in forms)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is ended in the middle of a request is no news."""


def use(tool: str, **given: object) -> Block:
    """A call of `tool`, as the model would make it."""
    return {"type": "tool_use", "name": tool, "input": given}


def tool_results(bodies: list[bytes]) -> dict[str, tuple[bool, str]]:
    """What the model was shown for each of our tool calls: id → (is an error, text). The last request counts."""
    found: dict[str, tuple[bool, str]] = {}
    for raw in bodies:
        try:
            messages = json.loads(raw).get("messages", [])
        except (ValueError, AttributeError):
            continue
        for message in messages:
            content = message.get("content")
            for block in content if isinstance(content, list) else []:
                if block.get("type") == "tool_result" and _turn(block.get("tool_use_id", "")) >= 0:
                    found[block["tool_use_id"]] = (bool(block.get("is_error")), _text(block.get("content")))
    return found


def _turn(tool_use_id: str) -> int:
    parts = tool_use_id.split("_")
    return int(parts[2]) if len(parts) == 4 and parts[1] == "sg" and parts[2].isdigit() else -1


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(block.get("text", f"[{block.get('type')}]") for block in content)
    return str(content or "")


def _message(blocks: list[Block], model: str) -> Block:
    stop = "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"
    usage = {"input_tokens": 10, "output_tokens": 10}
    head = {"id": "msg_loopback", "type": "message", "role": "assistant", "model": model or "loopback"}
    return {**head, "content": blocks, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def _events(message: Block) -> bytes:
    """`message` as the stream of server-sent events that the client asks for."""
    events: list[tuple[str, Block]] = [("message_start", {"message": {**message, "content": [], "stop_reason": None}})]
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            start: Block = {"type": "text", "text": ""}
            delta: Block = {"type": "text_delta", "text": block["text"]}
        else:
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events.append(("content_block_start", {"index": index, "content_block": start}))
        events.append(("content_block_delta", {"index": index, "delta": delta}))
        events.append(("content_block_stop", {"index": index}))
    end = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events.append(("message_delta", {"delta": end, "usage": {"output_tokens": 10}}))
    events.append(("message_stop", {}))
    return b"".join(f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode() for name, data in events)
