"""GitHub's API over the broker's own transport: the App's proof, one call, one deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from broker.errors import BrokerError, MaybeIssued, SourceFailed
from broker.github_client import JWT_SECONDS, MAX_ANSWER, SKEW_SECONDS, GitHub
from broker.github_config import GitHubTable
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.servers.certificates import Authority
from tests.servers.github import APP, INSTALLATION, GitHubStub, running_github
from tests.servers.loopback import loopback, reply
from tests.servers.process import spare_port

ASKED = {"repositories": ["widgets"], "permissions": {"contents": "read"}}


@pytest.fixture(scope="module")
def stub() -> Iterator[GitHubStub]:
    with running_github() as running:
        yield running


@pytest.fixture
def connect(tmp_path: Path, stub: GitHubStub) -> Iterator[Callable[..., GitHub]]:
    """Makes clients of an address."""
    made: list[GitHub] = []
    key = tmp_path / "app.pem"
    key.write_bytes(stub.pem)
    key.chmod(0o600)

    def make(api: str = stub.address, clock: Callable[[], float] = time.time, **more: Any) -> GitHub:
        table = GitHubTable(app=APP, private_key_file=str(key), api=api, **{"seconds": 5, **more})
        made.append(GitHub(table, clock))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_token_is_made_and_revoked(connect: Callable[..., GitHub], stub: GitHubStub) -> None:
    """With what was asked for and no more; a second revocation finds it gone."""
    github = connect()
    made = github.create(INSTALLATION, ASKED)
    token = Secret(str(made["token"]))
    assert stub.alive[token.reveal()]["permissions"] == {"contents": "read", "metadata": "read"}
    assert [one["name"] for one in stub.alive[token.reveal()]["repositories"]] == ["widgets"]
    assert [github.revoke(token), github.revoke(token)] == [True, False]
    assert token.reveal() not in stub.alive


def test_the_apps_proof_is_as_github_documents_it(connect: Callable[..., GitHub], stub: GitHubStub) -> None:
    """RS256 by the App's key, dated back a minute, for less than ten; the address may have a path."""
    with loopback(lambda _: reply(404)) as server, pytest.raises(SourceFailed):
        connect(f"{server.address}/api/v3").create(INSTALLATION, ASKED)
    (asked,) = server.requests
    assert (asked.method, asked.path) == ("POST", f"/api/v3/app/installations/{INSTALLATION}/access_tokens")
    proof = asked.headers["authorization"].removeprefix("Bearer ")
    key: Any = serialization.load_pem_private_key(stub.pem, None)
    claims = jwt.decode(proof, key.public_key(), algorithms=["RS256"])
    assert claims["iss"] == APP
    assert claims["exp"] - claims["iat"] == JWT_SECONDS + SKEW_SECONDS < 600
    assert set(claims) == {"iss", "iat", "exp"}


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (-50, True), (200, True), (-3600, False), (3600, False)])
def test_clocks_may_differ_a_little(connect: Callable[..., GitHub], stub: GitHubStub, ahead: float, good: bool) -> None:
    """GitHub's clock a minute behind ours, or minutes ahead, does no harm; an hour is told as what it is."""
    stub.ahead = ahead
    try:
        if good:
            assert connect().create(INSTALLATION, ASKED)["token"]
        else:
            with pytest.raises(SourceFailed, match="status 401") as refused:
                connect().create(INSTALLATION, ASKED)
            assert "clock" in refused.value.fix
    finally:
        stub.ahead = 0


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply(401, {"message": "quoted"}), SourceFailed, "status 401"),
        (reply(403, {"message": "quoted"}), SourceFailed, "status 403"),
        (reply(404), SourceFailed, "status 404"),
        (reply(422, {"message": "quoted"}), SourceFailed, "status 422"),
        (reply(429), SourceFailed, "status 429"),
        (reply(500, {"message": "quoted"}), MaybeIssued, "status 500"),
        (reply(502, b"<html>quoted"), MaybeIssued, "status 502"),
        (reply(200, {"token": "x"}), MaybeIssued, "status 200"),
        (reply(201, b"quoted"), MaybeIssued, "not understood"),
        (reply(201, ["quoted"]), MaybeIssued, "not understood"),
        (reply(201, b'{"token": "a", "token": "b"}'), MaybeIssued, "not understood"),
        (reply(201, b" " * (MAX_ANSWER + 1)), MaybeIssued, "longer than"),
        ([b""], MaybeIssued, "did not answer"),
        ([b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{"], MaybeIssued, "did not answer"),
    ],
    ids=range(14),
)
def test_every_answer_ends_in_one_of_two_words(
    connect: Callable[..., GitHub], answer: list[bytes], kind: type[BrokerError], words: str
) -> None:
    """Certainly nothing, or maybe; asked once, and nothing of the answer is repeated."""
    with loopback(lambda _: answer) as server, pytest.raises(BrokerError) as caught:
        connect(server.address).create(INSTALLATION, ASKED)
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert "quoted" not in f"{caught.value.message} {caught.value.fix}"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 202, 403, 404, 500])
def test_a_revocation_that_cannot_be_told_has_failed(connect: Callable[..., GitHub], status: int) -> None:
    """Only 204 and 401 say that the token is dead, or was."""
    with loopback(lambda _: reply(status)) as server, pytest.raises(SourceFailed):
        connect(server.address).revoke(Secret("made-up-token-of-a-test"))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(connect: Callable[..., GitHub], status: int) -> None:
    """Neither the App's proof nor a token goes anywhere else."""
    with loopback(lambda _: reply(200)) as elsewhere:
        away = [("Location", f"{elsewhere.address}/x")]
        with loopback(lambda _: reply(status, b"", away)) as server:
            github = connect(server.address)
            with pytest.raises(SourceFailed):
                github.create(INSTALLATION, ASKED)
            with pytest.raises(SourceFailed):
                github.revoke(Secret("made-up-token-of-a-test"))
    assert not elsewhere.requests


