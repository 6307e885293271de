"""Discovery: the issuer's own document, from safe places, and the token for it shown to the right server alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.authenticate.bearer_jwt import TrustedIssuer
from broker.authenticate.discovery import Origin, endpoint, is_safe
from broker.authenticate.key_set import KeySet
from broker.errors import BadRequest, Unauthenticated
from broker.exchange import NoAnswerError, NotSentError
from tests.broker.authenticate.test_key_set import token
from tests.broker.authenticate.tokens import EC, OTHER_EC, public
from tests.servers.certificates import Authority
from tests.servers.loopback import Loopback, Play, Request, loopback, reply


class Issuer:
    """An issuer's two documents. A test changes what it says."""

    def __init__(self) -> None:
        self.running: Loopback | None = None
        self.changes: dict[str, object] = {}
        self.keys = [{**public(EC), "kid": "one"}]

    @property
    def url(self) -> str:
        assert self.running
        return self.running.address

    def play(self, request: Request) -> list[bytes]:
        if request.path == "/keys":
            return reply(200, {"keys": self.keys})
        if request.path != "/.well-known/openid-configuration":
            return reply(404)
        return reply(200, {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.changes})


def test_keys_are_found_through_the_issuer() -> None:
    """No jwks in the configuration: the discovery document says where, and is asked again when a key is rotated."""
    issuer, now = Issuer(), [0.0]
    with loopback(issuer.play) as issuer.running:
        keys = KeySet("", lambda: now[0], issuer.url)
        assert keys.key_for(token("one"), "token").thumbprint() == EC.thumbprint()
        issuer.keys = [{**public(OTHER_EC), "kid": "two"}]
        issuer.changes = {"jwks_uri": f"{issuer.url}/keys"}
        now[0] += 20  # a key id that is not known makes it look, no sooner than RETRY seconds after the last time
        assert keys.key_for(token("two"), "token").thumbprint() == OTHER_EC.thumbprint()
        with pytest.raises(Unauthenticated):
            keys.key_for(token("one"), "token")
        assert len(issuer.running.asked("/.well-known/")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://another.example"},
        {"issuer": None},
        {"jwks_uri": "http://keys.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://user@keys.example/"},
        {"jwks_uri": ["x"]},
        {"jwks_uri": ""},
    ],
)
def test_a_document_of_another_issuer_or_place_gives_no_keys(changes: dict[str, object]) -> None:
    """The issuer must be named exactly, and keys come over https or from this machine."""
    issuer = Issuer()
    with loopback(issuer.play) as issuer.running:
        issuer.changes = changes
        with pytest.raises(Unauthenticated, match="keys cannot be read"):
            KeySet("", issuer=issuer.url).key_for(token("one"), "token")
        assert not issuer.running.asked("/keys")


def test_the_issuer_is_compared_letter_by_letter() -> None:
    """A final slash makes another issuer of it, though the document's address is the same."""
    issuer = Issuer()
    with loopback(issuer.play) as issuer.running:
        assert Origin().metadata(issuer.url)
        with pytest.raises(ValueError, match="another issuer"):
            Origin().metadata(issuer.url + "/")


@pytest.mark.parametrize("answer", [reply(302, None, [("Location", "http://127.0.0.1:1/")]), reply(200, b"[]"), None])
def test_redirects_and_oddities_are_not_followed(answer: list[bytes] | None) -> None:
    """Only a 200 with a JSON object is a document."""
    with loopback(lambda _: answer) as server, pytest.raises((ValueError, NoAnswerError)):
        Origin().metadata(server.address)


def test_a_cluster_shows_its_keys_to_its_service_accounts(tmp_path: Path) -> None:
    """As in Kubernetes: an authority of its own, and a token that only servers of that authority are shown."""
    mine, theirs = Authority(tmp_path / "mine"), Authority(tmp_path / "theirs")
    (tmp_path / "token").write_text("service-account")
    issuer = Issuer()
    play: Play = lambda request: (  # noqa: E731
        issuer.play(request) if request.headers.get("authorization") == "Bearer service-account" else reply(403)
    )
    with loopback(play, mine.issue("127.0.0.1").server_context()) as issuer.running:
        origin = Origin(str(mine.file), str(tmp_path / "token"))
        assert KeySet("", issuer=issuer.url, origin=origin).key_for(token("one"), "token")
        asked = len(issuer.running.requests)
        for other in (Origin(str(theirs.file), str(tmp_path / "token")), Origin()):
            with pytest.raises((NotSentError, NoAnswerError)):
                other.metadata(issuer.url)
        assert len(issuer.running.requests) == asked


def test_a_token_without_an_authority_is_refused() -> None:
    """It could go to whoever the issuer's name leads to."""
    with pytest.raises(BadRequest, match="ca_file"):
        Origin(token_file="/var/run/token")
    for issuer in ("http://id.example", "id.example", "corp"):
        with pytest.raises(BadRequest, match="without jwks"):
            TrustedIssuer(issuer, "broker")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://id.example/x", True),
        ("http://127.0.0.1:1/x", True),
        ("http://[::1]/x", True),
        ("http://id.example/", False),
        ("https://a b/", False),
        ("https://id.example/\n", False),
        ("https://\u0456d.example/", False),
        ("https://id.example:x/", False),
        ("https:///x", False),
        ("javascript:alert(1)", False),
        (7, False),
        ("https://id.example/" + "x" * 3000, False),
    ],
)
def test_which_urls_are_safe(url: object, safe: bool) -> None:
    """https, or http on loopback; plain letters, no user name."""
    assert is_safe(url) is safe
    if not safe:
        with pytest.raises(ValueError, match="jwks_uri"):
            endpoint({"jwks_uri": url}, "jwks_uri")
    else:
        assert endpoint({"jwks_uri": url}, "jwks_uri") == url
