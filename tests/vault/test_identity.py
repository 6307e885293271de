"""Identity tokens of a real `broker serve`: the jwt method of a real Vault takes them, and none that is not for it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from broker.client import Credential, Session
from broker.issue.signing_keys import SigningKeys
from tests.broker.authenticate.tokens import ED, signed
from tests.broker.served import Served
from tests.servers.process import spare_port
from tests.servers.vault import VaultServer

pytestmark = [pytest.mark.vault]

TASK = """
name = "{name}"
environment = "development"
deadline = 900
launchers = ["unix:{uid}"]

[grants.vault]
source = "identity"
scope = {{ audience = "vault.example.org" }}
ttl = 300
max_leases = 50

[grants.other]
source = "identity"
scope = {{ audience = "other.example.org" }}
ttl = 300
"""


class Trust(NamedTuple):
    """A running broker, and a Vault that trusts its tokens at the method `mount`."""

    served: Served
    vault: VaultServer
    mount: str


@pytest.fixture(scope="module")
def issuer(vault_server: VaultServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A broker with an HTTP address of its own, which is its issuer."""
    folder = tmp_path_factory.mktemp("issuer")
    tasks = {name: TASK.format(name=name, uid=os.geteuid()) for name in ("deploy", "stray")}
    served = Served(folder, f"sqlite:///{folder}/broker.db", tasks)
    listen = f'[server]\nlisten = "127.0.0.1:{spare_port()}"'
    served.config.write_text(served.config.read_text().replace("[server]", listen, 1))
    with served.running():
        yield served


@pytest.fixture(scope="module", params=["discovery", "key set"])
def trust(request: pytest.FixtureRequest, issuer: Served, vault_server: VaultServer) -> Trust:
    """Vault's jwt method, set up as the guide says, by the discovery document or by the address of the keys alone."""
    mount, address = f"jwt-{secrets.token_hex(4)}", where(issuer)
    vault_server.do("POST", f"sys/auth/{mount}", {"type": "jwt"})
    by = (
        {"oidc_discovery_url": address}
        if request.param == "discovery"
        else {"jwks_url": f"{address}/.well-known/jwks.json"}
    )
    vault_server.do("POST", f"auth/{mount}/config", {**by, "bound_issuer": address})
    role = {
        "role_type": "jwt",
        "bound_audiences": ["vault.example.org"],
        "user_claim": "sub",
        "bound_claims": {"task_policy": "deploy", "grant": "vault"},
        "claim_mappings": {"on_behalf_of": "on_behalf_of"},
        "token_policies": ["default"],
        "token_ttl": "60s",
    }
    vault_server.do("POST", f"auth/{mount}/role/deploy", role)
    return Trust(issuer, vault_server, mount)


@pytest.fixture
def session(issuer: Served) -> Iterator[Session]:
    with issuer.client() as client:
        started = client.start_task("deploy", "identity at Vault")
        session = client.activate(started.task_id, started.bootstrap)
        yield session
        session.end()


def where(served: Served) -> str:
    """The issuer's URL."""
    (line,) = [one for one in served.config.read_text().splitlines() if one.startswith("listen")]
    return "http://" + json.loads(line.partition("=")[2])


def token(session: Session, grant: str = "vault") -> str:
    """One identity token."""
    answer = session.credentials(grant)
    assert isinstance(answer, Credential)
    return answer.fields["token"].reveal()


def log_in(trust: Trust, jwt: str) -> tuple[int, Any]:
    """What Vault says to it."""
    return trust.vault.call("POST", f"auth/{trust.mount}/login", {"role": "deploy", "jwt": jwt})


def test_vault_takes_a_tasks_identity(trust: Trust, session: Session) -> None:
    """The entity is the task; who it works for is metadata beside it."""
    status, answer = log_in(trust, token(session))
    assert status == 200
    assert answer["auth"]["metadata"] == {"role": "deploy", "on_behalf_of": f"unix:{os.geteuid()}"}
    entity = trust.vault.do("GET", f"identity/entity/id/{answer['auth']['entity_id']}")["data"]
    assert [alias["name"] for alias in entity["aliases"]] == [session.task_id]
    assert trust.vault.alive(answer["auth"]["client_token"])


def test_vault_refuses_what_is_not_for_it(trust: Trust, session: Session) -> None:
    """Another audience, another task policy, a changed claim, another key under the same name: 400, no token."""
    good = token(session)
    header, claims, signature = good.split(".")
    published = json.loads(json.dumps(SigningKeys(f"{trust.served.folder}/keys/identity").jwks()))
    forged = {"alg": "EdDSA", "typ": "JWT", "kid": published["keys"][0]["kid"]}
    same = {
        "iss": where(trust.served),
        "sub": session.task_id,
        "aud": "vault.example.org",
        "grant": "vault",
        "task_policy": "deploy",
    }
    same |= {"iat": 1_700_000_000, "exp": 4_000_000_000}
    with trust.served.client() as client:
        started = client.start_task("stray", "a grant of the same name")
        stray = client.activate(started.task_id, started.bootstrap)
        elsewhere = token(stray)
        stray.end()
    for bad in (
        elsewhere,
        token(session, "other"),
        f"{header}.{claims[:-4]}AAAA.{signature}",
        f"{header}.{claims}.{signature[:-4]}AAAA",
        f"{header}.{claims}.",
        signed(forged, same, ED),
    ):
        status, answer = log_in(trust, bad)
        assert status == 400
        assert "auth" not in (answer or {}) or answer["auth"] is None
    assert log_in(trust, good)[0] == 200
