"""Logging in with a browser: authorisation code with PKCE (RFC 7636, S256) on a loopback port (RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from broker.login.loopback import Listener
from broker.login.provider import Provider, post
from broker.login.tokens import Refusal, Tokens, accept, reason

SECONDS = 300.0
"""How long a person has."""


def log_in(provider: Provider, show: Callable[[str], None], seconds: float = SECONDS) -> Tokens:
    """Have a person log in; `show` gets the address to open. Raises Unauthenticated, Unreachable.

    The address holds `state`, `nonce` and the challenge. Who reads them (another user may see a browser's arguments)
    gains nothing: a code is worth nothing without the verifier, which stays here until the token endpoint is asked,
    and a code of somebody else's does not fit it.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    with Listener() as listener:
        asked = {
            "response_type": "code",
            "client_id": provider.login.client_id,
            "redirect_uri": listener.redirect_uri,
            "scope": " ".join(provider.login.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _digest(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "consent"} if "offline_access" in provider.login.scopes else {}),  # Core 1.0, section 11
            **provider.login.extra(),
        }
        mark = "&" if "?" in provider.authorization else "?"
        show(f"{provider.authorization}{mark}{urlencode(asked)}")
        code = _code(provider, listener.answer(state, seconds))
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": listener.redirect_uri,
            "client_id": provider.login.client_id,
            "code_verifier": verifier,
        }
        status, answer = post(provider.token, form)
    if status != 200:
        raise Refusal(f"the issuer did not exchange the code ({reason(answer)})")
    return accept(provider, answer, nonce=nonce)


def _code(provider: Provider, answer: Mapping[str, str]) -> str:
    """The code in an answer of this very issuer (RFC 9207: else another one's answer could be passed off as its)."""
    if ("iss" in answer or provider.names_itself) and answer.get("iss") != provider.login.issuer:
        raise Refusal("the answer is of another issuer than the one asked")
    if "error" in answer:
        raise Refusal(f"the issuer refused ({reason(answer)})")
    if not answer.get("code"):
        raise Refusal("the issuer's answer has no code")
    return answer["code"]


def _digest(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
