"""STS by botocore over the broker's own transport: nothing from around it, one call, one deadline."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.aws_call import MAX_ANSWER
from broker.aws_client import EARLY_SECONDS, Sts
from broker.aws_config import AwsTable
from broker.errors import BrokerError, MaybeIssued, SourceFailed
from broker.exchange import NoAnswerError
from broker.testing import ManualClock
from secretguard.errors import ConfigError
from tests.servers.aws import KEY, KEY_ID, credentials_file, running_sts
from tests.servers.certificates import Authority
from tests.servers.loopback import Loopback, Play, forward, loopback, reply, unchanged
from tests.servers.process import spare_port

ASKED = {"RoleArn": "arn:aws:iam::123456789012:role/releases", "RoleSessionName": "task-1.lease-1"}


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with running_sts() as address:
        yield address


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[..., Sts]]:
    """Makes clients of an endpoint."""
    made: list[Sts] = []

    def make(endpoint: str, **more: Any) -> Sts:
        path = str(credentials_file(tmp_path))
        table = AwsTable(region="eu-central-1", credentials_file=path, endpoint=endpoint, **{"seconds": 5, **more})
        made.append(Sts(table))
        return made[-1]

    yield make
    for one in made:
        one.close()


def played(connect: Callable[..., Sts], play: Play, **more: Any) -> tuple[BrokerError, Loopback]:
    """What a call ends with whose answer is `play`, and the server that was asked."""
    with loopback(play) as server, pytest.raises(BrokerError) as caught:
        connect(server.address, **more).assume_role(ASKED)
    return caught.value, server


def test_a_role_is_assumed(connect: Callable[..., Sts], moto: str) -> None:
    """moto's answer, parsed; the request is signed by the keys of the file."""
    answer = connect(moto).assume_role(ASKED)
    assert answer["AssumedRoleUser"]["Arn"].endswith("assumed-role/releases/task-1.lease-1")
    assert answer["Credentials"]["SessionToken"]


AMBIENT = {
    "AWS_ACCESS_KEY_ID": "AKIA" + "FROMENVIRONMENTX",
    "AWS_SECRET_ACCESS_KEY": "from-the-environment",
    "AWS_SESSION_TOKEN": "from-the-environment",
    "AWS_PROFILE": "none-such",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_CA_BUNDLE": "/none/such",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "5",
    "AWS_RETRY_MODE": "adaptive",
    "AWS_SDK_UA_APP_ID": "from-the-environment",
}


