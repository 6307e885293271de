"""By what a leaked credential is known again."""

from __future__ import annotations

import hashlib

from broker.fingerprint import SHORTEST, known_by, sha256_of
from broker.lease import Minted
from broker.store.sealed import Sealer
from secretguard.secret import Secret

SEALER = Sealer(b"k" * 32)
LONG = "made-up-" + "x" * 20


def minted(**fields: str) -> Minted:
    return Minted({name: Secret(value) for name, value in fields.items()}, "", "", 0)


def test_anybody_can_make_what_a_value_is_reported_by() -> None:
    """Plain SHA-256 of the text without the white space that it was pasted with."""
    assert sha256_of(f"\n {LONG}\r\n") == sha256_of(LONG) == hashlib.sha256(LONG.encode()).hexdigest()


def test_public_fields_and_short_values_are_not_known() -> None:
    """A user's name or a CA's certificate is shared or guessed; reporting it must take nothing back."""
    assert known_by(SEALER, minted(username=LONG, host=LONG, ca_chain=LONG, password="x" * (SHORTEST - 1))) == ()


def test_each_secret_field_is_known_once_and_only_under_the_key() -> None:
    """Two fields, two digests; the same value twice is one; another broker's key makes others."""
    both = minted(session_token=LONG, secret_access_key=LONG + "2", copy=LONG)
    known = known_by(SEALER, both)
    assert set(known) == {SEALER.fingerprint(sha256_of(LONG)), SEALER.fingerprint(sha256_of(LONG + "2"))}
    assert not set(known) & set(known_by(Sealer(b"j" * 32), both))
    assert sha256_of(LONG) not in known
