"""An issuer's keys: which one counts, how long, and what happens while they cannot be read."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from broker.authenticate import jose, key_set
from broker.authenticate.jose import Rejected
from broker.authenticate.key_set import FRESH, MAX_BYTES, MAX_KEYS, RETRY, STALE, KeySet
from broker.errors import BadRequest, Unauthenticated
from tests.broker.authenticate.tokens import EC, ED, OTHER_EC, RSA, public, signed
from tests.broker.serving import answer, serving


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def write(path: Path, *keys: dict[str, Any]) -> str:
    path.write_text(json.dumps({"keys": keys}))
    return str(path)


def token(kid: object = None, algorithm: str = "ES256", key: jose.Key = EC) -> jose.Unverified:
    header: dict[str, Any] = {"alg": algorithm, **({} if kid is None else {"kid": kid})}
    return jose.parse(signed(header, {}, key), "token")


def test_a_key_is_found_by_its_id(tmp_path: Path, clock: Clock) -> None:
    """Among several keys of one type, `kid` decides."""
    origin = write(tmp_path / "jwks", {**public(EC), "kid": "a"}, {**public(OTHER_EC), "kid": "b"})
    keys = KeySet(origin, clock)
    assert keys.key_for(token("a"), "token").thumbprint() == EC.thumbprint()
    assert keys.key_for(token("b"), "token").thumbprint() == OTHER_EC.thumbprint()
    with pytest.raises(Rejected):
        keys.key_for(token(), "token")  # which of the two is not said


def test_without_an_id_the_only_fitting_key_counts(tmp_path: Path, clock: Clock) -> None:
    """One key of the algorithm's type, whatever else is there."""
    keys = KeySet(write(tmp_path / "jwks", public(EC), public(ED), public(RSA)), clock)
    assert keys.key_for(token(), "token").thumbprint() == EC.thumbprint()
    assert keys.key_for(token(algorithm="EdDSA", key=ED), "token").thumbprint() == ED.thumbprint()


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{**public(EC), "kid": "a", "use": "enc"}],
        [{**public(EC), "kid": "a", "alg": "RS256"}],
        [{**public(RSA), "kid": "a"}],
        [{**public(EC), "kid": "A"}],
        [{**public(EC), "kid": "a"}, {**public(OTHER_EC), "kid": "a"}],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}],
        [{**public(EC), "kid": "a", "x": "AA"}],
    ],
)
def test_a_key_that_does_not_fit_is_not_used(tmp_path: Path, clock: Clock, keys: list[dict[str, Any]]) -> None:
    """Another use, algorithm, type or id, an ambiguous id, a shared secret, a broken key."""
    with pytest.raises(Rejected):
        KeySet(write(tmp_path / "jwks", *keys), clock).key_for(token("a"), "token")


def test_a_new_key_is_seen_at_once_but_not_asked_for_at_will(tmp_path: Path, clock: Clock) -> None:
    """An unknown id makes the keys be read again, at most every RETRY seconds."""
    path = tmp_path / "jwks"
    keys = KeySet(write(path, {**public(EC), "kid": "a"}), clock)
    keys.key_for(token("a"), "token")
    write(path, {**public(EC), "kid": "a"}, {**public(OTHER_EC), "kid": "b"})
    with pytest.raises(Rejected):
        keys.key_for(token("b"), "token")
    clock.now += RETRY
    assert keys.key_for(token("b"), "token").thumbprint() == OTHER_EC.thumbprint()


