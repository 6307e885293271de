"""The only module that talks to Vault or OpenBao. It asks and hands back an Answer; no error of hvac leaves it.

Every guard here answers a trap that was measured on hvac 2.4 and Vault 1.14.1: redirects are followed with the token
(so they are off, and a 3xx is a refusal); names are pasted into URLs and `..` is folded (so each path segment is
checked before any call); VAULT_TOKEN, VAULT_ADDR and ~/.vault-token are read as a fall-back (so hvac's client is not
used, only its adapter, with everything given); one token is shared by all threads (so an adapter is made per call).
"""

from __future__ import annotations

import dataclasses
import re
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import hvac.adapters

from broker import vault_http
from broker.errors import SourceFailed
from broker.vault_answer import Answer, Outcome, understood, whole
from secretguard.errors import ConfigError
from secretguard.secret import Secret

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What one segment of a Vault path may be. No dot, so that no `..`; no `?`, `%`, `/`, space or control character."""

ANSWER_CAP = 1 << 20
"""Bytes of one answer; Vault's own storage entry has the same limit."""

DOUBT_SECONDS = 10.0
"""A second 403 within this time does not cause a second login: a missing right must not flood Vault with logins."""


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Vault is. `seconds` bounds each answer as a whole; connecting has three seconds more."""

    address: str
    ca_file: str = ""
    namespace: str = ""
    seconds: float = 10.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
        ):
            raise ConfigError("vault.address is not an http(s) address", "write https://vault.example.org:8200")
        if parts.path not in ("", "/"):
            raise ConfigError("vault.address has a path", "give scheme, host and port only")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ConfigError(
                "vault.address is plain http and not on this machine", "use https, with ca_file if needed"
            )
        if self.namespace and not all(NAME.fullmatch(part) for part in self.namespace.strip("/").split("/")):
            raise ConfigError("vault.namespace has a character that is not allowed", "letters, digits, _, - and /")


class Identity(Protocol):
    """How the broker proves who it is. `login` is (path segments, body) of a login call, or None for a fixed token."""

    def login(self) -> tuple[tuple[str, ...], dict[str, object]] | None: ...

    def token(self) -> Secret: ...


class Vault:
    """One identity at one Vault. Safe across threads; each call has a deadline and an answer cap.

    The token of the identity is fetched at the first call, replaced after two thirds of its life and when Vault
    answers 403 (see DOUBT_SECONDS); it is never written anywhere.
    """

    def __init__(self, endpoint: Endpoint, identity: Identity) -> None:
        self.endpoint = endpoint
        self._identity = identity
        self._session = vault_http.session(endpoint.seconds, endpoint.ca_file or None)
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._replace_at = 0.0
        self._dies_at = 0.0
        self._doubt_from = 0.0  # a 403 before this moment is a missing right, not a dead token

    def ask(
        self, method: str, *path: str, body: Mapping[str, object] | None = None, token: Secret | None = None,
        cap: int = ANSWER_CAP,
    ) -> Answer:  # fmt: skip
        """Call `path` (segments, each checked) with the identity's token, or with `token` when given.

        Raises SourceFailed for a path that is not allowed and for a login that failed: nothing was sent then. Any
        other failure is in the Answer.
        """
        url = joined(path)
        if token is not None:
            return self._send(method, url, body, token, cap)
        own, fresh = self._own_token(None)
        answer = self._send(method, url, body, own, cap)
        if answer.status != 403 or fresh:
            return answer
        renewed, _ = self._own_token(own)  # fetched here, or by another thread in the meantime
        return self._send(method, url, body, renewed, cap) if renewed is not own else answer

    def ask_openly(self, method: str, *path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Call without any token: logins, health, the seal state."""
        return self._send(method, joined(path), body, None, ANSWER_CAP)

    def close(self) -> None:
        """Drop the connections. The identity's token is left to its own expiry."""
        self._session.close()

    def _own_token(self, stale: Secret | None) -> tuple[Secret, bool]:
        """(token, whether it was fetched just now). `stale` is one that Vault has refused."""
        if not self._lock.acquire(timeout=2 * self.endpoint.seconds):
            raise SourceFailed("another thread's login at Vault takes too long", "check that Vault answers")
        try:
            now = time.monotonic()
            doubted = self._token is stale and now >= self._doubt_from
            if self._token is not None and not doubted and now < self._replace_at:
                return self._token, False
            if stale is not None:
                self._doubt_from = now + DOUBT_SECONDS
            try:
                self._token = self._log_in()
            except SourceFailed:
                if self._token is None or doubted or now >= self._dies_at:
                    raise
                self._replace_at = min(self._dies_at, now + 5)  # still good: use it, and try again soon
                return self._token, False
            return self._token, True
        finally:
            self._lock.release()

    def _log_in(self) -> Secret:
        try:
            call = self._identity.login()
            token, seconds = (self._identity.token(), 3600) if call is None else (Secret(""), 0)
        except ConfigError as error:  # a file was taken away or opened to others while the broker runs
            raise SourceFailed(f"login: {error.message}", error.fix) from None
        if call is not None:
            path, body = call
            answer = self._send("post", joined(path), body, None, ANSWER_CAP).or_failed("login")
            if answer.token is None:
                raise SourceFailed("login: Vault's answer has no token", "check the login mount in the configuration")
            token, seconds = answer.token, whole(answer.auth.get("lease_duration")) or 3600
        self._refuse_sham_namespace(token)
        now = time.monotonic()
        self._replace_at, self._dies_at = now + seconds * 2 / 3, now + seconds
        return token

    def _refuse_sham_namespace(self, token: Secret) -> None:
        """A Vault without namespaces ignores the header and answers from the root: tenants would share one space. A
        namespace that cannot exist must therefore be refused before the configured one is believed."""
        if not self.endpoint.namespace:
            return
        nowhere = f"{self.endpoint.namespace.strip('/')}/none-{secrets.token_hex(8)}"
        answer = self._send("get", "auth/token/lookup-self", None, token, ANSWER_CAP, namespace=nowhere)
        if answer.status not in (400, 403, 404):
            raise SourceFailed("this Vault ignores namespaces", "remove vault.namespace, or use a server that has them")

    def _send(
        self, method: str, url: str, body: Mapping[str, object] | None, token: Secret | None, cap: int,
        namespace: str = "",
    ) -> Answer:  # fmt: skip
        adapter = hvac.adapters.RawAdapter(
            base_uri=self.endpoint.address.rstrip("/"),
            token=token.reveal() if token else "",
            verify=self.endpoint.ca_file or True,
            timeout=(vault_http.CONNECT_SECONDS, self.endpoint.seconds),
            session=self._session,
            allow_redirects=False,
            namespace=namespace or self.endpoint.namespace or None,
            strict_http=True,  # LIST as GET ?list=true: proxies drop unknown verbs
        )
        try:
            response = adapter.request(method, f"v1/{url}", json=body, raise_exception=False, stream=True)
            return understood(response.status_code, vault_http.read_capped(response, cap))
        except vault_http.FAILURES as error:
            sent = not vault_http.never_sent(error)
        if sent:
            return Answer(0, Outcome.UNCLEAR, "did not answer in time, or not in full")
        return Answer(0, Outcome.REFUSED, "could not be reached")


def segments(mount: str) -> tuple[str, ...]:
    """A mount such as `team/database` as path segments."""
    return tuple(mount.strip("/").split("/"))


def joined(path: tuple[str, ...]) -> str:
    """The path as text. Raises SourceFailed for a segment that could lead elsewhere: nothing was sent then."""
    for segment in path:
        if not NAME.fullmatch(segment):
            raise SourceFailed(
                f"{segment[:80]!r} is not allowed in a Vault path", "use 1 to 64 letters, digits, _ and - per segment"
            )
    return "/".join(path)
