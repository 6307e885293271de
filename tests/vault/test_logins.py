"""The broker's logins on a real Vault: each method, tokens of three seconds under constant calls, what is refused."""

from __future__ import annotations

import base64
import collections
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from broker.errors import SourceFailed
from broker.vault import Endpoint, Vault
from broker.vault_config import IdentityTable, Vaults, VaultTable
from broker.vault_identity import AppRole, PlatformToken, TokenFile, WrappedAppRole
from broker.vault_login import Identity
from secretguard.errors import ConfigError
from tests.servers.certificates import Authority
from tests.servers.loopback import Request, forward, loopback, reply
from tests.servers.provision import Provisioned
from tests.servers.vault import VaultServer

pytestmark = pytest.mark.vault

POLICY = """
path "sys/capabilities-self" { capabilities = ["update"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/lookup-self" { capabilities = ["read"] }
"""
COMMON = {"token_no_default_policy": True, "token_ttl": "2s", "token_max_ttl": "2s"}


class Site:
    """An AppRole mount and a policy of one test's own; its logins live two seconds."""

    def __init__(self, server: VaultServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.name = f"l{secrets.token_hex(5)}"
        server.do("POST", f"sys/policies/acl/{self.name}", {"policy": POLICY})
        server.do("POST", f"sys/auth/{self.name}", {"type": "approle"})
        self.role()

    def role(self, **changes: object) -> None:
        """Write the AppRole."""
        settings = {**COMMON, "token_policies": [self.name], **changes}
        self.server.do("POST", f"auth/{self.name}/role/me", settings)

    def file(self, name: str, text: str) -> str:
        """A private file."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def role_id(self) -> str:
        """The file with the role id."""
        return self.file("role", self.server.do("GET", f"auth/{self.name}/role/me/role-id")["data"]["role_id"])

    def secret_id(self, **settings: object) -> str:
        """A new secret id."""
        return str(self.server.do("POST", f"auth/{self.name}/role/me/secret-id", settings)["data"]["secret_id"])

    def wrapped(self, path: str = "") -> str:
        """A wrapping token around a new secret id."""
        admin = self.server.root()
        where = path or f"auth/{self.name}/role/me/secret-id"
        answer = admin.ask("post", *where.split("/"), body={"secret_id": "x"} if path else {}, wrap_seconds=60)
        admin.close()
        assert answer.wrapping is not None
        return answer.wrapping.reveal()

    def approle(self) -> AppRole:
        """The identity that a file each leads to."""
        return AppRole(self.role_id(), self.file("secret", self.secret_id()), self.name)


@pytest.fixture
def site(vault_server: VaultServer, tmp_path: Path) -> Iterator[Site]:
    """Gone afterwards."""
    made = Site(vault_server, tmp_path)
    yield made
    vault_server.do("DELETE", f"sys/auth/{made.name}")


def works(vault: Vault) -> bool:
    """Whether the identity can ask what each identity may ask."""
    return vault.ask("post", "sys", "capabilities-self", body={"paths": ["x"]}).status == 200


def statuses(server: VaultServer, identity: Identity, seconds: float) -> collections.Counter[tuple[str, int]]:
    """Four threads call without a pause for `seconds`: how often each path was answered with each status, as it was
    seen on the wire."""
    seen: collections.Counter[tuple[str, int]] = collections.Counter()

    def noted(request: Request, status: int, body: bytes) -> Iterable[bytes]:
        seen[request.path.removeprefix("/v1/"), status] += 1
        return reply(status, body)

    with loopback(forward(server.address, noted)) as proxy, ThreadPoolExecutor(4) as pool:
        vault = Vault(Endpoint(proxy.address), identity)
        vault.login.keep()
        until = time.monotonic() + seconds

        def call(_: int) -> bool:
            good = True
            while time.monotonic() < until:
                good = works(vault) and good
            return good

        assert all(pool.map(call, range(4)))
        vault.close()
    return seen


def test_no_call_ever_meets_an_expired_token(site: Site) -> None:
    """Tokens of three seconds, four callers without a pause: several logins, one at a time, and not one refusal."""
    site.role(token_ttl="3s", token_max_ttl="3s")
    seen = statuses(site.server, site.approle(), 5)
    assert {status for _, status in seen} == {200}
    assert 2 <= seen[f"auth/{site.name}/login", 200] <= 6
    assert seen["sys/capabilities-self", 200] > 50


def test_a_spent_secret_id_goes_on_by_renewal(site: Site) -> None:
    """One login, by a wrapped secret id that is good for one; from then on the token is renewed."""
    site.role(token_max_ttl="60s", secret_id_num_uses=1)
    identity = WrappedAppRole(site.role_id(), site.file("wrapped", site.wrapped()), "me", site.name)
    seen = statuses(site.server, identity, 3)
    assert {status for _, status in seen} == {200}
    assert seen[f"auth/{site.name}/login", 200] == 1
    assert seen["auth/token/renew-self", 200] >= 1


def test_a_vault_that_was_away_is_logged_in_to_again(site: Site) -> None:
    """The old token has ended meanwhile; the first call after it is back works."""
    away = [False]

    def tamper(_: Request, status: int, body: bytes) -> Iterable[bytes] | None:
        return None if away[0] else reply(status, body)

    with loopback(forward(site.server.address, tamper)) as proxy:
        vault = Vault(Endpoint(proxy.address, seconds=2), site.approle())
        vault.login.keep()
        assert works(vault)
        away[0] = True
        until = time.monotonic() + 20
        while vault.login.left() or not vault.login.problem:
            assert time.monotonic() < until
            time.sleep(0.05)
        away[0] = False
        assert works(vault)
        assert vault.login.problem == ""
        vault.close()


def test_a_wrapping_that_somebody_else_opened_is_refused(site: Site) -> None:
    """Opened and thrown away, opened and wrapped again under the thief's own path, or of another role."""
    opened = site.wrapped()
    site.server.call("POST", "sys/wrapping/unwrap", None, opened)
    again = site.wrapped("sys/wrapping/wrap")
    site.server.do("POST", f"auth/{site.name}/role/other", COMMON)
    other = site.wrapped(f"auth/{site.name}/role/other/secret-id")
    for number, (token, words) in enumerate([(opened, "used before"), (again, "may have read"), (other, "may have")]):
        identity = WrappedAppRole(site.role_id(), site.file(f"w{number}", token), "me", site.name)
        with pytest.raises(SourceFailed, match=words):
            Vault(Endpoint(site.server.address), identity).login.current()


@pytest.mark.parametrize(
    ("changes", "words"), [({"token_num_uses": 7}, "use-limited"), ({"token_type": "batch"}, "batch")]
)
def test_a_login_role_whose_tokens_cannot_work_stops_the_start(
    site: Site, ready_vault: Provisioned, changes: dict[str, object], words: str
) -> None:
    """Said before anything is served, with the field to change."""
    site.role(**changes)
    vault = Vault(Endpoint(site.server.address), site.approle())
    with pytest.raises(ConfigError, match=f"vault.issuer: .*{words}"):
        Vaults(vault, ready_vault.vaults.revoker).start()


def test_a_namespace_that_this_vault_ignores_stops_the_start(ready_vault: Provisioned) -> None:
    """Without namespaces the header is ignored without a word: the broker's own identities find out. (On a server that
    has them, this namespace does not exist, and the start is refused for that.)"""
    table = ready_vault.table.model_copy(update={"namespace": f"team-{secrets.token_hex(3)}"})
    issuer = Vault(table.endpoint(), table.issuer.identity(table.issuer_role))
    with pytest.raises(ConfigError, match=r"ignores namespaces|cannot be proved"):
        Vaults(issuer, ready_vault.vaults.revoker).start()


def test_a_namespace_cannot_be_proved_while_vault_is_away(ready_vault: Provisioned) -> None:
    """Could not tell is not yes; without a namespace the same broker starts, and tells what is wrong."""
    gone = {"address": "http://127.0.0.1:1"}
    for namespace in ("team", ""):
        table = ready_vault.table.model_copy(update={**gone, "namespace": namespace})
        both = [Vault(table.endpoint(), table.issuer.identity()) for _ in range(2)]
        vaults = Vaults(*both)
        if namespace:
            with pytest.raises(ConfigError, match="cannot be proved"):
                vaults.start()
        else:
            vaults.start()
            assert set(vaults.problems()) == {"issuer", "revoker"}
        vaults.close()


def test_a_token_file_is_replaced_by_an_agent_and_renewed_without_one(site: Site) -> None:
    """A token that is given on purpose is renewed; a new one in the file is taken when Vault refuses the old one."""
    order = {"policies": [site.name], "no_default_policy": True, "ttl": "2s", "explicit_max_ttl": "60s"}

    def token() -> str:
        return str(site.server.do("POST", "auth/token/create-orphan", order)["auth"]["client_token"])

    first = token()
    path = site.file("token", first)
    seen = statuses(site.server, TokenFile(path), 2.5)
    assert {status for _, status in seen} == {200}
    assert seen["auth/token/renew-self", 200] >= 1
    vault = Vault(Endpoint(site.server.address), TokenFile(path))
    assert works(vault)
    site.server.do("POST", "auth/token/revoke", {"token": first})
    site.file("token", token())
    assert works(vault)


@pytest.mark.parametrize("changes", [{"num_uses": 50}, {"policies": ["default"], "num_uses": 50}, {"type": "batch"}])
def test_a_token_file_with_a_token_that_would_end_is_refused(site: Site, changes: dict[str, object]) -> None:
    """Before the first call with it."""
    order = {"policies": [site.name], "ttl": "60s", **changes}
    made = site.server.do("POST", "auth/token/create-orphan", order)["auth"]["client_token"]
    with pytest.raises(SourceFailed, match=r"use-limited|batch"):
        Vault(Endpoint(site.server.address), TokenFile(site.file("t", made))).login.current()


def signed(key: ec.EllipticCurvePrivateKey, **claims: object) -> str:
    """A JWT of the platform `https://ci.example.org`."""
    now = int(time.time())
    body = {"iss": "https://ci.example.org", "aud": "vault", "sub": "broker", "iat": now, "exp": now + 300, **claims}
    return jwt.encode({"alg": "ES256"}, body, ECKey.import_key(_pem(key)), algorithms=["ES256"])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_platforms_jwt_logs_in_and_is_read_anew(site: Site) -> None:
    """By Vault's own jwt method; a token of somebody else, and one that has expired, are refused in our words."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    mount = f"{site.name}-jwt"
    site.server.do("POST", f"sys/auth/{mount}", {"type": "jwt"})
    config = {"jwt_validation_pubkeys": [public.decode()], "bound_issuer": "https://ci.example.org"}
    site.server.do("POST", f"auth/{mount}/config", config)
    bound = {"role_type": "jwt", "user_claim": "sub", "bound_subject": "broker", "bound_audiences": ["vault"]}
    site.server.do("POST", f"auth/{mount}/role/me", {**COMMON, **bound, "token_policies": [site.name]})
    identity = PlatformToken("me", site.file("jwt", signed(key)), mount)
    seen = statuses(site.server, identity, 2.5)
    assert {status for _, status in seen} == {200}
    assert seen[f"auth/{mount}/login", 200] >= 2
    for claims in ({"sub": "mallory"}, {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}, {"aud": "x"}):
        site.file("jwt", signed(key, **claims))
        with pytest.raises(SourceFailed, match="login: Vault answered 40"):
            Vault(Endpoint(site.server.address), identity).login.current()
    site.server.do("DELETE", f"sys/auth/{mount}")


def reviewing(namespace: str) -> Callable[[Request], list[bytes]]:
    """A Kubernetes API that vouches for one service account in `namespace` (TokenReview, v1)."""

    def play(request: Request) -> list[bytes]:
        assert request.path == "/apis/authentication.k8s.io/v1/tokenreviews"
        assert request.headers["authorization"] == f"Bearer {REVIEWER}"
        spec = json.loads(request.body)["spec"]
        user = {"username": f"system:serviceaccount:{namespace}:broker", "uid": "the-uid"}
        good = spec["token"].endswith(".c2lnbmVk")
        return reply(201, {"status": {"authenticated": good, "user": user if good else {}}})

    return play


def pod_token(signature: bytes = b"signed") -> str:
    """What a kubelet projects into a pod: only the cluster can check the signature."""
    account = {"namespace": "secretguard", "serviceaccount": {"name": "broker", "uid": "the-uid"}}
    now = int(time.time())
    claims: dict[str, object] = {"iss": "https://kubernetes.default.svc", "kubernetes.io": account}
    claims |= {"iat": now, "nbf": now, "exp": now + 600}
    parts = (json.dumps({"alg": "RS256", "kid": "k"}).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


REVIEWER = pod_token(b"reviewer")


def test_a_pod_logs_in_by_its_service_account(site: Site) -> None:
    """Vault's own kubernetes method asks a TokenReview of the cluster; another account or signature is refused."""
    mount = f"{site.name}-k8s"
    site.server.do("POST", f"sys/auth/{mount}", {"type": "kubernetes"})
    bound = {"bound_service_account_names": ["broker"], "bound_service_account_namespaces": ["secretguard"]}
    site.server.do("POST", f"auth/{mount}/role/me", {**COMMON, **bound, "token_policies": [site.name]})
    identity = PlatformToken("me", site.file("pod", pod_token()), mount)
    authority = Authority(site.folder / "cluster")
    tls = authority.issue("127.0.0.1").server_context()

    def cluster(address: str) -> None:
        settings = {"kubernetes_host": address, "token_reviewer_jwt": REVIEWER, "disable_iss_validation": True}
        more = {"disable_local_ca_jwt": True, "kubernetes_ca_cert": authority.file.read_text()}
        site.server.do("POST", f"auth/{mount}/config", {**settings, **more})

    with loopback(reviewing("secretguard"), tls) as api:
        cluster(api.address)
        seen = statuses(site.server, identity, 2.5)
        assert {status for _, status in seen} == {200}
        assert len(api.requests) >= 2, "each login is reviewed"
        site.file("pod", pod_token(b"forged"))
        with pytest.raises(SourceFailed, match="login: Vault answered"):
            Vault(Endpoint(site.server.address), identity).login.current()
    site.file("pod", pod_token())
    with loopback(reviewing("elsewhere"), tls) as api:
        cluster(api.address)
        with pytest.raises(SourceFailed, match="login: Vault answered"):
            Vault(Endpoint(site.server.address), identity).login.current()
    site.server.do("DELETE", f"sys/auth/{mount}")


def test_a_broker_keeps_both_logins_from_its_start(ready_vault: Provisioned) -> None:
    """With the provisioned roles; the table's method says how."""
    table: VaultTable = ready_vault.table
    assert isinstance(table.issuer, IdentityTable)
    vaults = Vaults(*(Vault(table.endpoint(), one.identity()) for one in (table.issuer, table.revoker)))
    vaults.start()
    assert vaults.problems() == {}
    assert all((one.login.left() or 0) > 3000 for one in (vaults.issuer, vaults.revoker))
    vaults.close()
