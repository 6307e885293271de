"""A broker behind a Unix socket, an issuer of people, and a session to misuse."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from pathlib import Path

import httpx
from joserfc.jwk import ECKey, OKPKey

from broker.api.app import create_app
from broker.authenticate import jose
from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.authenticate.dpop import UNIX_BASE_URL, make_proof
from broker.client import BrokerClient, StartedTask
from broker.issue.identity import IdentitySource
from broker.issue.signing_keys import SigningKeys
from broker.service import Broker
from broker.testing import MemorySource, memory_broker, task_policy
from broker.web.activity import Activity
from secretguard.secret import Secret
from tests.broker.authenticate.tokens import verifier_of
from tests.broker.scenario import DB

ME = f"unix:{os.geteuid()}"


class Running:
    """A broker behind a Unix socket, and an issuer of people."""

    def __init__(self, folder: Path, activity: Activity | None = None) -> None:
        self.people = OKPKey.generate_key("Ed25519", private=True)
        jwks = folder / "jwks.json"
        jwks.write_text(json.dumps({"keys": [{**self.people.as_dict(private=False), "kid": "p"}]}))
        gated = dataclasses.replace(DB, name="gated", approvals=1)
        policies = {
            "work": task_policy(DB),
            "gated": dataclasses.replace(task_policy(gated, name="gated"), approvers=("jwt:corp:group:approvers",)),
        }
        self.source = MemorySource(clock=time.time)
        self.broker: Broker = dataclasses.replace(
            memory_broker(str(folder / "s"), policies, {"memory": self.source}),
            clock=time.time,
            operators=("jwt:corp:group:operators",),
        )
        identity = IdentitySource("http://127.0.0.1:1", SigningKeys(str(folder / "keys")))
        bearer = BearerVerifier((TrustedIssuer("corp", "broker", str(jwks)),))
        proofs = verifier_of(self.broker)
        self.app = create_app(self.broker, bearer, proofs, identity, activity)
        self.nonce = proofs.nonces.current
        self.socket = str(folder / "launch.sock")

    def token(self, name: str, *groups: str, **changes: object) -> Secret:
        now = int(time.time())
        claims = {"iss": "corp", "aud": "broker", "sub": name, "groups": list(groups), "iat": now, "exp": now + 300}
        return Secret(jose.sign({"typ": "JWT", "alg": "EdDSA", "kid": "p"}, claims | changes, self.people))

    def client(self, token: Secret | None = None) -> BrokerClient:
        return BrokerClient(f"unix:{self.socket}", token)

    def raw(self) -> httpx.Client:
        return httpx.Client(transport=httpx.HTTPTransport(uds=self.socket), base_url=UNIX_BASE_URL, timeout=20)


class Held:
    """An activated task whose session token and key are at hand, to misuse them."""

    def __init__(self, raw: httpx.Client, started: StartedTask) -> None:
        self.task_id, self.key = started.task_id, ECKey.generate_key("P-256")
        path = f"/v1/tasks/{started.task_id}/activate"
        nonce = raw.get("/v1/tasks").headers["dpop-nonce"]
        self._raw = raw
        proof = make_proof(self.key, "ES256", "POST", UNIX_BASE_URL + path, None, time.time(), nonce)
        body = {"bootstrap": started.bootstrap.reveal(), "jwk": self.key.as_dict(private=False)}
        self.token = Secret(raw.post(path, json=body, headers={"DPoP": proof}).json()["session"])

    def headers(self, method: str, path: str, key: ECKey | None = None) -> dict[str, str]:
        nonce = self._raw.get("/v1/tasks").headers["dpop-nonce"]
        proof = make_proof(key or self.key, "ES256", method, UNIX_BASE_URL + path, self.token, time.time(), nonce)
        return {"Authorization": f"DPoP {self.token.reveal()}", "DPoP": proof}