def test_nothing_comes_from_the_environment(
    connect: Callable[..., Sts], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither keys nor region, endpoint, proxy, plug-in models or repeats: one call, to the configured place."""
    with loopback(lambda _: reply(500)) as elsewhere, loopback(lambda _: reply(503, b"<busy/>")) as server:
        home = tmp_path / "home"
        (home / ".aws" / "models" / "sts" / "2011-06-15").mkdir(parents=True)
        (home / ".aws" / "models" / "sts" / "2011-06-15" / "service-2.json").write_text("{}")
        (home / ".aws" / "config").write_text(f"[default]\nregion = us-west-2\nendpoint_url = {elsewhere.address}\n")
        away = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"), elsewhere.address)
        away |= dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"), elsewhere.address)
        for name, value in {**AMBIENT, **away, "HOME": str(home), "AWS_DATA_PATH": str(home)}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(MaybeIssued):
            connect(server.address).assume_role(ASKED)
    assert not elsewhere.requests
    (asked,) = server.requests
    assert f"Credential={KEY_ID}/" in asked.headers["authorization"]
    assert "/eu-central-1/sts/aws4_request" in asked.headers["authorization"]
    told = repr(asked.headers) + asked.body.decode()
    assert "environment" not in told
    assert KEY not in told


def test_without_an_endpoint_it_is_the_regions_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says; of the partition that the region is in."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"):
        monkeypatch.setenv(name, "https://evil.example")
    for region, suffix in (("eu-central-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")):
        sts = Sts(AwsTable(region=region, credentials_file=str(credentials_file(tmp_path))))
        sent: list[str] = []

        def exchange(_method: str, url: str, sent: list[str] = sent, **_: object) -> None:
            sent.append(url)
            raise NoAnswerError("stopped here")

        monkeypatch.setattr(sts._caller, "_exchange", exchange)
        with pytest.raises(MaybeIssued):
            sts.assume_role(ASKED)
        assert sent == [f"https://sts.{region}.{suffix}/"]


def test_no_secret_is_logged(connect: Callable[..., Sts], moto: str, caplog: pytest.LogCaptureFixture) -> None:
    """botocore logs whole requests and answers at DEBUG, which somebody may have switched on for everything."""
    with caplog.at_level(logging.DEBUG):
        found = connect(moto).assume_role(ASKED)["Credentials"]
    assert caplog.records  # something else was logged at that level
    for secret in (found["SecretAccessKey"], found["SessionToken"], KEY):
        assert secret not in caplog.text


def test_rotated_keys_are_used_without_a_restart(connect: Callable[..., Sts], tmp_path: Path) -> None:
    """The file is read at each call; while it is damaged nothing is sent."""
    with loopback(lambda _: refusal("AccessDenied", 403)) as server:
        sts = connect(server.address)
        other = "AKIA" + "ROTATEDROTATED22"
        for key_id in (KEY_ID, other):
            credentials_file(tmp_path, key_id)
            with pytest.raises(SourceFailed):
                sts.assume_role(ASKED)
        credentials_file(tmp_path, "x")
        with pytest.raises(SourceFailed, match="needs aws_access_key_id"):
            sts.assume_role(ASKED)
    assert [KEY_ID in server.requests[0].headers["authorization"], len(server.requests)] == [True, 2]
    assert other in server.requests[1].headers["authorization"]


WEB = "arn:aws:iam::123456789012:role/broker"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Callable[..., Sts]]:
    """Makes clients whose own keys come by a platform's token, a file as a kubelet writes it."""
    made: list[Sts] = []
    token = tmp_path / "token"
    token.write_text("made-up-token-one")
    token.chmod(0o644)

    def make(endpoint: str, clock: Callable[[], float] = time.time) -> Sts:
        values = {"region": "eu-central-1", "endpoint": endpoint, "seconds": 5}
        values |= {"web_identity_token_file": str(token), "web_identity_role": WEB}
        made.append(Sts(AwsTable.model_validate(values), clock))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_platforms_identity_gets_the_keys(
    platform: Callable[..., Sts], moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsigned, by its token alone; kept until shortly before they end; then the token is read again."""
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    clock = ManualClock(time.time())
    with loopback(forward(moto, unchanged)) as server:
        sts = platform(server.address, clock)
        for _ in range(2):
            assert sts.assume_role(ASKED)["Credentials"]["SessionToken"]
        (tmp_path / "token").write_text("made-up-token-two")
        clock.advance(3600 - EARLY_SECONDS + 30)
        sts.assume_role(ASKED)
    first, second, third, again, last = server.requests
    for login, token in ((first, "made-up-token-one"), (again, "made-up-token-two")):
        assert "authorization" not in login.headers
        assert f"WebIdentityToken={token}" in login.body.decode()
    for signed in (second, third, last):
        assert "Credential=ASIA" in signed.headers["authorization"]
        assert "x-amz-security-token" in signed.headers
        assert "environment" not in repr(signed.headers)


@pytest.mark.parametrize("answer", [[b""], reply(500), reply(403, b"no"), reply(200, b"<x/>")], ids=range(4))
def test_without_keys_of_its_own_nothing_is_issued(platform: Callable[..., Sts], answer: list[bytes]) -> None:
    """Whatever became of the broker's own login, it made no credential of a task: that is certain."""
    with loopback(lambda _: answer) as server, pytest.raises(SourceFailed):
        platform(server.address).assume_role(ASKED)
    assert len(server.requests) == 1


def test_a_platforms_token_that_others_may_write_is_refused(platform: Callable[..., Sts], tmp_path: Path) -> None:
    """Whoever writes it chooses who the broker is at AWS."""
    (tmp_path / "token").chmod(0o666)
    with pytest.raises(ConfigError, match="others may write"):
        platform("http://127.0.0.1:1")


def refusal(code: str, status: int) -> list[bytes]:
    """STS's own form of an error, whose message quotes the request."""
    told = f"<ErrorResponse><Error><Code>{code}</Code><Message>quoted-request</Message></Error></ErrorResponse>"
    return reply(status, told.encode())


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusal("AccessDenied", 403), SourceFailed, "AccessDenied, status 403"),
        (refusal("PackedPolicyTooLarge", 400), SourceFailed, "PackedPolicyTooLarge"),
        (refusal("Throttling", 400), SourceFailed, "Throttling"),
        (refusal("x y; quoted", 400), SourceFailed, "an error, status 400"),
        (refusal("InternalFailure", 500), MaybeIssued, "InternalFailure, status 500"),
        (refusal("ServiceUnavailable", 503), MaybeIssued, "status 503"),
        (reply(200, b"<not-what-was-expected/>"), MaybeIssued, "not understood"),
        (reply(200, b"not xml"), MaybeIssued, "not understood"),
        (reply(403, b"not xml"), MaybeIssued, "not understood"),
        (reply(200, b""), MaybeIssued, "not understood"),
        ([b""], MaybeIssued, "did not answer"),
        (reply(200, b" " * (MAX_ANSWER + 1)), MaybeIssued, "longer than"),
    ],
    ids=range(12),
)
def test_every_answer_ends_in_one_of_two_words(
    connect: Callable[..., Sts], answer: list[bytes], kind: type[BrokerError], words: str
) -> None:
    """Certainly nothing, or maybe; asked once, and nothing of the answer but its code is repeated."""
    error, server = played(connect, lambda _: answer)
    assert type(error) is kind
    assert words in error.message
    assert "quoted" not in f"{error.message} {error.fix}"
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(connect: Callable[..., Sts]) -> None:
    """Elsewhere nobody hears of the signed request."""
    with loopback(lambda _: reply(200)) as elsewhere:
        away = [("Location", f"{elsewhere.address}/"), ("x-amz-bucket-region", "us-west-2")]
        for status in (301, 302, 307, 308):
            error, _ = played(connect, lambda _, status=status: reply(status, b"", away))
            assert isinstance(error, SourceFailed)
    assert not elsewhere.requests


