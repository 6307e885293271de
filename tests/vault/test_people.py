"""People log in at a real Vault, which is an OpenID provider too: another program's word on the same standards."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from broker.authenticate.bearer_jwt import BearerVerifier, TrustedIssuer
from broker.authenticate.login import Login
from broker.errors import Unauthenticated
from broker.login.browser import log_in
from broker.login.device import log_in as log_in_by_code
from broker.login.provider import Provider, find
from tests.servers.vault import VaultServer

pytestmark = pytest.mark.vault


class Issuer:
    """A provider of a Vault with one person, in one group, who authenticates by password."""

    def __init__(self, vault: VaultServer) -> None:
        self.vault, self.name = vault, f"people-{secrets.token_hex(4)}"
        self.issuer = f"{vault.address}/v1/identity/oidc/provider/{self.name}"
        do, name, password = vault.do, self.name, secrets.token_hex(8)
        do("POST", f"sys/auth/{name}", {"type": "userpass"})
        do("POST", f"auth/{name}/users/ada", {"password": password})
        accessor = do("GET", "sys/auth")["data"][f"{name}/"]["accessor"]
        entity = do("POST", "identity/entity", {"name": name})["data"]["id"]
        do("POST", "identity/entity-alias", {"name": "ada", "canonical_id": entity, "mount_accessor": accessor})
        do("POST", "identity/group", {"name": f"{name}-approvers", "member_entity_ids": [entity]})
        template = '{"groups": {{identity.entity.groups.names}}}'
        do("POST", f"identity/oidc/scope/{name}", {"template": template})
        client = {"redirect_uris": ["http://127.0.0.1/callback"], "assignments": ["allow_all"], "client_type": "public"}
        do("POST", f"identity/oidc/client/{name}", {**client, "id_token_ttl": "10m"})
        self.client = do("GET", f"identity/oidc/client/{name}")["data"]["client_id"]
        provider = {"allowed_client_ids": [self.client], "scopes_supported": [name], "issuer": vault.address}
        do("POST", f"identity/oidc/provider/{name}", provider)
        _, answer = vault.call("POST", f"auth/{name}/login/ada", {"password": password})
        self.entity, self.token = entity, answer["auth"]["client_token"]

    def provider(self) -> Provider:
        return find(Login(self.issuer, self.client, ("openid", self.name)))

    def person(self, address: str) -> None:
        """What Vault's own pages do for a person: ask for the code, and go back with it."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        path = f"identity/oidc/provider/{self.name}/authorize?{urlencode(asked)}"
        _, answer = self.vault.call("GET", path, token=self.token)
        back = urlencode({"code": answer["code"], "state": answer["state"]})
        httpx.get(f"{asked['redirect_uri']}?{back}", follow_redirects=True, timeout=20)


@pytest.fixture(scope="module")
def issuer(vault_server: VaultServer) -> Issuer:
    return Issuer(vault_server)


def test_a_person_of_a_real_vault_is_a_person_here(issuer: Issuer, tmp_path: Path) -> None:
    """Discovery under a path, PKCE, a nonce, RS256 keys: the token is accepted, its subject and groups with it."""

    def show(address: str) -> None:
        threading.Thread(target=issuer.person, args=(address,), daemon=True).start()

    tokens = log_in(issuer.provider(), show, 30)
    found = BearerVerifier((TrustedIssuer(issuer.issuer, issuer.client),)).identify(tokens.token)
    assert (found.id, found.groups) == (f"jwt:{issuer.issuer}:{issuer.entity}", (f"{issuer.name}-approvers",))
    assert found.matches(f"jwt:{issuer.issuer}:group:{issuer.name}-approvers")
    assert tokens.refresh is None
    with pytest.raises(Unauthenticated):
        BearerVerifier((TrustedIssuer(issuer.issuer, "another"),)).identify(tokens.token)


def test_an_issuer_without_a_device_flow_says_so(issuer: Issuer) -> None:
    """Vault has none."""
    with pytest.raises(Unauthenticated, match="no device flow"):
        log_in_by_code(issuer.provider(), lambda *_: None)
