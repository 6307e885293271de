"""The public keys of a token issuer: a JWKS (RFC 7517) from a file, an address, or wherever the issuer says; kept for
a while, read with care. A key id that is not known makes us look again, so a rotated key works at once."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from broker.authenticate.discovery import FETCH_SECONDS, MAX_BYTES, Origin, endpoint, is_safe
from broker.authenticate.jose import ALGORITHMS, Key, Rejected, Unverified, public_key
from broker.errors import BadRequest, Unauthenticated
from broker.exchange import NoAnswerError, NotSentError
from secretguard import rawjson

MAX_KEYS = 64
FRESH = 300.0
"""Seconds for which keys are used without a look at their origin."""

STALE = 3600.0
"""Seconds for which keys are still used when their origin cannot be read; after that nobody is let in."""

RETRY = 10.0
"""Least seconds between two looks at the origin, so that tokens with made-up key ids cannot make us hammer it."""


class KeySet:
    """Keys of one issuer. `jwks` is a file path, an https URL or an http URL on loopback; where it is empty, the
    `jwks_uri` of `issuer`'s discovery document, asked for anew each time. Safe to share. Raises BadRequest."""

    def __init__(
        self, jwks: str, clock: Callable[[], float] = time.monotonic, issuer: str = "", origin: Origin | None = None
    ) -> None:
        self._read = _reader(jwks, issuer, origin or Origin())
        self._clock = clock
        self._reading = threading.Lock()
        self._state: tuple[list[Mapping[str, object]], float] = ([], float("-inf"))  # keys, and when they were read
        self._tried_at = float("-inf")

    def key_for(self, token: Unverified, what: str) -> Key:
        """The one key that may have signed `token`: by its `kid`, or the only fitting one where it names none.

        Raises Rejected when there is none or more than one, Unauthenticated when the keys cannot be had.
        """
        fitting = _fitting(self._known(), token)
        if not fitting:
            fitting = _fitting(self._known(look_again=True), token)
        if len(fitting) != 1:
            raise Rejected(f"the {what} names no single key of its issuer")
        return public_key(fitting[0], what)

    def _known(self, look_again: bool = False) -> list[Mapping[str, object]]:
        """The keys, read anew where that is due. One thread reads; others go on with the keys that there are, and wait
        (no longer than a reading may take) only where there are none."""
        now = self._clock()
        age = now - self._state[1]
        may_wait = age > STALE
        if (
            (look_again or age > FRESH)
            and now - self._tried_at >= RETRY
            and self._reading.acquire(timeout=FETCH_SECONDS + 1 if may_wait else 0)
        ):
            try:
                if now - self._tried_at >= RETRY:  # the thread waited for may have done it
                    self._look(now)
            finally:
                self._reading.release()
        keys, read_at = self._state
        if now - read_at > STALE:
            fix = "check the issuer's jwks in the broker's configuration"
            raise Unauthenticated("the issuer's keys cannot be read now", fix, rule="issuer-keys")
        return keys

    def _look(self, now: float) -> None:
        # a failure changes nothing: an issuer may be away for a while, and STALE says for how long
        with contextlib.suppress(OSError, ValueError, NotSentError, NoAnswerError):
            self._state = (_parse(self._read()), now)
        self._tried_at = now


def _fitting(keys: list[Mapping[str, object]], token: Unverified) -> list[Mapping[str, object]]:
    """Keys of the right type, for signatures, and of the token's `kid` where it has one."""
    found = [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[token.algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", token.algorithm) == token.algorithm
    ]
    if "kid" in token.header:
        return [key for key in found if key.get("kid") == token.header["kid"]]
    return found


def _parse(data: bytes) -> list[Mapping[str, object]]:
    value = rawjson.loads(data)
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS or not all(isinstance(key, dict) for key in keys):
        raise ValueError("not a JWKS")
    return keys


def _reader(jwks: str, issuer: str, origin: Origin) -> Callable[[], bytes]:
    if not jwks:
        if not is_safe(issuer):
            raise BadRequest("an issuer without jwks must be an https URL (http on loopback)", "name its jwks")
        return lambda: origin.fetch(endpoint(origin.metadata(issuer), "jwks_uri"))
    if "://" not in jwks:
        return lambda: _read_file(Path(jwks))
    if not is_safe(jwks):
        fix = "keys over plain http could be anybody's"
        raise BadRequest("jwks must be a file, an https URL, or an http URL on loopback", fix)
    return lambda: origin.fetch(jwks)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("too large")
    return data
