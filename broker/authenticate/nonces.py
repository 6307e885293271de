"""Nonces for proofs of possession (RFC 9449, section 8): made of the broker's key and the time, stored nowhere.

All replicas share the key, so each accepts what another gave out. A nonce changes every STEP seconds; it is good for
two to three steps, and from one step before its time, since replicas' clocks differ.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Callable

from secretguard.keyed import hmac_sha256

STEP = 60
"""Seconds after which another nonce is given out."""

_BEFORE, _AFTER = 2, 1
_BYTES = 8 + 16  # the step, and half of its HMAC-SHA-256
_TEXT = _BYTES * 4 // 3


class Nonces:
    """Gives out nonces and knows them again, on one clock (Unix seconds). Safe to share between threads."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock
        self._newest: tuple[int, str] = (-1, "")

    def current(self) -> str:
        """The newest nonce: 32 letters of base64url."""
        step, nonce = self._newest
        now = self._step()
        if step != now:
            nonce = self._nonce(now)
            self._newest = (now, nonce)
        return nonce

    def good_until(self, nonce: object) -> int | None:
        """Until when (Unix seconds) some replica may take `nonce` for current; None where it is not, or no nonce."""
        if not isinstance(nonce, str) or len(nonce) != _TEXT or not nonce.isascii():
            return None
        try:
            step = int.from_bytes(base64.urlsafe_b64decode(nonce)[:8])
        except binascii.Error:
            return None
        if not hmac.compare_digest(nonce, self._nonce(step)) or not -_BEFORE <= step - self._step() <= _AFTER:
            return None
        return (step + _BEFORE + _AFTER + 1) * STEP

    def _step(self) -> int:
        return max(0, int(self._clock()) // STEP)

    def _nonce(self, step: int) -> str:
        told = step.to_bytes(8)
        return base64.urlsafe_b64encode(told + hmac_sha256(self._key, told)[: _BYTES - 8]).decode()