def test_a_withdrawn_key_stops_counting(tmp_path: Path, clock: Clock) -> None:
    """After FRESH seconds the origin decides again."""
    path = tmp_path / "jwks"
    keys = KeySet(write(path, {**public(EC), "kid": "a"}), clock)
    keys.key_for(token("a"), "token")
    write(path, {**public(OTHER_EC), "kid": "b"})
    clock.now += FRESH + 1
    with pytest.raises(Rejected):
        keys.key_for(token("a"), "token")


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{", b'{"keys":{}}', b'{"keys":[1]}', b'{"keys":[],"keys":[]}'])
def test_an_outage_is_outlived_for_an_hour(tmp_path: Path, clock: Clock, content: bytes | None) -> None:
    """Old keys serve while the origin is missing or broken, up to STALE seconds; then nobody is let in."""
    path = tmp_path / "jwks"
    keys = KeySet(write(path, public(EC)), clock)
    keys.key_for(token(), "token")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    clock.now += STALE - 1
    keys.key_for(token(), "token")
    clock.now += 2
    with pytest.raises(Unauthenticated, match="cannot be read"):
        keys.key_for(token(), "token")


def test_too_large_a_set_is_none(tmp_path: Path, clock: Clock) -> None:
    """Size and number of keys are capped."""
    path = tmp_path / "jwks"
    write(path, public(EC), {"pad": "x" * MAX_BYTES})
    with pytest.raises(Unauthenticated):
        KeySet(str(path), clock).key_for(token(), "token")
    write(path, *[public(EC)] * (MAX_KEYS + 1))
    with pytest.raises(Unauthenticated):
        KeySet(str(path), clock).key_for(token(), "token")


@pytest.mark.parametrize(
    "origin", ["http://ci.example/jwks", "ftp://ci.example/jwks", "https://", "https://u:p@h/jwks"]
)
def test_keys_come_over_a_trustworthy_way(origin: str) -> None:
    """Plain http to another machine, other schemes and credentials in the URL are refused when configured."""
    with pytest.raises(BadRequest):
        KeySet(origin)


def test_keys_over_http_and_its_failures(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loopback server is asked once; redirects, errors, oversized and slow answers are outages."""
    monkeypatch.setattr(key_set, "FETCH_SECONDS", 0.5)
    paths: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        paths.append(scope["path"])
        body = json.dumps({"keys": [public(EC)]}).encode()
        if scope["path"] == "/redirect":
            await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/jwks")]})
            await send({"type": "http.response.body", "body": body})
        elif scope["path"] == "/large":
            await answer(send, 200, body + b" " * MAX_BYTES)
        elif scope["path"] == "/drip":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await receive()
            await receive()  # until the client gives up
        else:
            await answer(send, 200 if scope["path"] == "/jwks" else 404, body)

    with serving(app) as base:
        keys = KeySet(f"{base}/jwks", clock)
        for _ in range(3):
            assert keys.key_for(token(), "token").thumbprint() == EC.thumbprint()
        assert paths == ["/jwks"]
        for path in ("/redirect", "/missing", "/large", "/drip"):
            with pytest.raises(Unauthenticated):
                KeySet(base + path, clock).key_for(token(), "token")
        assert paths == ["/jwks", "/redirect", "/missing", "/large", "/drip"]
    with pytest.raises(Unauthenticated):
        KeySet(f"{base}/jwks", clock).key_for(token(), "token")


def test_nobody_waits_for_an_issuer_whose_keys_are_known(tmp_path: Path, clock: Clock) -> None:
    """While one thread reads the keys again, the others go on with those that there are."""
    keys = KeySet(write(tmp_path / "jwks", public(EC)), clock)
    keys.key_for(token(), "token")
    clock.now += FRESH + 1
    reading, over = threading.Event(), threading.Event()

    def slow() -> bytes:
        reading.set()
        assert over.wait(20)
        return (tmp_path / "jwks").read_bytes()

    keys._read = slow
    reader = threading.Thread(target=keys.key_for, args=(token(), "token"))
    reader.start()
    assert reading.wait(20)
    assert keys.key_for(token(), "token").thumbprint() == EC.thumbprint()  # would wait for `over` otherwise
    over.set()
    reader.join(20)
    assert not reader.is_alive()


def test_everybody_waits_for_the_first_keys(tmp_path: Path, clock: Clock) -> None:
    """Callers that arrive during the first reading are not turned away, and the keys are read once."""
    write(tmp_path / "jwks", public(EC))
    keys = KeySet(str(tmp_path / "jwks"), clock)
    reads, found, gate = [], [], threading.Barrier(4)

    def counted() -> bytes:
        reads.append(1)
        time.sleep(0.1)  # long enough for the others to arrive; they pass either way
        return (tmp_path / "jwks").read_bytes()

    def ask() -> None:
        gate.wait(20)
        found.append(keys.key_for(token(), "token").thumbprint())

    keys._read = counted
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [EC.thumbprint()] * 4
    assert len(reads) == 1
