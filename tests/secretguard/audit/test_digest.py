from __future__ import annotations

import hmac

from secretguard.audit.digest import MAX_LISTED, bare_digest, key_id, labelled, listed, secret_digest

KEY = b"k" * 32


def test_a_digest_is_keyed_and_of_its_own_kind() -> None:
    """Sixteen digits of an HMAC under a label of its own: no other digest of the same value is equal to it."""
    assert bare_digest(KEY, b"value") == hmac.digest(KEY, b"secret\0value", "sha256").hex()[:16]
    assert secret_digest(KEY, b"value") == f"{key_id(KEY)}:{bare_digest(KEY, b'value')}"
    assert labelled(KEY, b"command", b"ls").endswith(hmac.digest(KEY, b"command\0ls", "sha256").hex())
    assert secret_digest(KEY, b"value") != secret_digest(b"K" * 32, b"value")


def test_each_value_is_listed_once_in_order() -> None:
    """A secret that shows up ten times has one digest."""
    fields = listed(KEY, [b"b", b"a", b"b"])
    assert fields == {"secrets": [secret_digest(KEY, b"b"), secret_digest(KEY, b"a")]}


def test_what_has_no_room_is_counted() -> None:
    """A record stays bounded and says how many digests it lacks."""
    fields = listed(KEY, [str(number).encode() for number in range(MAX_LISTED + 3)])
    assert isinstance(fields["secrets"], list)
    assert (len(fields["secrets"]), fields["secrets_left_out"]) == (MAX_LISTED, 3)
