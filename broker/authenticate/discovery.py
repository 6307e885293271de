"""What an OIDC issuer says of itself: OpenID Connect Discovery 1.0, read with care.

Fetched over https (or http on loopback), from the issuer's own address, with no redirect followed. The document must
name exactly the issuer it was asked of (section 4.3): else anybody whom it can be made to quote could stand in for it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from urllib.parse import urlsplit

from broker.errors import BadRequest
from broker.exchange import Exchange, is_loopback
from secretguard import rawjson

WELL_KNOWN = "/.well-known/openid-configuration"
MAX_BYTES = 256 * 1024
FETCH_SECONDS = 5.0
MAX_TOKEN = 16 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """How an issuer's documents are fetched. `ca_file` holds the only certificates that count; empty: the system's.
    `token_file` is read at each fetch and its content sent as a bearer token, to servers that `ca_file` vouches for
    alone (a Kubernetes API server shows its keys to service accounts)."""

    ca_file: str = ""
    token_file: str = ""

    def __post_init__(self) -> None:
        """Raises BadRequest for a token that any server of the internet might get."""
        if self.token_file and not self.ca_file:
            raise BadRequest("token_file needs ca_file: the token is for servers of that authority alone")

    def fetch(self, url: str) -> bytes:
        """The body of a 200 answer. Raises OSError, ValueError, NotSentError, NoAnswerError."""
        headers = {"Accept": "application/json"}
        https = url.startswith("https:")
        if self.token_file and https:
            with open(self.token_file, "rb") as file:  # of what mode it is the kubelet decides
                token = file.read(MAX_TOKEN).decode("ascii").strip()
            headers["Authorization"] = f"Bearer {token}"
        with contextlib.closing(Exchange(https=https, ca_file=self.ca_file, max_answer=MAX_BYTES)) as exchange:
            answer = exchange("GET", url, headers=headers, body=None, seconds=FETCH_SECONDS)
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return answer.body

    def metadata(self, issuer: str) -> Mapping[str, object]:
        """The discovery document of `issuer`. Raises what `fetch` does, ValueError for one that is not its own."""
        document = rawjson.loads(self.fetch(issuer.rstrip("/") + WELL_KNOWN))
        if not isinstance(document, dict) or document.get("issuer") != issuer:
            raise ValueError("the discovery document is another issuer's")
        return document


def endpoint(document: Mapping[str, object], name: str) -> str:
    """The URL `name` of a discovery document. Raises ValueError where it has none, or one that is not safe."""
    value = document.get(name)
    if not isinstance(value, str) or not is_safe(value):
        raise ValueError(f"the issuer's {name} is missing, or neither https nor on loopback")
    return value


def is_safe(url: object) -> bool:
    """Is it an https URL, or an http one on loopback, without a user name and of plain letters?"""
    if not isinstance(url, str) or len(url) > 2048 or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises ValueError when it is no port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
