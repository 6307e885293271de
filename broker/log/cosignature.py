"""Cosignatures of witnesses on this log's checkpoints: C2SP `tlog-cosignature`, Ed25519 (https://c2sp.org).

A witness says: at this time this was the largest consistent tree that I had seen of this log. Who trusts it knows that
no other history was shown to anybody else. ML-DSA-44 keys, which the specification has too, are refused by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from secretguard.audit.checkpoint import CheckpointError
from secretguard.audit.note import key_id, key_text, parse_key, strict_base64

ED25519, ML_DSA_44 = b"\x04", b"\x06"


@dataclasses.dataclass(frozen=True, slots=True)
class Witness:
    """Whose cosignatures count: the name in its signature lines, and its key."""

    name: str
    key: Ed25519PublicKey

    @property
    def key_id(self) -> bytes:
        """The four bytes before each of its signatures."""
        return key_id(self.name, ED25519 + self.key.public_bytes_raw())


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What witnesses say of a log: `anchors` in words, what is `missing`, and lines that do not verify (`faults`)."""

    anchors: list[str]
    missing: list[str]
    faults: list[str]


def parse_witness(text: str) -> Witness:
    """A witness from its verifier key, `name+key id+base64`. Raises CheckpointError."""
    name, raw, belongs = parse_key(text)
    if raw[:1] == ML_DSA_44:
        raise CheckpointError("an ML-DSA-44 witness key is not supported", "give the witness's Ed25519 key")
    usable = name and len(name) <= 200 and name.isprintable() and not any(c.isspace() for c in name)
    if len(raw) != 33 or raw[:1] != ED25519 or not usable or not belongs:
        raise CheckpointError("not an Ed25519 witness key, or its key id does not belong to it")
    return Witness(name, Ed25519PublicKey.from_public_bytes(raw[1:]))


def verifier_key(witness: Witness) -> str:
    """The text that `parse_witness` reads."""
    return key_text(witness.name, ED25519 + witness.key.public_bytes_raw())


def cosigned_at(note: str, line: str, witness: Witness) -> int | None:
    """When `witness` made this signature line on the checkpoint `note` (Unix seconds); None for a line of another key.

    Raises CheckpointError for a line that claims to be the witness's and does not verify.
    """
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    value = strict_base64(encoded)
    if dash != "\u2014" or name != witness.name or value[:4] != witness.key_id:
        return None
    at = int.from_bytes(value[4:12], "big")
    if len(value) != 4 + 8 + 64 or at >= 1 << 63:
        raise CheckpointError(f"a cosignature of {witness.name} is malformed")
    body = note[: note.rindex("\n\n") + 1] if "\n\n" in note else ""
    try:
        witness.key.verify(value[12:], message(body, at))
    except InvalidSignature:
        raise CheckpointError(f"a cosignature of {witness.name} does not belong to this checkpoint") from None
    return at


def message(body: str, at: int) -> bytes:
    """What a witness signs: the checkpoint's text without signatures, at a time."""
    return f"cosignature/v1\ntime {at}\n{body}".encode()


def witnessed(notes: Sequence[tuple[int, str]], lines: Sequence[tuple[int, str]], witnesses: Iterable[Witness]) -> Seen:
    """What each witness has cosigned of the checkpoints `notes` (size, note); `lines` are (size, signature line)."""
    seen = Seen([], [], [])
    texts = dict(notes)
    newest = max(texts, default=0)
    for witness in witnesses:
        best: tuple[int, int] | None = None
        for size, line in lines:
            try:
                at = cosigned_at(texts.get(size, ""), line, witness)
            except CheckpointError as error:
                seen.faults.append(f"forged: {error.message} ({size} entries)")
                continue
            if at is not None:
                best = max(best or (0, 0), (size, at))
        if best is None:
            seen.missing.append(f"not witnessed: {witness.name} has cosigned no checkpoint")
        elif best[0] < newest:
            seen.missing.append(f"not witnessed: {witness.name} has cosigned {best[0]} of {newest} entries")
        else:
            seen.anchors.append(f"the witness {witness.name}")
    return seen
