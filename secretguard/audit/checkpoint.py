"""Checkpoints of a log: C2SP `tlog-checkpoint` inside a C2SP `signed-note`, Ed25519 (https://c2sp.org).

example.org/log          the origin, also the name of the key
20852163                 number of leaves
CsUYapGGPo4dkMg...=      tree head, base64
                         (blank)
— example.org/log 4bytesOfKeyId+signature in base64
"""

from __future__ import annotations

import base64
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from secretguard.audit.merkle import HASH_BYTES
from secretguard.audit.note import key_id, key_text, parse_key, strict_base64
from secretguard.errors import SecretguardError

MAX_BYTES = 64 * 1024
MAX_SIGNATURES = 100
MAX_SIZE = 2**63 - 1
_ED25519 = b"\x01"
_DASH = "\u2014 "


class SigningKey(Protocol):
    """An Ed25519 private key, here or where only its signatures come from; cryptography's own is one."""

    def public_key(self) -> Ed25519PublicKey: ...

    def sign(self, data: bytes, /) -> bytes: ...


class CheckpointError(SecretguardError):
    """The text is no checkpoint, or none that this key signed."""


def sign(origin: str, size: int, root: bytes, private_key: SigningKey) -> str:
    """The signed checkpoint of a log named `origin` with `size` leaves and tree head `root` (32 bytes).

    Raises CheckpointError for a name, size or head that the format cannot hold.
    """
    if not 0 <= size <= MAX_SIZE or len(root) != HASH_BYTES:
        raise CheckpointError(f"a checkpoint cannot state {size} leaves and a head of {len(root)} bytes")
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"
    return sign_note(text, origin, private_key)


def verify(text: str, public_key: Ed25519PublicKey) -> tuple[str, int, bytes]:
    """(origin, size, root) of a checkpoint that `public_key` signed under the origin's name. Raises CheckpointError.

    Signatures of other keys (witnesses) are passed over; extension lines are covered by the signature and ignored.
    """
    origin = text.split("\n", 1)[0]
    lines = verify_note(text, origin, public_key).removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise CheckpointError("a checkpoint has an origin, a size and a tree head, each on a line")
    size, root = lines[1], strict_base64(lines[2])
    if not (size.isascii() and size.isdigit()) or len(size) > 19 or size != str(int(size)) or int(size) > MAX_SIZE:
        raise CheckpointError("the checkpoint's size is not a plain decimal number")
    if len(root) != HASH_BYTES:
        raise CheckpointError("the checkpoint's tree head is not 32 bytes")
    return origin, int(size), root


def verifier_key(name: str, public_key: Ed25519PublicKey) -> str:
    """The key as a verifier is given it. Raises CheckpointError for a name that a note cannot hold."""
    return key_text(_name(name), _key(public_key))


def parse_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """(name, key) of such a text. Raises CheckpointError."""
    name, key, belongs = parse_key(text)
    if len(key) != 33 or key[:1] != _ED25519 or _name(name) != name or not belongs:
        raise CheckpointError("not an Ed25519 verifier key, or its key id does not belong to it")
    return name, Ed25519PublicKey.from_public_bytes(key[1:])


def _key(public_key: Ed25519PublicKey) -> bytes:
    return _ED25519 + public_key.public_bytes_raw()


def sign_note(text: str, name: str, private_key: SigningKey) -> str:
    """`text` (whole lines) with one signature line under `name`."""
    if not text.endswith("\n") or text.startswith("\n") or "\n\n" in text or not _printable(text):
        raise CheckpointError("a note is whole lines of text, none of them empty")
    own = key_id(_name(name), _key(private_key.public_key()))
    signature = base64.b64encode(own + private_key.sign(text.encode("utf-8"))).decode("ascii")
    return f"{text}\n{_DASH}{name} {signature}\n"


def verify_note(text: str, name: str, public_key: Ed25519PublicKey) -> str:
    """The text of a note that carries a good signature of `public_key` under `name`. Raises CheckpointError.

    A signature line with this name and key id that does not verify refuses the note, whatever others say.
    """
    body, signatures = _parts(text)
    own = key_id(_name(name), _key(public_key))
    signed = False
    for line in signatures:
        signer, _, encoded = line.removeprefix(_DASH).partition(" ")
        value = strict_base64(encoded)
        if not line.startswith(_DASH) or not signer or len(value) < 5:
            raise CheckpointError("a signature line is not `— name base64`")
        if signer == name and value[:4] == own:
            _check(public_key, value[4:], body)
            signed = True
    if not signed:
        raise CheckpointError(f"no signature of {name} by this key", "check that the verifier key is this log's own")
    return body


def _parts(text: str) -> tuple[str, list[str]]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES or not _printable(text):
        raise CheckpointError(f"a checkpoint is at most {MAX_BYTES} bytes of text without control characters")
    body, blank, rest = text.rpartition("\n\n")
    signatures = rest.removesuffix("\n").split("\n")
    if not blank or not rest.endswith("\n") or len(signatures) > MAX_SIGNATURES:
        raise CheckpointError(f"a note ends in a blank line and 1 to {MAX_SIGNATURES} signature lines")
    return body + "\n", signatures


def _check(public_key: Ed25519PublicKey, signature: bytes, body: str) -> None:
    try:
        public_key.verify(signature, body.encode("utf-8"))
    except InvalidSignature:
        raise CheckpointError("the signature does not belong to this text") from None


def _printable(text: str) -> bool:
    return not any((c < " " and c != "\n") or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text)


def _name(name: str) -> str:
    if not name or "+" in name or any(c.isspace() for c in name) or not _printable(name):
        raise CheckpointError("the name of a log or key is not empty and has neither white space nor +")
    return name
