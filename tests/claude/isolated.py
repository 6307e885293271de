"""Run one client session in this process's network; started inside an empty network namespace where that works.

`python -m tests.claude.isolated SPEC OUT`: SPEC is JSON (client, home, work, prompt, turns, extra, options); OUT gets
{"status", "stdout", "stderr", "bodies"}.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import socket
import struct
import sys
from pathlib import Path

from secretguard.agents import claude_client
from secretguard.agents.loopback_api import LoopbackApi

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def loopback_up() -> None:
    """Switch on `lo`, which is down in a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def main(spec_path: str, out_path: str) -> None:
    """Play the session that the file at `spec_path` describes."""
    if os.environ.get("OWN_NETWORK"):
        loopback_up()
    spec = json.loads(Path(spec_path).read_text())
    work, home = Path(spec["work"]), Path(spec["home"])
    with LoopbackApi(spec["turns"]) as api:
        environment = claude_client.environment(home, api.url, spec["extra"])
        done = claude_client.run(Path(spec["client"]), spec["prompt"], work, environment, tuple(spec["options"]))
    answer = {"status": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    answer["bodies"] = [base64.b64encode(raw).decode() for raw in api.bodies]
    Path(out_path).write_text(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
