"""Witnesses: a real one of another author's cosigns and contradicts; a hostile one is not believed."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import sqlite3
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.log.cosignature import Witness, message
from broker.log.signer import Signer
from broker.log.witness import ANSWER_CAP, MAX_PROOF, WitnessClient, WitnessContradicts, WitnessFailed, ask_all
from broker.service import Broker
from broker.store.log import append, newest_note, sequence
from broker.store.tables import cosignatures
from broker.store.verify import INCOMPLETE, INTACT, TAMPERED, verify
from broker.testing import ManualClock, memory_broker
from tests.broker.scenario import recorded
from tests.servers.witness import NAME, WitnessServer, running_witness

NOW = 1_800_000_000
KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = Witness("w.example", KEY.public_key())


def grow(broker: Broker, count: int) -> None:
    """Record and number."""
    for _ in range(count):
        with broker.database.write() as tx:
            append(tx, "broker:server:started", "", 1.0, {})
    sequence(broker.database, broker.signer, broker.clock)


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    """A broker with three records under a checkpoint."""
    made = memory_broker(str(tmp_path / "s"), {}, {}, clock=ManualClock(NOW))
    grow(made, 3)
    return made


@pytest.fixture(scope="module")
def real(part: Callable[[str], Path]) -> Iterator[WitnessServer]:
    """A running litewitness."""
    with running_witness(part("litewitness")) as server:
        yield server


class Hostile:
    """An HTTP server that answers what a test says; it keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                status, body = outer.answers.pop(0)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{outer.url}/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    """Such a server."""
    made = Hostile()
    yield made
    made.server.shutdown()
    made.thread.join(10)
    made.server.server_close()


def line(note: str, at: int = NOW, key: Ed25519PrivateKey = KEY, witness: Witness = WITNESS) -> bytes:
    """A cosignature line as an honest witness makes it."""
    body = note[: note.rindex("\n\n") + 1]
    value = witness.key_id + at.to_bytes(8, "big") + key.sign(message(body, at))
    return f"\u2014 {witness.name} {base64.b64encode(value).decode()}\n".encode()


def note_of(broker: Broker) -> str:
    """The newest checkpoint."""
    with broker.database.read() as tx:
        return newest_note(tx) or ""


def test_a_real_witness_cosigns_each_checkpoint_that_continues_the_last(broker: Broker, real: WitnessServer) -> None:
    """From nothing, over many sizes; the cosignature is on the note, and verification demands it."""
    real.know("test/log", broker.signer.key.public_key())
    client = WitnessClient(real.url, real.witness)
    key = broker.signer.key.public_key()
    for more in (1, 4, 253, 300, 1):
        assert verify(broker.database, key, None, [real.witness]).code == INCOMPLETE
        done = client.cosign(broker.database, lambda: 2.0**33)
        assert done is not None
        assert real.seen("test/log") == done.size
        assert note_of(broker).count(NAME) == 1
        result = verify(broker.database, key, None, [real.witness])
        assert (result.code, NAME in result.anchor) == (INTACT, True)
        assert client.cosign(broker.database, broker.clock) is None
        grow(broker, more)


def test_a_real_witness_refuses_a_strange_log_and_a_strange_key(tmp_path: Path, real: WitnessServer) -> None:
    """404 for an origin that it was not told of, 403 for another key: told in words, and nothing is recorded."""
    client = WitnessClient(real.url, real.witness)
    real.know("known/log", KEY.public_key())
    for origin, words in (("strange/log", "not know this log"), ("known/log", "accept the log's key")):
        made = memory_broker(str(tmp_path / origin), {}, {})
        broker = dataclasses.replace(made, signer=Signer(origin, Ed25519PrivateKey.generate()))
        grow(broker, 1)
        with pytest.raises(WitnessFailed, match=words):
            client.cosign(broker.database, broker.clock)
        assert recorded(broker, "broker:log:contradicted") == []


def test_a_log_that_went_back_is_found_by_the_real_witness(tmp_path: Path, part: Callable[[str], Path]) -> None:
    """A store put back whole, or another history under the same key: the alarm is recorded, once."""
    first, second = (memory_broker(str(tmp_path / name), {}, {}) for name in "ab")
    with running_witness(part("litewitness")) as server:
        server.know("test/log", first.signer.key.public_key())
        grow(first, 9)
        assert WitnessClient(server.url, server.witness).cosign(first.database, lambda: 2.0**33)
        client = WitnessClient(server.url, server.witness)
        grow(second, 4)
        for _ in range(3):
            with pytest.raises(WitnessContradicts, match="9 entries of this log, and 4 are here"):
                client.cosign(second.database, second.clock)
        assert len(recorded(second, "broker:log:contradicted")) == 1
        grow(second, 20)
        with pytest.raises(WitnessContradicts, match="is not the one"):
            client.cosign(second.database, second.clock)
        assert client.problem


