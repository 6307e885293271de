"""Mutual TLS against a real `broker serve`: who is let in as whom, and who is not."""

from __future__ import annotations

import datetime
import os
import shutil
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker import client_tls
from broker.authenticate.mutual_tls import MutualTls, Workload
from broker.authenticate.spiffe import Svid
from broker.client import BrokerClient, Credential
from broker.errors import Refused, Unauthenticated, Unreachable
from secretguard.errors import ConfigError
from tests.broker.served import Served
from tests.servers.certificates import Authority, Pair
from tests.servers.process import spare_port

ID = "spiffe://example.org/ns/ci/sa/runner"
TASK = """
name = "ci"
environment = "sandbox"
deadline = 600
launchers = ["spiffe:example.org/ns/ci/sa/*", "jwt:corp:ada"]
[grants.plain]
source = "identity"
scope = { audience = "a" }
ttl = 60
"""


class Site:
    """A broker that trusts two domains, each with an authority of its own, and whose bundles may change."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, spare_port()
        self.own, self.mine, self.theirs = (Authority(folder / name) for name in ("own", "mine", "theirs"))
        self.server = self.own.issue("127.0.0.1")
        self.server.key.chmod(0o600)
        self.bundle = folder / "bundle.pem"
        self.trust(self.mine)
        table = (
            f'[server.mtls]\nlisten = "127.0.0.1:{self.port}"\ncertificate = "{self.server.certificate}"\n'
            f'key = "{self.server.key}"\n[server.mtls.trust_domains]\n"example.org" = "{self.bundle}"\n'
            f'"partner.example" = "{self.theirs.file}"\n'
        )
        self.served = Served(folder, f"sqlite:///{folder}/broker.db", {"ci": TASK}, table)
        self.runner = self.mine.workload("runner", ID)

    def trust(self, authority: Authority) -> None:
        fresh = self.folder / "fresh.pem"
        shutil.copy(authority.file, fresh)
        os.replace(fresh, self.bundle)

    def client(self, pair: Pair | None, token: str = "") -> BrokerClient:
        files = (str(pair.certificate), str(pair.key)) if pair else ("", "")
        identity = self.served.token(token) if token else None
        return BrokerClient(self.url, identity, tls=client_tls.context(str(self.own.file), *files))

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("m"))
    with made.served.running():
        yield made


def test_a_workload_starts_a_task_and_holds_its_session(site: Site) -> None:
    """Identity by certificate, proofs of possession over the same listener, and the record names the SPIFFE id."""
    with site.client(site.runner) as client:
        assert client.whoami()["id"] == "spiffe:example.org/ns/ci/sa/runner"
        started = client.start_task("ci", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        assert isinstance(session.credentials("plain"), Credential)
        assert client.task(started.task_id)["on_behalf_of"] == "spiffe:example.org/ns/ci/sa/runner"
        session.end()


def test_a_workload_is_no_person(site: Site) -> None:
    """It decides nothing, whatever the approvers' patterns are."""
    with site.client(site.runner) as client:
        assert (client.whoami()["person"], client.whoami()["approver_of"]) == (False, [])


def test_another_workload_may_not(site: Site) -> None:
    """A good certificate of the domain that no launcher pattern means."""
    with site.client(site.mine.workload("web", "spiffe://example.org/ns/web/sa/x")) as client:
        with pytest.raises(Refused) as caught:
            client.start_task("ci", "a test")
        assert caught.value.rule == "launchers"


def test_an_authority_speaks_for_its_own_domain_alone(site: Site) -> None:
    """The partner's authority, which TLS trusts as well, signs a name of ours."""
    with site.client(site.theirs.workload("liar", ID)) as client, pytest.raises(Unauthenticated) as caught:
        client.whoami()
    assert caught.value.rule == "client-certificate"
    with site.client(site.theirs.workload("partner", "spiffe://partner.example/x")) as client:
        assert client.whoami()["id"] == "spiffe:partner.example/x"
    with (
        site.client(site.mine.workload("foreign", "spiffe://other.example/x")) as client,
        pytest.raises(Unauthenticated),
    ):
        client.whoami()


