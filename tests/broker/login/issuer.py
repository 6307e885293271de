"""An issuer on loopback that answers whatever a test wants, signing for real."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from broker.authenticate.login import Login
from tests.broker.authenticate.tokens import EC, public, signed
from tests.servers.loopback import Loopback, Request, loopback, reply

CLIENT = "broker-cli"


class FakeIssuer:
    """`answers` are those of the token endpoint, used up one a request, the last for ever: (status, document) or None
    for a lost reply. `document` changes the discovery document, `begun` the answer of the device endpoint."""

    def __init__(self) -> None:
        self.running: Loopback | None = None
        self.answers: list[tuple[int, object] | Callable[[dict[str, str]], tuple[int, object]] | None] = []
        self.document: dict[str, object] = {}
        self.begun: dict[str, object] = {}
        self.forms: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        assert self.running
        return self.running.address

    def login(self, **changes: Any) -> Login:
        return Login(**{"issuer": self.url, "client_id": CLIENT, **changes})

    def id_token(self, **changes: object) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "ada", "iat": now, "exp": now + 300, **changes}
        return signed({"alg": "ES256", "kid": "k"}, {k: v for k, v in claims.items() if v is not None}, EC)

    def play(self, request: Request) -> list[bytes] | None:
        path, form = request.path.partition("?")[0], dict(parse_qsl(request.body.decode()))
        if path == "/.well-known/openid-configuration":
            ends = ("authorization", "token", "device_authorization", "revocation")
            urls = {f"{name}_endpoint": f"{self.url}/{name}" for name in ends}
            return reply(200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **urls, **self.document})
        if path == "/keys":
            return reply(200, {"keys": [{**public(EC), "kid": "k"}]})
        if path == "/device_authorization":
            told = {"device_code": "d" * 32, "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/device"}
            return reply(200, {**told, "expires_in": 60, **self.begun})
        if path == "/revocation":
            self.forms.append(form)
            return reply(200)
        assert path == "/token", path
        self.forms.append(form)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(form)
        return None if answer is None else reply(*answer)


@contextlib.contextmanager
def fake_issuer() -> Iterator[FakeIssuer]:
    """One that is running."""
    made = FakeIssuer()
    with loopback(made.play) as made.running:
        yield made
