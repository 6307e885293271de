"""Proof files: complete for whoever checks them offline, and worth nothing with a byte changed."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.errors import NotFound
from broker.log.cosignature import Witness, message
from broker.log.proof import MAX_BYTES, ProofError, check_proof, prove, read_proof
from broker.service import Broker
from broker.store.log import newest_note
from broker.store.tables import cosignatures
from secretguard.audit.checkpoint import CheckpointError
from tests.broker.log.logs import broker_of

KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = Witness("w.example", KEY.public_key())


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """Seven hundred records, the checkpoint cosigned."""
    made = broker_of(tmp_path_factory.mktemp("proof"), 700)
    with made.database.write() as tx:
        note = newest_note(tx) or ""
        body = note[: note.rindex("\n\n") + 1]
        value = WITNESS.key_id + (77).to_bytes(8, "big") + KEY.sign(message(body, 77))
        line = f"\u2014 {WITNESS.name} {base64.b64encode(value).decode()}"
        tx.execute(cosignatures.insert().values(size=700, witness=WITNESS.name, line=line, at=77))
    return made


def proof_of(broker: Broker, leaf: int) -> str:
    """The file for one entry."""
    with broker.database.read() as tx:
        return prove(tx, leaf)


def key_of(broker: Broker) -> Ed25519PublicKey:
    """The log's public key."""
    return broker.signer.key.public_key()


@pytest.mark.parametrize("leaf", [0, 1, 255, 256, 511, 698, 699])
def test_a_proof_holds_by_itself(broker: Broker, leaf: int) -> None:
    """File and keys are all it needs; the record is in it."""
    done = check_proof(read_proof(proof_of(broker, leaf)), key_of(broker), [WITNESS])
    assert (done.origin, done.index, done.size, done.witnesses) == ("test/log", leaf, 700, ((WITNESS.name, 77),))
    assert f'"n": {leaf}' in done.record


def test_the_format_is_that_of_c2sp(broker: Broker) -> None:
    """Magic line, extra, index, hashes, an empty line, the checkpoint to the letter."""
    head, _, note = proof_of(broker, 5).partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 5"
    assert {len(base64.b64decode(line)) for line in lines[3:]} == {32}
    with broker.database.read() as tx:
        assert note == newest_note(tx)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_byte_proves_nothing(broker: Broker, data: st.DataObject) -> None:
    """Anywhere in the file: refused, or (in a line that nobody asked for) still the truth."""
    text = proof_of(broker, 300)
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from("AZaz09+/= \n\u2014x"))
    changed = text[:at] + put + text[at + 1 :]
    whole = check_proof(read_proof(text), key_of(broker))
    try:
        done = check_proof(read_proof(changed), key_of(broker))
    except CheckpointError:
        return
    assert (done.record, done.index, done.size) == (whole.record, whole.index, whole.size)


def test_another_key_or_a_missing_witness_is_no_proof(broker: Broker) -> None:
    """Each key that is asked for must have signed."""
    proof = read_proof(proof_of(broker, 3))
    with pytest.raises(CheckpointError):
        check_proof(proof, Ed25519PrivateKey.generate().public_key())
    stranger = Witness("w.example", Ed25519PrivateKey.generate().public_key())
    with pytest.raises(ProofError, match="no cosignature"):
        check_proof(proof, key_of(broker), [WITNESS, stranger])


def test_the_record_of_another_entry_is_not_proved(broker: Broker) -> None:
    """Given beside the file it is hashed all the same."""
    proof, other = read_proof(proof_of(broker, 3)), read_proof(proof_of(broker, 4))
    with pytest.raises(ProofError, match="not entry 3"):
        check_proof(proof, key_of(broker), record=other.record)
    assert check_proof(proof, key_of(broker), record=proof.record).index == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + ("A" * 43 + "=\n") * 65 + "\nx\n",
        "c2sp.org/tlog-proof@v1\nextra ****\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra AAAA\n\nx\n",
        "x" * (MAX_BYTES + 1),
    ],
)
def test_what_is_no_proof_is_told(text: str) -> None:
    """Other magic, no index, hashes of another length or too many, a file without end."""
    with pytest.raises(ProofError):
        read_proof(text)


def test_what_no_checkpoint_covers_cannot_be_proved(broker: Broker, tmp_path: Path) -> None:
    """A number behind the end, and an empty log."""
    for one, leaf in ((broker, 700), (broker, -1), (broker_of(tmp_path), 0)):
        with pytest.raises(NotFound):
            proof_of(one, leaf)
