"""Witness keys and cosignature lines: C2SP's forms, and nothing that only looks like them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from broker.log.cosignature import Witness, cosigned_at, message, parse_witness, verifier_key
from secretguard.audit.checkpoint import CheckpointError, sign

KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS = Witness("witness.example/w1", KEY.public_key())
NOTE = sign("example.org/log", 3, b"r" * 32, Ed25519PrivateKey.from_private_bytes(b"l" * 32))
BODY = NOTE[: NOTE.rindex("\n\n") + 1]


def line(at: int = 1679315147, body: str = BODY, key: Ed25519PrivateKey = KEY) -> str:
    """A signature line of the witness's."""
    value = WITNESS.key_id + at.to_bytes(8, "big") + key.sign(message(body, at))
    return f"\u2014 {WITNESS.name} {base64.b64encode(value).decode()}"


def test_what_is_signed_is_what_c2sp_says() -> None:
    """Header, time, and the checkpoint's text without signatures; key id over name, 0x04 and key."""
    assert message(BODY, 1679315147).decode() == f"cosignature/v1\ntime 1679315147\n{BODY}"
    raw = KEY.public_key().public_bytes_raw()
    assert WITNESS.key_id == hashlib.sha256(b"witness.example/w1\n\x04" + raw).digest()[:4]


def test_a_cosignature_tells_its_time() -> None:
    """Of this witness on this checkpoint; signature lines after the log's own change nothing."""
    assert cosigned_at(NOTE, line(), WITNESS) == 1679315147
    assert cosigned_at(f"{NOTE}{line()}\n", line(at=5), WITNESS) == 5


def test_another_checkpoint_or_time_is_not_what_was_signed() -> None:
    """A line that names this key and does not verify is an error, not somebody else's line."""
    other = sign("example.org/log", 4, b"r" * 32, KEY)
    for wrong in (line(body=BODY.replace("3", "4")), line(key=Ed25519PrivateKey.generate())):
        with pytest.raises(CheckpointError):
            cosigned_at(NOTE, wrong, WITNESS)
    with pytest.raises(CheckpointError):
        cosigned_at(other, line(), WITNESS)


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    """A line of nobody's is passed over; it never breaks the reader."""
    assert cosigned_at(NOTE, text, WITNESS) is None


@given(st.integers(0, 200), st.sampled_from("Aa0+/= x"))
def test_a_line_with_a_letter_changed_is_not_believed(at: int, put: str) -> None:
    """Either another's line or an error: never a time."""
    text = line()
    changed = text[: at % len(text)] + put + text[at % len(text) + 1 :]
    try:
        told = cosigned_at(NOTE, changed, WITNESS)
    except CheckpointError:
        return
    assert told is None or changed == text


def test_a_witness_key_is_read_as_it_is_written() -> None:
    """Name, key id and key; all three belong together."""
    text = verifier_key(WITNESS)
    found = parse_witness(f" {text}\n")
    assert (found.name, found.key_id) == (WITNESS.name, WITNESS.key_id)
    name, key_id, key = text.split("+", 2)
    log_key = base64.b64encode(b"\x01" + KEY.public_key().public_bytes_raw()).decode()
    for wrong in (
        "",
        "x",
        f"{name}+00000000+{key}",
        f"other+{key_id}+{key}",
        f"a b+{key_id}+{key}",
        f"{name}+{key_id}+{log_key}",
    ):
        with pytest.raises(CheckpointError):
            parse_witness(wrong)


def test_a_key_of_the_newer_kind_is_refused_by_name() -> None:
    """So that nobody believes it would be checked."""
    key = base64.b64encode(b"\x06" + b"k" * 1312).decode()
    with pytest.raises(CheckpointError, match="ML-DSA-44"):
        parse_witness(f"w.example+00000000+{key}")
