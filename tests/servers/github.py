"""A stand-in for GitHub's API as its documentation describes it: installation tokens of one App, made and revoked.

It checks the App's proof as GitHub says it does (RS256 by the App's key, `iss`, at most ten minutes, not from the
future), gives no more than was asked for and than the installation has, and counts. `ahead` is how far its clock is
before ours, in seconds; `tamper` changes an answer, or drops it when it returns None.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.loopback import Request, loopback, reply

APP = "Iv23liAbCdEfGhIjKlMn"
INSTALLATION = "4242"
REPOSITORIES = {"widgets", "gadgets", "secrets-of-state"}
PERMISSIONS = {"contents": "write", "issues": "write", "metadata": "read", "pull_requests": "read"}
LEVELS = ("read", "write", "admin")

Tamper = Callable[[Request, int, Any], Iterable[bytes] | None]


@dataclasses.dataclass
class GitHubStub:
    """Its address, the App's private key (PEM), tokens that live, and how many were made and revoked."""

    pem: bytes
    address: str = ""
    alive: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    made: int = 0
    revoked: int = 0
    ahead: float = 0
    sticky: int = 0
    """So many revocations are answered with 204 and change nothing."""

    down: bool = False
    """Everything is answered with 503, and nothing is done."""

    tamper: Tamper | None = None
    requests: list[Request] = dataclasses.field(default_factory=list)

    def play(self, request: Request) -> Iterable[bytes] | None:
        """One answer."""
        if self.down:
            return reply(503)
        status, document = self._answer(request)
        if self.tamper is not None:
            return self.tamper(request, status, document)
        return reply(status, document)

    def _answer(self, request: Request) -> tuple[int, Any]:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if "user-agent" not in request.headers or request.headers.get("x-github-api-version") != "2022-11-28":
            return 403, {"message": "Request forbidden by administrative rules."}
        if (request.method, request.path) == ("DELETE", "/installation/token"):
            return self._revoke(bearer)
        if (request.method, request.path) == ("POST", f"/app/installations/{INSTALLATION}/access_tokens"):
            return self._make(bearer, json.loads(request.body or b"{}"))
        return 404, {"message": "Not Found"}

    def _make(self, bearer: str, asked: dict[str, Any]) -> tuple[int, Any]:
        if not self._proved(bearer):
            return 401, {"message": "A JSON web token could not be decoded"}
        wanted = set(asked.get("repositories", sorted(REPOSITORIES)))
        levels = asked.get("permissions", PERMISSIONS)
        too_high = [name for name, level in levels.items() if not _within(name, level)]
        if not wanted <= REPOSITORIES or too_high:
            return 422, {"message": "There is at least one repository or permission that is not accessible"}
        token = "ghs" + "_" + secrets.token_urlsafe(30)
        ends = datetime.datetime.fromtimestamp(int(time.time() + self.ahead) + 3600, datetime.UTC)
        document = {
            "token": token,
            "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": {**levels, "metadata": "read"},
            "repository_selection": "selected" if "repositories" in asked else "all",
            "repositories": [{"name": name, "full_name": f"octo/{name}"} for name in sorted(wanted)],
        }
        self.alive[token] = document
        self.made += 1
        return 201, document

    def _revoke(self, bearer: str) -> tuple[int, Any]:
        if bearer not in self.alive:
            return 401, {"message": "Bad credentials"}
        self.revoked += 1
        if self.sticky > 0:
            self.sticky -= 1
        else:
            del self.alive[bearer]
        return 204, None

    def _proved(self, bearer: str) -> bool:
        key: Any = serialization.load_pem_private_key(self.pem, None)
        now = time.time() + self.ahead
        try:
            claims = jwt.decode(
                bearer, key.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
            )
        except jwt.InvalidTokenError:
            return False
        fresh = claims["iat"] <= now < claims["exp"] <= now + 600 + 1
        return bool(claims.get("iss") == APP and fresh)


@contextlib.contextmanager
def running_github() -> Iterator[GitHubStub]:
    """Serve it on a spare loopback port, with a key of its own."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL  # as GitHub hands keys out
    stub = GitHubStub(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    with loopback(stub.play) as server:
        stub.address, stub.requests = server.address, server.requests
        yield stub


def _within(name: str, level: str) -> bool:
    have = PERMISSIONS.get(name)
    return have is not None and level in LEVELS and LEVELS.index(level) <= LEVELS.index(have)