def test_nobody_there_is_nothing_issued(connect: Callable[..., Sts]) -> None:
    """No connection came about."""
    with pytest.raises(SourceFailed, match="not reached"):
        connect(f"http://127.0.0.1:{spare_port()}").assume_role(ASKED)


def test_one_byte_at_a_time_runs_into_the_deadline(connect: Callable[..., Sts]) -> None:
    """A read timeout that begins anew with each byte would wait for ever."""

    def slowly(_: object) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        while True:
            time.sleep(0.05)
            yield b" "

    began = time.monotonic()
    error, _ = played(connect, slowly, seconds=1)
    assert isinstance(error, MaybeIssued)
    assert time.monotonic() - began < 30


def test_a_certificate_that_nobody_vouches_for_is_refused(connect: Callable[..., Sts], tmp_path: Path) -> None:
    """Nothing is sent; with the authority in `ca_file` the same server is asked."""
    authority = Authority(tmp_path / "ca")
    tls = authority.issue("127.0.0.1").server_context()
    with loopback(lambda _: refusal("AccessDenied", 403), tls) as server:
        with pytest.raises(SourceFailed, match="not reached"):
            connect(server.address).assume_role(ASKED)
        assert not server.requests
        with pytest.raises(SourceFailed, match="AccessDenied"):
            connect(server.address, ca_file=str(authority.file)).assume_role(ASKED)
        assert len(server.requests) == 1


def test_a_wrong_parameter_is_refused_before_anything_is_sent(connect: Callable[..., Sts]) -> None:
    """botocore knows the API's shapes."""
    with loopback(lambda _: reply(200)) as server, pytest.raises(SourceFailed, match="no request"):
        connect(server.address).assume_role({"RoleArn": 7})
    assert not server.requests


def test_without_boto3_the_configuration_is_refused(
    connect: Callable[..., Sts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(ConfigError, match="pip install"):
        connect("http://127.0.0.1:1")


def test_an_authority_that_cannot_be_read_is_refused(connect: Callable[..., Sts], tmp_path: Path) -> None:
    """Rather than to trust the system's instead."""
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "none.pem"):
        with pytest.raises(ConfigError, match=r"aws\.ca_file"):
            connect("https://127.0.0.1:1", ca_file=str(tmp_path / name))
