"""How a record names a secret without holding it: 16 hex digits of HMAC-SHA-256 under the user's key. Hot path.

    4d1f00aa:3b0f…   the key's id, the digest. A record from before there were ids was made with the user's first key.

The same value has the same digest in every record of this user, whichever project or rule it was found by, so that
`secretguard audit show --secret` finds each place where a leaked value was seen. Without the key a guess cannot be
tested. A record lists at most MAX_LISTED and says how many it left out.
"""

from __future__ import annotations

from secretguard.keyed import hmac_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS, ID_DIGITS = 16, 8
MAX_LISTED = 200
FIELD, LEFT_OUT = "secrets", "secrets_left_out"
"""The fields of a record that hold the digests, and the number of those that had no room."""


def key_id(key: bytes) -> str:
    """By which a key is known: a digest under it, which tells nothing of it."""
    return hmac_sha256(key, b"key id\0").hex()[:ID_DIGITS]


def labelled(key: bytes, kind: bytes, data: bytes) -> str:
    """The digest of `data` for equality search among things of one `kind`: key id and 64 hex digits."""
    return f"{key_id(key)}:{hmac_sha256(key, kind + bytes(1) + data).hex()}"


def secret_digest(key: bytes, value: bytes) -> str:
    """The digest of one secret's exact bytes under the 32-byte user key, with the key's id."""
    return f"{key_id(key)}:{bare_digest(key, value)}"


def bare_digest(key: bytes, value: bytes) -> str:
    """The same without the id, as records once had it."""
    return hmac_sha256(key, b"secret\0" + value).hex()[:DIGITS]


def listed(key: bytes, values: Iterable[bytes]) -> dict[str, object]:
    """The fields that name `values` in a record: each distinct one once, in order."""
    distinct = list(dict.fromkeys(values))
    own = key_id(key)
    fields: dict[str, object] = {FIELD: [f"{own}:{bare_digest(key, value)}" for value in distinct[:MAX_LISTED]]}
    if len(distinct) > MAX_LISTED:
        fields[LEFT_OUT] = len(distinct) - MAX_LISTED
    return fields
