#!/usr/bin/env python3
"""Inside a sandbox: ask the task socket for one grant. Standard library alone, and nothing of this project: both tiers
put this very file on the sandbox's PATH as `broker`: `broker credential GRANT` works with any Python from 3.9."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import sys

_SECONDS = 60.0
_MAX_ANSWER = 1024 * 1024
WAITING = 75
"""Exit status where a person must decide first: EX_TEMPFAIL of sysexits.h, try again later."""


class _TaskConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("task", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)


def main(arguments: list[str] | None = None) -> int:
    """The command line `credential GRANT ...`; see `fetch`."""
    parser = argparse.ArgumentParser(prog="broker", description="Ask for one grant of this sandbox's task.")
    parser.add_argument("command", choices=["credential"], help="the one command there is inside a sandbox")
    parser.add_argument("grant", help="name of the grant")
    parser.add_argument("--field", help="print this field alone, e.g. token or password")
    parser.add_argument("--idempotency-key", help="ask for the same credential again after a lost answer or a wait")
    asked = parser.parse_args(arguments)
    return fetch(asked.grant, asked.field, asked.idempotency_key)


def fetch(grant: str, field: str | None, key: str | None) -> int:
    """Print the credential as one JSON object, or one field of it, on standard output.

    The exit status: 0 printed, 75 a person must decide first, 2 refused or not reached; stderr then says why.
    """
    path = os.environ.get("BROKER_TASK_SOCKET")
    if not path:
        return _fail("BROKER_TASK_SOCKET is not set", "this works inside `broker run` only")
    try:
        status, answer = _ask(path, grant, key)
    except (OSError, http.client.HTTPException, ValueError, TypeError) as error:
        return _fail(f"the task socket did not answer: {type(error).__name__}", "has the task ended?")
    if status == 202:
        print(f"broker: waiting for a person: {answer.get('url')}", file=sys.stderr)
        print(f"  then ask again with --idempotency-key {answer.get('idempotency_key')}", file=sys.stderr)
        return WAITING
    if status != 201:
        return _fail(str(answer.get("detail") or f"status {status}"), str(answer.get("fix") or ""))
    return _show(answer, field)


def _ask(path: str, grant: str, key: str | None) -> tuple[int, dict[str, object]]:
    body = {"grant": grant} | ({"idempotency_key": key} if key else {})
    connection = _TaskConnection(path)
    try:
        connection.request("POST", "/v1/credentials", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read(_MAX_ANSWER))
    finally:
        connection.close()
    if not isinstance(answer, dict):
        raise TypeError("not an object")
    return response.status, answer


def _show(answer: dict[str, object], field: str | None) -> int:
    if answer.get("delivery", "socket") != "socket":  # no broker sends one in here; if one does, it is not printed
        return _fail("this credential is for injection outside the sandbox and is not printed", "use it in requests")
    credential = answer.get("credential")
    fields = credential if isinstance(credential, dict) else {}
    if field is None:
        print(json.dumps({"lease_id": answer.get("lease_id"), "expires_at": answer.get("expires_at"), **fields}))
    elif field in fields:
        print(fields[field])
    else:
        return _fail(f"the credential has no field {field}", f"it has {', '.join(sorted(fields))}")
    return 0


def _fail(message: str, fix: str) -> int:
    print(f"broker: {message}" + (f"\n  {fix}" if fix else ""), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