def test_a_lost_cosignature_is_asked_for_again(broker: Broker, part: Callable[[str], Path]) -> None:
    """The witness signed and the answer was lost: from the size that it names the log goes on."""
    with running_witness(part("litewitness")) as server:
        server.know("test/log", broker.signer.key.public_key())
        other = memory_broker("", {}, {}, database=broker.database)
        assert WitnessClient(server.url, server.witness).cosign(other.database, lambda: 2.0**33)
        with contextlib.closing(sqlite3.connect(str(broker.database.engine.url.database))) as link, link:
            link.execute("DROP TRIGGER cosignatures_kept")
            link.execute("DELETE FROM cosignatures")
        grow(broker, 5)
        done = WitnessClient(server.url, server.witness).cosign(broker.database, lambda: 2.0**33)
        assert done is not None
        assert done.size == 8


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"", "no cosignature"),
        (200, b"\xff\xfe", "did not answer"),
        (200, b"x" * (ANSWER_CAP + 1), "did not answer"),
        (200, "\u2014 w.example AAAA\n".encode(), "no cosignature"),
        (302, b"", "answered 302"),
        (403, b"", "accept the log's key"),
        (404, b"", "not know this log"),
        (409, b"", "without the size"),
        (409, b"-1\n", "without the size"),
        (409, b"03\n", "without the size"),
        (409, b"9" * 30, "without the size"),
        (500, b"<html>", "answered 500"),
    ],
)
def test_what_is_no_cosignature_is_not_believed(
    broker: Broker, hostile: Hostile, status: int, body: bytes, words: str
) -> None:
    """The reason is told, nothing is stored, and the record says nothing of it."""
    hostile.answers = [(status, body)]
    client = WitnessClient(hostile.url, WITNESS)
    with pytest.raises(WitnessFailed, match=words):
        client.cosign(broker.database, broker.clock)
    assert client.problem
    with broker.database.read() as tx:
        assert tx.execute(sa.select(cosignatures)).all() == []
    assert recorded(broker, "broker:log:contradicted") == []


def test_a_cosignature_that_is_forged_or_of_another_is_not_stored(broker: Broker, hostile: Hostile) -> None:
    """Another key under the witness's key id, another checkpoint, a far future; a line of a stranger beside is fine."""
    stranger = Ed25519PrivateKey.generate()
    other = note_of(broker).replace("\n3\n", "\n4\n")
    forged = [line(note_of(broker), key=stranger), line(other), line(note_of(broker), at=NOW + 10**6)]
    hostile.answers = [(200, one) for one in forged]
    client = WitnessClient(hostile.url, WITNESS)
    for _ in forged:
        with pytest.raises(WitnessFailed):
            client.cosign(broker.database, broker.clock)
    beside = line(note_of(broker), key=stranger, witness=Witness("other", stranger.public_key()))
    hostile.answers = [(200, beside + line(note_of(broker)))]
    assert client.cosign(broker.database, broker.clock)
    assert "other" not in note_of(broker)


def test_a_witness_that_names_ever_other_sizes_is_given_up(broker: Broker, hostile: Hostile) -> None:
    """Three tries, with proofs from the sizes that it names; then the next round."""
    hostile.answers = [(409, b"1\n"), (409, b"2\n"), (409, b"1\n"), (409, b"2\n")]
    with pytest.raises(WitnessFailed, match="another size"):
        WitnessClient(hostile.url, WITNESS).cosign(broker.database, broker.clock)
    assert [text.split("\n")[0] for text in hostile.asked] == ["old 0", "old 1", "old 2"]
    assert all(text.split("\n\n")[0].count("\n") <= MAX_PROOF for text in hostile.asked)


def test_the_same_size_with_another_root_is_an_alarm(broker: Broker, hostile: Hostile) -> None:
    """A witness that answers 409 with the very size that was stated has signed other entries."""
    hostile.answers = [(200, line(note_of(broker)))]
    client = WitnessClient(hostile.url, WITNESS)
    client.cosign(broker.database, broker.clock)
    grow(broker, 1)
    hostile.answers = [(409, b"3\n")]
    with pytest.raises(WitnessContradicts):
        client.cosign(broker.database, broker.clock)
    assert len(recorded(broker, "broker:log:contradicted")) == 1


def test_a_stored_cosignature_that_was_swapped_is_tampering(broker: Broker) -> None:
    """A line that claims to be the witness's and does not verify is no missing one."""
    forged = line(note_of(broker), key=Ed25519PrivateKey.generate()).decode().strip()
    with broker.database.write() as tx:
        tx.execute(cosignatures.insert().values(size=3, witness=WITNESS.name, line=forged, at=NOW))
    result = verify(broker.database, broker.signer.key.public_key(), None, [WITNESS])
    assert (result.code, "forged" in result.findings[0]) == (TAMPERED, True)


def test_the_loop_goes_on_past_a_witness_that_is_down(broker: Broker, hostile: Hostile) -> None:
    """One unreachable witness keeps no other from signing."""
    hostile.answers = [(200, line(note_of(broker)))]
    witnesses = [WitnessClient("http://127.0.0.1:1", WITNESS), WitnessClient(hostile.url, WITNESS)]
    ask_all(witnesses, broker.database, broker.clock)
    assert witnesses[0].problem
    assert WITNESS.name in note_of(broker)
