"""One record proved against a pin, without the rest of the journal. Pure but for reading the journal.

A proof is one JSON document:

    version   1
    prev      the hash that the record follows
    envelope  the record's first column
    fields    its second; null where it was erased or is left out, or where the format had none
    links     the first columns of all records after it, up to the pinned one

Anyone checks it with SHA-256: start with h = SHA-256(prev ‖ envelope); for each link h = SHA-256(h ‖ link), all hashes
as 64 hex digits. It holds when h is the pin's hash, the number of the last one is the pin's, and the envelope states
the SHA-256 of the fields. What other records say is not in it. It grows with the distance to the pin: choose a near
one, as the heads that a broker keeps are.
"""

from __future__ import annotations

import dataclasses

from secretguard.audit.line import BLANK, GENESIS, columns, fields_digest, is_record
from secretguard.audit.pin import Pin
from secretguard.audit.reader import lines, parse
from secretguard.audit.record import Record
from secretguard.errors import ConfigError, SecretguardError
from secretguard.keyed import sha256_hex
from secretguard.rawjson import JsonError, dumps, loads

VERSION = 1
MAX_LINKS = 100_000
MAX_BYTES = 64 * 1024 * 1024
_NAMES = ("version", "prev", "envelope", "fields", "links")


class ProofError(SecretguardError):
    """The document is no proof, or does not prove its record against this pin."""


@dataclasses.dataclass(frozen=True)
class Proof:
    """See the head of this file."""

    prev: str
    envelope: str
    fields: str | None
    links: tuple[str, ...]

    def text(self) -> str:
        """The document, one line of ASCII JSON."""
        return dumps({"version": VERSION, **dataclasses.asdict(self), "links": list(self.links)}) + "\n"


def prove(directory: str, seq: int, pin: Pin) -> Proof:
    """The proof of record `seq` of the journal in `directory`. Raises ConfigError when the record or the pinned one is
    not there, lies after it, or too far before; ProofError when journal and pin contradict each other."""
    if not 1 <= seq <= pin.seq:
        raise ConfigError(f"record {seq} is not one of those that the pin covers: 1 to {pin.seq}", "take a later pin")
    if pin.seq - seq > MAX_LINKS:
        raise ConfigError(f"{pin.seq - seq} records lie between, and a proof has {MAX_LINKS} at most", "a nearer pin")
    found = ""
    proof: list[object] = []
    links: list[str] = []
    for line in lines(directory):
        parts = columns(line.removesuffix(b"\n"))
        if parts is None:
            continue
        envelope, prev, own, fields = parts
        if not proof and is_record(envelope, seq):
            kept = None if fields is None or fields.startswith(BLANK) else fields.decode("ascii")
            proof = [prev, envelope.decode("ascii"), kept]
        elif proof:
            links.append(envelope.decode("ascii", "replace"))
        if proof and len(links) == pin.seq - seq:
            found = own
            break
    if not found:
        raise ConfigError(f"the journal does not hold records {seq} to {pin.seq}", "see `secretguard audit verify`")
    made = Proof(str(proof[0]), str(proof[1]), None if proof[2] is None else str(proof[2]), tuple(links))
    check(made, pin)
    return made


def read(data: bytes, name: str) -> Proof:
    """The proof in `data`. Raises ProofError for anything that is not exactly one; `name` is for the message."""
    if len(data) > MAX_BYTES:
        raise ProofError(f"{name}: a proof is {MAX_BYTES} bytes at most")
    try:
        document = loads(data)
    except JsonError as error:
        raise ProofError(f"{name}: not a proof: {error}", "`secretguard audit prove` writes one") from None
    if not isinstance(document, dict) or sorted(document) != sorted(_NAMES) or document["version"] != VERSION:
        raise ProofError(f"{name}: a proof has exactly {', '.join(_NAMES)}", "`secretguard audit prove` writes one")
    prev, envelope, fields, links = (document[key] for key in _NAMES[1:])
    texts = [prev, envelope, "" if fields is None else fields, *(links if isinstance(links, list) else [None])]
    if not all(isinstance(text, str) and text.isascii() for text in texts) or len(texts) > MAX_LINKS + 3:
        raise ProofError(f"{name}: a proof holds ASCII texts, and {MAX_LINKS} links at most")
    return Proof(prev, envelope, fields, tuple(links))


def check(proof: Proof, pin: Pin) -> Record:
    """The record that `proof` proves. Raises ProofError saying what does not fit."""
    parts = [proof.envelope, *proof.links]
    first = pin.seq - len(proof.links)
    if len(proof.prev) != len(GENESIS):
        raise ProofError("prev is no hash")
    own = proof.prev
    for number, text in enumerate(parts, first):
        data = text.encode("ascii", "replace")
        if not is_record(data, number):
            raise ProofError(f"record {number} is due, and the proof holds another: it is for another pin, or altered")
        own = sha256_hex(own.encode("ascii") + data)
    if own != pin.hash:
        raise ProofError(f"the proof does not lead to record {pin.seq} as it was pinned at {pin.time}")
    return _said(proof)


def _said(proof: Proof) -> Record:
    """Envelope and fields together; only those fields count whose digest the envelope states."""
    envelope = proof.envelope.encode("ascii")
    if proof.fields is None:
        columns_ = envelope if envelope.startswith(b'{"v":1,') else envelope + b"\t" + BLANK
    elif sha256_hex(proof.fields.encode("ascii")).encode("ascii") == fields_digest(envelope):
        columns_ = envelope + b"\t" + proof.fields.encode("ascii")
    else:
        raise ProofError("the fields are not those of the record")
    record = parse(columns_ + f"\t{GENESIS}\t{GENESIS}".encode("ascii"))
    if record is None:
        raise ProofError("the proved bytes are no record")
    return record
