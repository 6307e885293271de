"""Run one client session in this process's network; started inside an empty network namespace where that works.

`python -m tests.claude.isolated SPEC OUT`: SPEC is JSON (client, home, work, prompt, turns, extra, options, steps;
`$SAVED` in a turn is the file that the client named last); OUT gets {"status", "stdout", "stderr", "moments",
"bodies"}. Without steps the session is headless, over stream-json where there are prompts in the place of one; with
steps the client runs in a terminal, and each moment is what was there when a step had seen its words and before it
pressed its keys: the screen, the guard's journal, and the files of the work folder.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from secretguard.agents import claude_client
from secretguard.agents.loopback_api import LoopbackApi, tool_results
from tests.claude.terminal import Terminal, follow

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
_SAVED = re.compile(r"(?:written|saved) to: (\S+?\.(?:output|txt))\b")


class Following(LoopbackApi):
    """Plays a model that opens the files that the client names to it: `$SAVED` is the last one."""

    def _blocks(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        results = sorted(tool_results([json.dumps(body).encode()]).items())
        named = [path for _, (_, text) in results for path in _SAVED.findall(text)]
        blocks = json.dumps(super()._blocks(body))
        found: list[dict[str, Any]] = json.loads(blocks.replace("$SAVED", named[-1]) if named else blocks)
        return found


def loopback_up() -> None:
    """Switch on `lo`, which is down in a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def headless(spec: dict[str, Any], url: str) -> dict[str, Any]:
    """The session without a terminal."""
    environment = claude_client.environment(Path(spec["home"]), url, spec["extra"])
    options = tuple(spec["options"])
    done = claude_client.run(Path(spec["client"]), spec["prompt"], Path(spec["work"]), environment, options)
    return {"status": done.returncode, "stdout": done.stdout, "stderr": done.stderr, "moments": []}


def streamed(spec: dict[str, Any], url: str) -> dict[str, Any]:
    """The session as an editor has it: one prompt after another over stream-json, each when the last is answered."""
    environment = claude_client.environment(Path(spec["home"]), url, spec["extra"])
    command = [spec["client"], "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]
    command += ["--permission-mode", "bypassPermissions", *spec["options"]]
    said = []
    with (
        Path(spec["home"], "stderr").open("w+") as errors,
        subprocess.Popen(
            command, cwd=spec["work"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            text=True,
        ) as client,
    ):  # fmt: skip
        assert client.stdin is not None
        assert client.stdout is not None
        for prompt in spec["prompts"]:
            client.stdin.write(json.dumps({"type": "user", "message": {"role": "user", "content": prompt}}) + "\n")
            client.stdin.flush()
            for line in client.stdout:
                said.append(line)
                if json.loads(line).get("type") == "result":
                    break
        client.stdin.close()
        said += client.stdout
        errors.seek(0)
        stderr = errors.read()
    return {"status": client.returncode, "stdout": "".join(said), "stderr": stderr, "moments": []}


def in_terminal(spec: dict[str, Any], url: str) -> dict[str, Any]:
    """The session as a person has it; it is over, and the client ended, with the last step."""
    work, journal = Path(spec["work"]), Path(spec["journal"])
    environment = {**claude_client.environment(Path(spec["home"]), url, spec["extra"]), "TERM": "xterm-256color"}

    def look() -> dict[str, Any]:
        files = {path.name: path.read_text() for path in work.iterdir() if path.is_file()}
        return {"journal": journal.read_text() if journal.exists() else "", "files": files}

    with Terminal([spec["client"], *spec["options"]], work, environment) as terminal:
        moments = follow(terminal, spec["steps"], look)
    return {"status": 0, "stdout": "", "stderr": "", "moments": moments}


def main(spec_path: str, out_path: str) -> None:
    """Play the session that the file at `spec_path` describes."""
    if os.environ.get("OWN_NETWORK"):
        loopback_up()
    spec = json.loads(Path(spec_path).read_text())
    session = in_terminal if spec["steps"] else streamed if spec.get("prompts") else headless
    with Following(spec["turns"]) as api:
        answer = session(spec, api.url)
    answer["bodies"] = [base64.b64encode(raw).decode() for raw in api.bodies]
    Path(out_path).write_text(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
