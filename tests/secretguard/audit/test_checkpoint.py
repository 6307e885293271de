from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from secretguard.audit.checkpoint import (
    CheckpointError,
    parse_verifier_key,
    sign,
    sign_note,
    verifier_key,
    verify,
    verify_note,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
ORIGIN = "broker.example/log"
ROOT = bytes(range(32))

NEUMANN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_NOTE = (
    NEUMANN_TEXT + "\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The worked example in the documentation of Go's `golang.org/x/mod/sumdb/note`, where the format comes from."""


def test_note_of_the_reference_implementation_verifies() -> None:
    """A note signed by other code under its published key is accepted, and its key is written the same way."""
    name, key = parse_verifier_key(NEUMANN_KEY)
    assert verify_note(NEUMANN_NOTE, name, key) == NEUMANN_TEXT
    assert verifier_key(name, key) == NEUMANN_KEY


def test_signed_checkpoint_verifies() -> None:
    """Origin, size and head come back as they were signed."""
    for size in (0, 1, 2**63 - 1):
        assert verify(sign(ORIGIN, size, ROOT, KEY), KEY.public_key()) == (ORIGIN, size, ROOT)


def test_checkpoint_has_the_published_form() -> None:
    """Three lines, a blank one, a signature line with a dash."""
    lines = sign(ORIGIN, 7, ROOT, KEY).split("\n")
    assert lines[:4] == [ORIGIN, "7", base64.b64encode(ROOT).decode(), ""]
    assert lines[4].startswith(f"\u2014 {ORIGIN} ")
    assert lines[5:] == [""]


def test_another_key_is_refused() -> None:
    """A checkpoint is not accepted on the word of somebody else's key."""
    with pytest.raises(CheckpointError, match="no signature"):
        verify(sign(ORIGIN, 7, ROOT, OTHER), KEY.public_key())


@given(st.integers(0, 200), st.integers(1, 255))
def test_every_changed_byte_is_refused(at: int, change: int) -> None:
    """Whatever is changed, the checkpoint is refused or says exactly what was signed."""
    data = bytearray(sign(ORIGIN, 7, ROOT, KEY).encode())
    data[at % len(data)] ^= change
    text = data.decode("utf-8", "replace")
    with pytest.raises(CheckpointError):
        verify(text, KEY.public_key())


def test_cosignatures_of_witnesses_are_passed_over() -> None:
    """A second signature line by another name does not disturb, one by the same key that is wrong does."""
    text = sign(ORIGIN, 7, ROOT, KEY)
    witness = sign_note(text.split("\n\n")[0] + "\n", "witness.example", OTHER).split("\n\n")[1]
    assert verify(text + witness, KEY.public_key()) == (ORIGIN, 7, ROOT)
    wrong = sign(ORIGIN, 8, ROOT, KEY).split("\n\n")[1]
    with pytest.raises(CheckpointError, match="does not belong"):
        verify(text + wrong, KEY.public_key())


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n07\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n+7\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n\u0667\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n{2**63}\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT[:-1]).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT).decode()[:-1]}\n",
        f"{ORIGIN}\n7\n",
    ],
)
def test_signed_nonsense_is_refused(body: str) -> None:
    """A good signature does not make a number or a head out of something else."""
    with pytest.raises(CheckpointError):
        verify(sign_note(body, ORIGIN, KEY), KEY.public_key())


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, ROOT), ("a b", 1, ROOT), ("a+b", 1, ROOT), ("a\n", 1, ROOT), (ORIGIN, -1, ROOT), (ORIGIN, 1, b"short")],
)
def test_what_the_format_cannot_hold_is_not_signed(origin: str, size: int, root: bytes) -> None:
    """No checkpoint is signed that another reader would take apart differently."""
    with pytest.raises(CheckpointError):
        sign(origin, size, root, KEY)


@given(st.text(max_size=300))
def test_any_text_is_refused_in_words(text: str) -> None:
    """Whatever a server sends, the answer is one expected error."""
    with pytest.raises(CheckpointError):
        verify(text, KEY.public_key())


@pytest.mark.parametrize("text", ["", "a", "a+b+c", NEUMANN_KEY[:-4], NEUMANN_KEY.replace("c74f20a3", "c74f20a4")])
def test_verifier_keys_that_contradict_themselves_are_refused(text: str) -> None:
    """A verifier key carries a check of itself."""
    with pytest.raises(CheckpointError):
        parse_verifier_key(text)
