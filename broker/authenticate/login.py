"""What the broker tells people of logging in at an issuer: which client they are there, and which token it takes."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Login:
    """`client_id` is a public client of `issuer` (no secret, redirects to loopback, PKCE). `token` is what the broker
    is shown, `id_token` or `access_token`; `resource` names the broker to the issuer where that makes its access
    tokens (RFC 8707)."""

    issuer: str
    client_id: str
    scopes: tuple[str, ...] = ("openid",)
    token: str = "id_token"  # noqa: S105  # the name of a kind
    resource: str = ""

    def extra(self) -> dict[str, str]:
        """Parameters beyond those that every request of a login has."""
        return {"resource": self.resource} if self.resource else {}
