"""What a command sees inside `broker run`: standard library only, so that any Python in the sandbox runs it.

python3 task.py GRANT      show the surroundings, then ask the task socket for the grant's credential
"""

import base64
import http.client
import json
import os
import socket
import sys


class TaskSocket(http.client.HTTPConnection):
    """HTTP over the one socket that is bound into the sandbox."""

    def __init__(self) -> None:
        super().__init__("task", timeout=20)

    def connect(self) -> None:
        """Connect to the socket's path instead of to a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.environ["BROKER_TASK_SOCKET"])


def surroundings(port: int) -> None:
    """Print the environment, what process 1 was given, whether the host's `port` answers, and the home."""
    print("environment:", " ".join(sorted(os.environ)))
    print("/proc/1/environ:", first_process())
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        print("the host's loopback: reachable")
    except OSError as error:
        print(f"the host's loopback: not reachable ({error.strerror or error})")
    print("home:", os.listdir(os.path.expanduser("~")) or "empty")


def first_process() -> str:
    """What the environment of process 1 gives away; some sandboxes have no such file at all."""
    try:
        with open("/proc/1/environ", "rb") as file:
            return "holds the parent's secret" if b"DEMO_PARENT" in file.read() else "nothing of the parent"
    except OSError as error:
        return f"not readable ({error.strerror})"


def credential(grant: str) -> None:
    """Ask for a credential and print what it says about itself: its claims, never the token."""
    connection = TaskSocket()
    connection.request("POST", "/v1/credentials", json.dumps({"grant": grant}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    print(f"credential: HTTP {answer.status}", "" if answer.status == 201 else body.get("detail", ""))
    token = next((value for value in body.get("credential", {}).values() if str(value).count(".") == 2), "")
    if token:
        claims = token.split(".")[1]
        known = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        print("  for task", known["sub"], "only, until", known["exp"])


if __name__ == "__main__":
    surroundings(int(sys.argv[2]))
    credential(sys.argv[1])