def test_no_proxy_of_the_environment_is_asked(
    connect: Callable[..., GitHub], stub: GitHubStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor a netrc: what the configuration says is where it goes."""
    with loopback(lambda _: reply(200)) as elsewhere:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "GITHUB_API_URL"):
            monkeypatch.setenv(name, elsewhere.address)
        assert connect(stub.address).create(INSTALLATION, ASKED)["token"]
    assert not elsewhere.requests


def test_nobody_there_is_nothing_issued(connect: Callable[..., GitHub], tmp_path: Path) -> None:
    """No connection, or no TLS that the authority vouches for: nothing was sent."""
    with pytest.raises(SourceFailed, match="not reached"):
        connect(f"http://127.0.0.1:{spare_port()}").create(INSTALLATION, ASKED)
    authority = Authority(tmp_path / "ca")
    with loopback(lambda _: reply(404), authority.issue("127.0.0.1").server_context()) as server:
        with pytest.raises(SourceFailed, match="not reached"):
            connect(server.address).create(INSTALLATION, ASKED)
        assert not server.requests
        with pytest.raises(SourceFailed, match="status 404"):
            connect(server.address, ca_file=str(authority.file)).create(INSTALLATION, ASKED)


def test_no_secret_is_logged(
    connect: Callable[..., GitHub], stub: GitHubStub, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever switches DEBUG on for everything sees no token and no proof."""
    with caplog.at_level(logging.DEBUG):
        made = connect(stub.address).create(INSTALLATION, ASKED)
    proof = stub.requests[-1].headers["authorization"].removeprefix("Bearer ")
    assert str(made["token"]) not in caplog.text
    assert proof not in caplog.text


def test_a_key_that_went_away_issues_nothing(connect: Callable[..., GitHub], tmp_path: Path) -> None:
    """It is read at each call: rotated without a restart, and missed without one."""
    github = connect()
    (tmp_path / "app.pem").unlink()
    with pytest.raises(SourceFailed, match=r"app\.pem"):
        github.create(INSTALLATION, ASKED)
    with pytest.raises(ConfigError, match=r"app\.pem"):
        connect()


def test_an_authority_that_cannot_be_read_is_refused(connect: Callable[..., GitHub]) -> None:
    """Rather than to trust the system's instead."""
    with pytest.raises(ConfigError, match=r"github\.ca_file"):
        connect("https://127.0.0.1:1", ca_file="/none/such.pem")
