"""The one address under which the pages are served. A request that names another is not for them.

A page of another site that points its own name at this machine (DNS rebinding) sends its own name as `Host`, and is
refused. On loopback the name is one that nobody can guess, `activity-….localhost`, which browsers resolve to this
machine: cookies do not tell ports apart, so under `127.0.0.1` every other local server would be sent the session.
"""

from __future__ import annotations

import dataclasses
import secrets
from urllib.parse import urlsplit


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """`scheme` and `host` (with the port) are the origin, `base` is the path before `/activity` ("" or "/x")."""

    scheme: str
    host: str
    base: str = ""

    @property
    def url(self) -> str:
        """Where the pages begin."""
        return f"{self.scheme}://{self.host}{self.base}/activity"

    @property
    def text(self) -> str:
        """As a browser states it in `Origin`."""
        return f"{self.scheme}://{self.host}"

    @property
    def cookie(self) -> str:
        """The session's cookie; under https with the prefix that keeps a neighbouring host from setting it."""
        return "__Host-activity" if self.scheme == "https" else "activity"


def origin_of(public_url: str | None, listen: str | None) -> Origin | None:
    """The public address where there is one, else a name of this machine's own; None when no browser can get here."""
    if public_url is not None:
        parts = urlsplit(public_url)
        return Origin(parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"))
    if listen is None:
        return None
    port = listen.rpartition(":")[2]
    return Origin("http", f"activity-{secrets.token_hex(8)}.localhost" + ("" if port == "80" else f":{port}"))
