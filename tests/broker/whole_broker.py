"""A whole broker as `broker serve` would assemble it, without Vault: its API, store, keys, policy and one issuer."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.assemble import Assembled, build
from broker.authenticate.bearer_jwt import TrustedIssuer
from broker.config import Config
from broker.grant import Grant
from broker.policy.in_force import Fixed
from broker.policy.policy_set import PolicySet
from broker.task_policy import TaskPolicy
from secretguard.policy.compiled import load
from secretguard.secret import Secret
from tests.broker.authenticate.tokens import EC, public, signed

ISSUER = "https://idp.example"
PLAIN = Grant("plain", "identity", {"audience": "a"}, ttl=300, max_leases=2, max_issues=5)
GATED = dataclasses.replace(PLAIN, name="gated", approvals=1)
POLICIES = {
    "hello": TaskPolicy("hello", "sandbox", 600, ("unix:*",), (PLAIN,), "0" * 64),
    "careful": TaskPolicy("careful", "sandbox", 600, (f"jwt:{ISSUER}:ci",), (GATED, PLAIN), "1" * 64),
}


@contextlib.contextmanager
def whole_broker(home: Path, *trusted: TrustedIssuer, store: str = "") -> Iterator[Assembled]:
    """Assemble it with its files under `home`; `hello` is for Unix peers, `careful` for the CI system of ISSUER,
    `people` for people of the issuers `trusted`."""
    (home / "jwks.json").write_text(json.dumps({"keys": [public(EC)]}))
    config = Config.model_validate(
        {
            "server": {"socket": str(home / "launch.sock"), "operators": ["unix:*"]},
            "store": {"url": store or f"sqlite:///{home}/broker.db"},
            "policy": {"directory": str(home / "policy")},
            "keys": {"directory": str(home / "keys")},
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRETGUARD_HOME", str(home))
        policy = load()
    own = TrustedIssuer(ISSUER, "broker", str(home / "jwks.json"))
    launchers = tuple(f"jwt:{one.issuer}:**" for one in trusted)
    tasks = {**POLICIES, "people": TaskPolicy("people", "sandbox", 600, launchers, (GATED, PLAIN), "2" * 64)}
    made = build(config, lambda *_: Fixed(PolicySet("", policy, tasks)), [own, *trusted], "dev", time.time)
    try:
        yield made
    finally:
        made.close()


def token(subject: str) -> Secret:
    """A good bearer token of ISSUER, valid for five minutes."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "broker", "sub": subject, "iat": now, "exp": now + 300}
    return Secret(signed({"alg": "ES256"}, claims, EC))
