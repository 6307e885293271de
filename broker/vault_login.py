"""One identity's login at Vault, kept alive without a gap.

The token is fetched at the first call and replaced in the background after two thirds of its life, by one thread and
one login at a time; what fails is tried again sooner and sooner towards the token's end. A caller gets a token that
still lives and waits for nobody, except for the first one, for one that Vault has refused, and at its very end.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from typing import Protocol

from broker.errors import SourceFailed
from broker.vault_answer import Answer, Outcome, whole
from secretguard.errors import ConfigError
from secretguard.secret import Secret

DOUBT_SECONDS = 10.0
"""A second 403 within this time does not cause a second login: a missing right must not flood Vault with logins."""

UNKNOWN_LIFE = 3600
"""After how many seconds a token whose life Vault does not tell is fetched anew."""

LONGEST_LIFE = 30 * 86400
"""Seconds for which a token is believed to live at most, whatever Vault says."""

RETRY_SECONDS = (0.5, 30.0)
"""The first and the longest pause after a login that failed; it doubles in between."""

Ask = Callable[..., Answer]
"""`ask(method, *path, body=..., token=...)`: a call that carries no token unless one is given."""


class LoginUnfit(SourceFailed):
    """Vault let this identity in, and what it gave cannot be worked with: a broker refuses to start with it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Login:
    """A token and the seconds that it lives from when it was asked for."""

    token: Secret
    seconds: int
    renewable: bool = False


class Identity(Protocol):
    """How the broker proves who it is. `renews`: a renewal is tried before another login, because what this identity
    logs in with may be spent."""

    @property
    def renews(self) -> bool: ...

    def log_in(self, ask: Ask) -> Login:
        """Raises SourceFailed, LoginUnfit, and ConfigError for a file that is not as it must be."""


def taken(answer: Answer) -> Login:
    """The login in Vault's answer to one. Raises SourceFailed, and LoginUnfit for a token that is used up by calls or
    cannot make others: the broker would stop in the middle of its work."""
    auth = answer.or_failed("login").auth
    if answer.token is None:
        raise SourceFailed("login: Vault's answer has no token", "check the login mount in the configuration")
    refuse_unfit(auth.get("num_uses", 0), auth.get("token_type", "service"))
    return Login(answer.token, whole(auth.get("lease_duration")) or UNKNOWN_LIFE, auth.get("renewable") is True)


def refuse_unfit(uses: object, kind: object) -> None:
    """Raises LoginUnfit for a use-limited token and for a batch token."""
    if uses != 0 or isinstance(uses, bool):
        raise LoginUnfit(
            "login: the token is use-limited: it would end in the middle of the work and can have no children",
            "set token_num_uses = 0 on the login role; `broker vault setup` does",
            rule="vault-login",
        )
    if kind == "batch":
        raise LoginUnfit(
            "login: a batch token can neither make tokens nor be revoked",
            "set token_type = service on the login role",
            rule="vault-login",
        )


@dataclasses.dataclass(frozen=True, slots=True)
class _Held:
    login: Login
    replace_at: float
    dies_at: float