@pytest.mark.parametrize("uris", [(), (ID, "spiffe://example.org/other"), ("https://example.org/",)])
def test_a_certificate_without_exactly_one_id_is_nobody(site: Site, uris: tuple[str, ...]) -> None:
    """No URI, two, or none of SPIFFE's; with a person's token over it the person is asking."""
    pair = site.mine.workload("odd", *uris)
    with site.client(pair) as client, pytest.raises(Unauthenticated) as caught:
        client.whoami()
    assert caught.value.rule == "client-certificate"
    with site.client(pair, "ada") as client:
        assert client.whoami()["id"] == "jwt:corp:ada"


def test_tls_itself_turns_the_rest_away(site: Site) -> None:
    """An expired certificate, one of an unknown authority, and none: no request arrives."""
    expired = site.mine.workload("old", ID, valid=datetime.timedelta(0))
    for pair in (expired, site.own.workload("stranger", ID), None):
        with site.client(pair) as client, pytest.raises(Unreachable):
            client.whoami()


def test_headers_are_no_certificate(site: Site) -> None:
    """What a proxy would say of a client is not listened to, here as on every other way in."""
    context = ssl.create_default_context(cafile=str(site.own.file))
    context.load_cert_chain(
        site.mine.workload("web", "spiffe://example.org/w").certificate, site.folder / "mine" / "web.key"
    )
    told = {"X-Forwarded-Client-Cert": f"URI={ID}", "X-Client-Verify": "SUCCESS", "X-Forwarded-For": "127.0.0.1"}
    with httpx.Client(verify=context, headers=told) as web:
        assert web.get(f"{site.url}/v1/whoami").json()["id"] == "spiffe:example.org/w"
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(site.served.socket)), headers=told) as web:
        assert web.get("http://broker/v1/whoami").json()["id"] == f"unix:{os.geteuid()}"


def test_files_that_change_are_read_again(site: Site) -> None:
    """A withdrawn authority is withdrawn at once, on connections that there are as well; a new one counts at once; a
    broken file changes nothing."""
    new = Authority(site.folder / "new")
    renewed = new.workload("renewed", ID)
    with site.client(site.runner) as held:
        assert held.whoami()
        try:
            site.trust(new)
            with pytest.raises((Unauthenticated, Unreachable)):
                held.whoami()
            with site.client(renewed) as client:
                assert client.whoami()["id"] == "spiffe:example.org/ns/ci/sa/runner"
                site.bundle.write_text("-----BEGIN")
                assert client.whoami()
            with site.client(renewed) as client:
                assert client.whoami()
        finally:
            site.trust(site.mine)
        with site.client(site.runner) as client:
            assert client.whoami()


def test_a_certificate_that_ends_ends_the_connection_too() -> None:
    """What was proved at the handshake does not outlive the certificate."""
    proved = Workload(Svid("example.org", "/x", int(time.time())), "", b"", None)
    with pytest.raises(Unauthenticated, match="expired"):
        proved.identity(time.time() + 2)


@pytest.mark.parametrize("broken", ["certificate", "key", "bundle", "mode", "gone", "empty"])
def test_a_listener_does_not_start_on_bad_files(tmp_path: Path, broken: str) -> None:
    """Each is named before anything is served."""
    authority = Authority(tmp_path)
    pair = authority.issue("127.0.0.1")
    pair.key.chmod(0o600)
    bundle = tmp_path / "bundle.pem"
    shutil.copy(authority.file, bundle)
    damage = {
        "certificate": lambda: pair.certificate.write_text("x"),
        "key": lambda: shutil.copy(authority.issue("other").key, pair.key),
        "bundle": lambda: bundle.write_text("x"),
        "mode": lambda: pair.key.chmod(0o644),
        "gone": bundle.unlink,
        "empty": lambda: bundle.write_text(""),
    }
    damage[broken]()
    with pytest.raises(ConfigError):
        MutualTls(str(pair.certificate), str(pair.key), {"example.org": str(bundle)}).context()


def test_the_system_s_authorities_do_not_vouch_for_this_broker(site: Site) -> None:
    """A client that was told of no authority does not talk to it."""
    with pytest.raises(Unreachable), BrokerClient(site.url) as client:
        client.whoami()
