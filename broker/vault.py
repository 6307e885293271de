"""The only module that talks to Vault or OpenBao. It asks and hands back an Answer; no error of hvac leaves it.

Every guard here answers a trap that was measured on hvac 2.4 and Vault 1.14.1: redirects are followed with the token
(so they are off, and a 3xx is no answer); names are pasted into URLs and `..` is folded (so each path segment is
checked before any call); VAULT_TOKEN, VAULT_ADDR and ~/.vault-token are read as a fall-back (so hvac's client is not
used, only its adapter, with everything given); one token is shared by all threads (so an adapter is made per call).
"""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import hvac.adapters

from broker import vault_http
from broker.errors import SourceFailed
from broker.vault_answer import Answer, Outcome, understood
from broker.vault_login import Identity, KeptLogin, LoginUnfit
from broker.vault_nodes import Nodes, sick, untouched
from secretguard.errors import ConfigError
from secretguard.secret import Secret

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What one segment of a Vault path may be. No dot, so that no `..`; no `?`, `%`, `/`, space or control character."""

ANSWER_CAP = 1 << 20
"""Bytes of one answer; Vault's own storage entry has the same limit."""


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Vault is; `others` are more nodes of the same cluster. `seconds` bounds each answer as a whole; connecting
    has three seconds more."""

    address: str
    ca_file: str = ""
    namespace: str = ""
    seconds: float = 10.0
    others: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_address("vault.address", self.address)
        for other in self.others:
            _require_address("vault.other_addresses", other)
        if self.namespace and not all(NAME.fullmatch(part) for part in self.namespace.strip("/").split("/")):
            raise ConfigError("vault.namespace has a character that is not allowed", "letters, digits, _, - and /")


def _require_address(field: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"{field} is not an http(s) address", "write https://vault.example.org:8200")
    if parts.path not in ("", "/"):
        raise ConfigError(f"{field} has a path", "give scheme, host and port only")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ConfigError(f"{field} is plain http and not on this machine", "use https, with ca_file if needed")


class Vault:
    """One identity at one Vault. Safe across threads; each call has a deadline and an answer cap.

    How the token of the identity is got and kept: `broker/vault_login.py`. It is never written anywhere. `repeats`: all
    that this identity asks may be asked twice, so that where one node's answer is in doubt the next one is asked.
    """

    def __init__(self, endpoint: Endpoint, identity: Identity, *, repeats: bool = False) -> None:
        self.endpoint = endpoint
        self._nodes, self._repeats = Nodes((endpoint.address, *endpoint.others)), repeats
        self._session = vault_http.session(endpoint.seconds, endpoint.ca_file or None)
        self.login = KeptLogin(identity, self._ask_with, endpoint.seconds, self._refuse_sham_namespace)

    def ask(
        self, method: str, *path: str, body: Mapping[str, object] | None = None, token: Secret | None = None,
        cap: int = ANSWER_CAP, query: Mapping[str, str] | None = None, wrap_seconds: int = 0,
    ) -> Answer:  # fmt: skip
        """Call `path` (segments, each checked) with the identity's token, or with `token` when given. With
        `wrap_seconds` Vault keeps the answer and gives a token for it, good once and for so long.

        Raises SourceFailed for a path that is not allowed and for a login that failed: nothing was sent then. Any
        other failure is in the Answer.
        """
        url = joined(path) + (f"?{urlencode(query)}" if query else "")
        if token is not None:
            return self._send(method, url, body, token, cap, wrap_seconds=wrap_seconds, again=self._repeats)
        own, fresh = self.login.current()
        answer = self._send(method, url, body, own, cap, wrap_seconds=wrap_seconds, again=self._repeats)
        if answer.status != 403 or fresh:
            return answer
        renewed, _ = self.login.current(own)  # fetched here, or by another thread in the meantime
        if renewed is own:
            return answer
        return self._send(method, url, body, renewed, cap, wrap_seconds=wrap_seconds, again=self._repeats)

    def ask_openly(self, method: str, *path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Call without any token: health, the seal state."""
        return self._ask_with(method, *path, body=body)

    def close(self) -> None:
        """Drop the connections. The identity's token is left to its own expiry."""
        self.login.close()
        self._session.close()

    def _ask_with(
        self, method: str, *path: str, body: Mapping[str, object] | None = None, token: Secret | None = None
    ) -> Answer:
        """A call of a login, with `token` or with none."""
        return self._send(method, joined(path), body, token, ANSWER_CAP)

    def ignores_namespaces(self, token: Secret) -> bool:
        """Whether this server answers for a namespace that cannot exist: then it ignores the header, and tenants would
        share one space. Asked is what every identity may ask. Raises SourceFailed when that cannot be told now."""
        nowhere = f"{self.endpoint.namespace.strip('/')}/none-{secrets.token_hex(8)}".lstrip("/")
        answer = self._rights_in(nowhere, token)
        if answer.outcome is not Outcome.DONE and answer.status not in (400, 403, 404):
            answer.or_failed("login: whether namespaces are real")
        return answer.outcome is Outcome.DONE

    def _refuse_sham_namespace(self, token: Secret) -> None:
        """A configured namespace must answer, and one that cannot exist must not."""
        name = self.endpoint.namespace.strip("/")
        if not name:
            return
        self._rights_in(name, token).or_failed(f"login: the namespace {name}")
        if self.ignores_namespaces(token):
            fix = "remove vault.namespace, or use a server that has them"
            raise LoginUnfit("login: this Vault ignores namespaces", fix, rule="vault-namespace")

    def _rights_in(self, namespace: str, token: Secret) -> Answer:
        asked = {"paths": ["sys/mounts"]}
        return self._send("post", "sys/capabilities-self", asked, token, ANSWER_CAP, namespace=namespace)

    def _send(
        self, method: str, url: str, body: Mapping[str, object] | None, token: Secret | None, cap: int,
        namespace: str = "", wrap_seconds: int = 0, again: bool = False,
    ) -> Answer:  # fmt: skip
        """Ask one node, and the next where that one is not at work (`broker/vault_nodes.py`)."""
        for address in self._nodes.in_turn():
            answer = self._send_to(address, method, url, body, token, cap, namespace, wrap_seconds)
            if not sick(answer):
                break
            self._nodes.leave(address)
            if not (again or untouched(answer)):
                break
        return answer

    def _send_to(
        self, address: str, method: str, url: str, body: Mapping[str, object] | None, token: Secret | None, cap: int,
        namespace: str, wrap_seconds: int,
    ) -> Answer:  # fmt: skip
        adapter = hvac.adapters.RawAdapter(
            base_uri=address.rstrip("/"),
            token=token.reveal() if token else "",
            verify=self.endpoint.ca_file or True,
            timeout=(vault_http.CONNECT_SECONDS, self.endpoint.seconds),
            session=self._session,
            allow_redirects=False,
            namespace=namespace or self.endpoint.namespace or None,
            strict_http=True,  # LIST as GET ?list=true: proxies drop unknown verbs
        )
        try:
            wrap_ttl = f"{wrap_seconds}s" if wrap_seconds else None
            response = adapter.request(
                method, f"v1/{url}", json=body, raise_exception=False, stream=True, wrap_ttl=wrap_ttl
            )
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