class KeptLogin:
    """The token of `identity`. Safe across threads. `ask` reaches Vault, `seconds` bounds one call; `proved` looks at
    each new token and raises SourceFailed for one that must not be used."""

    def __init__(self, identity: Identity, ask: Ask, seconds: float, proved: Callable[[Secret], None]) -> None:
        self.problem = ""
        self._identity, self._ask, self._seconds, self._proved = identity, ask, seconds, proved
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._doubt_from = 0.0  # a 403 before this moment is a missing right, not a dead token
        self._failures = 0
        self._failed: SourceFailed | None = None
        self._closed = threading.Event()
        self._background = False
        self._thread: threading.Thread | None = None

    def keep(self) -> None:
        """From now on replace the token in the background, once there is one."""
        self._background = True

    def close(self) -> None:
        """End the background's work. The token is left to its own expiry."""
        self._closed.set()

    def left(self) -> float | None:
        """Seconds that the token still lives; None before the first login."""
        held = self._held
        return None if held is None else max(0.0, held.dies_at - time.monotonic())

    def current(self, stale: Secret | None = None) -> tuple[Secret, bool]:
        """(token, whether it was fetched just now). `stale` is one that Vault has refused. Raises SourceFailed."""
        held, before = self._held, self._failures
        if held is not None and not self._due(held, stale):
            return held.login.token, False
        if not self._lock.acquire(timeout=2 * self._seconds):
            raise SourceFailed("another thread's login at Vault takes too long", "check that Vault answers")
        try:
            held = self._held
            if held is not None and not self._due(held, stale):
                return held.login.token, False
            if self._failed is not None and self._failures > before:  # tried while this thread waited: once for all
                raise SourceFailed(self._failed.message, self._failed.fix, rule=self._failed.rule)
            refused = held is not None and held.login.token is stale
            told = self._replace(None if refused else held)
            if stale is not None:
                self._doubt_from = time.monotonic() + DOUBT_SECONDS
            return told
        finally:
            self._lock.release()

    def _due(self, held: _Held, stale: Secret | None) -> bool:
        now = time.monotonic()
        if held.login.token is stale:
            return now >= self._doubt_from or now >= held.dies_at
        return now >= (held.dies_at - _margin(held.login.seconds) if self._background else held.replace_at)

    def _replace(self, held: _Held | None) -> tuple[Secret, bool]:
        """A new token, or the one that is `held` where Vault gives none and it still lives. Under the lock."""
        asked = time.monotonic()
        try:
            login, problem = self._fetched(held)
        except SourceFailed as error:
            self.problem, self._failed, self._failures = error.message, error, self._failures + 1
            if held is None or time.monotonic() >= held.dies_at:
                raise
            soon = min(_backoff(self._failures), (held.dies_at - asked) / 3)
            self._held = dataclasses.replace(held, replace_at=asked + soon)
            return held.login.token, False
        self.problem, self._failed, self._failures = problem, None, 0
        life = min(login.seconds, LONGEST_LIFE)
        self._held = _Held(login, asked + life * 2 / 3, asked + life)
        if self._background and self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="vault-login", daemon=True)
            self._thread.start()
        return login.token, True

    def _fetched(self, held: _Held | None) -> tuple[Login, str]:
        """A login, and why it is only a renewal of the old one that cannot go on for long."""
        renewed = self._renewed(held.login) if held is not None and self._identity.renews else None
        if renewed is not None and held is not None and 2 * renewed.seconds >= held.login.seconds:
            return renewed, ""
        try:
            try:
                login = self._identity.log_in(self._ask)
            except ConfigError as error:  # a file was taken away or opened to others while the broker runs
                raise SourceFailed(f"login: {error.message}", error.fix, rule="vault-login") from None
            self._proved(login.token)
        except SourceFailed as error:
            if renewed is None:
                raise
            return renewed, error.message
        return login, ""

    def _renewed(self, login: Login) -> Login | None:
        if not login.renewable:
            return None
        answer = self._ask("post", "auth", "token", "renew-self", body={}, token=login.token)
        seconds = whole(answer.auth.get("lease_duration"))
        if answer.outcome is not Outcome.DONE or not seconds:
            return None
        return dataclasses.replace(login, seconds=seconds)

    def _keep(self) -> None:
        while not self._closed.wait(self._pause()):
            held = self._held
            if held is None or time.monotonic() < held.replace_at or not self._lock.acquire(timeout=self._seconds):
                continue
            try:
                if held is self._held:
                    self._replace(held)
            except SourceFailed:
                pass  # the token is dead; `problem` says why, and callers try for themselves
            except Exception as fault:  # this thread must outlive a fault: the next round tries again
                self.problem, self._failures = f"login: failed with {type(fault).__name__}", self._failures + 1
                self._held = dataclasses.replace(held, replace_at=time.monotonic() + _backoff(self._failures))
            finally:
                self._lock.release()

    def _pause(self) -> float:
        """Seconds until there is something to do."""
        held, now = self._held, time.monotonic()
        if held is None or now >= held.dies_at:
            return _backoff(self._failures)
        return max(0.01, held.replace_at - now)


def _margin(seconds: float) -> float:
    """How long before its end a token is not used any more: a call is on its way for some time."""
    return min(2.0, seconds / 10)


def _backoff(failures: int) -> float:
    first, longest = RETRY_SECONDS
    return min(first * float(2 ** min(failures, 10)), longest)
