"""Logins that are kept: one file of mode 0600 for each broker, in this user's state folder, renewed where offered.

A token is shown to the broker that it was got for and to no other, so the file's name is the broker's address. What is
in it never goes into an argument, a variable or another process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any

from broker.authenticate.login import Login
from broker.errors import Unreachable
from broker.login import provider as providers
from broker.login.tokens import Refusal, Tokens, accept, reason
from broker.private_file import private_bytes
from secretguard import rawjson
from secretguard.errors import ConfigError
from secretguard.places import private_dir, state_dir
from secretguard.secret import Secret

SPARE_SECONDS = 30
"""A token that ends sooner is renewed first."""

LOCK_SECONDS = 30.0
MAX_FILE = 128 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A login at `endpoint`, the broker's address."""

    endpoint: str
    login: Login
    tokens: Tokens


def keep(kept: Kept) -> None:
    """Write a login in place of any before; whole or not at all."""
    path = _path(kept.endpoint)
    values = {
        "endpoint": kept.endpoint,
        "login": dataclasses.asdict(kept.login),
        "token": kept.tokens.token.reveal(),
        "expires_at": kept.tokens.expires_at,
        "refresh": kept.tokens.refresh.reveal() if kept.tokens.refresh else None,
        "subject": kept.tokens.subject,
    }
    private_dir(os.path.dirname(path))
    fresh = f"{path}.{os.getpid()}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(values, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def load(endpoint: str) -> Kept | None:
    """The login at `endpoint`; None where there is none. Raises ConfigError for a file that is not ours alone."""
    path = _path(endpoint)
    if not os.path.lexists(path):
        return None
    try:
        value: Any = rawjson.loads(private_bytes(path, MAX_FILE))
        login = Login(**{**value["login"], "scopes": tuple(value["login"]["scopes"])})
        refresh = Secret(value["refresh"]) if value["refresh"] else None
        tokens = Tokens(Secret(value["token"]), value["expires_at"], refresh, value["subject"])
        kept = Kept(value["endpoint"], login, tokens)
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{path}: is damaged", "run `broker login` again") from None
    return kept if kept.endpoint == endpoint else None


def token(endpoint: str) -> Secret | None:
    """What to show the broker at `endpoint`, renewed if need be; None where nobody has logged in.

    Raises Unauthenticated where the login has ended, Unreachable where it cannot be renewed now.
    """
    kept = load(endpoint)
    if kept is None:
        return None
    if _good(kept.tokens):
        return kept.tokens.token
    with _lock(endpoint):  # a refresh token works once: of two commands at a time one renews
        kept = load(endpoint)
        if kept is None:
            return None
        if not _good(kept.tokens):
            kept = dataclasses.replace(kept, tokens=_renewed(kept))
            keep(kept)
    return kept.tokens.token


def forget(endpoint: str) -> bool:
    """End a login: revoke what renews it (RFC 7009) where the issuer offers that, then remove it; False where there
    was none. An issuer that cannot be reached does not keep it here."""
    with _lock(endpoint):
        kept = load(endpoint)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_path(endpoint))
    if kept is None:
        return False
    if kept.tokens.refresh:
        with contextlib.suppress(Unreachable):
            known = providers.find(kept.login)
            form = {"token": kept.tokens.refresh.reveal(), "token_type_hint": "refresh_token"}
            if known.revocation:
                providers.post(known.revocation, {**form, "client_id": kept.login.client_id})
    return True


def _renewed(kept: Kept) -> Tokens:
    if kept.tokens.refresh is None:
        raise Refusal("your login has ended")
    known = providers.find(kept.login)
    form = {"grant_type": "refresh_token", "refresh_token": kept.tokens.refresh.reveal()}
    status, answer = providers.post(known.token, {**form, "client_id": kept.login.client_id, **kept.login.extra()})
    if status >= 500:
        raise Unreachable("the issuer cannot renew your login now", "try again")
    if status != 200:
        raise Refusal(f"your login has ended ({reason(answer)})")
    return accept(known, answer, before=kept.tokens)


def _good(tokens: Tokens) -> bool:
    return tokens.expires_at - time.time() > SPARE_SECONDS


def _path(endpoint: str) -> str:
    name = hashlib.sha256(endpoint.encode()).hexdigest()[:32]
    return os.path.join(state_dir(), "broker", "logins", f"{name}.json")


@contextlib.contextmanager
def _lock(endpoint: str) -> Iterator[None]:
    path = _path(endpoint)
    private_dir(os.path.dirname(path))
    descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        ends_at = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > ends_at:
                    raise Unreachable("another command is renewing your login", "try again") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
