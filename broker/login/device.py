"""Logging in without a browser on this machine: the device flow (RFC 8628). A person types a short code elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from broker.authenticate.discovery import is_safe
from broker.errors import Unreachable
from broker.login.provider import Provider, post
from broker.login.tokens import Refusal, Tokens, accept, reason

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL, SLOWER = 5.0, 5.0
"""Seconds between two questions, and how many more after `slow_down` (3.5)."""

MOST_SECONDS = 1800.0


def log_in(
    provider: Provider,
    show: Callable[[str, str], None],
    wait: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Tokens:
    """Have a person log in elsewhere; `show` gets the address and the code to type. Raises Unauthenticated,
    Unreachable."""
    if not provider.device:
        raise Refusal("this issuer has no device flow", "run `broker login` where there is a browser")
    form = {
        "client_id": provider.login.client_id,
        "scope": " ".join(provider.login.scopes),
        **provider.login.extra(),
    }
    status, begun = post(provider.device, form)
    if status != 200:
        raise Refusal(f"the issuer did not begin a login ({reason(begun)})")
    show(*_shown(begun))
    ends_at = clock() + min(_seconds(begun, "expires_in", 600.0), MOST_SECONDS)
    every = max(1.0, _seconds(begun, "interval", INTERVAL))
    form = {"grant_type": GRANT, "device_code": str(begun["device_code"]), "client_id": provider.login.client_id}
    while clock() + every < ends_at:
        wait(every)
        try:
            status, answer = post(provider.token, form)
        except Unreachable:  # 3.5: after a lost answer, ask less often
            every *= 2
            continue
        if status == 200:
            return accept(provider, answer)
        code = answer.get("error")
        if code == "slow_down":
            every += SLOWER
        elif code != "authorization_pending":
            raise Refusal(f"the issuer refused ({reason(answer)})")
    raise Refusal("nobody logged in in time")


def _shown(begun: Mapping[str, object]) -> tuple[str, str]:
    """Address and code for the person. Raises Refusal for what could mislead on a terminal."""
    address, code = begun.get("verification_uri"), begun.get("user_code")
    plain = isinstance(code, str) and 0 < len(code) <= 32 and code.isascii() and code.isprintable()
    if not is_safe(address) or not plain or not isinstance(begun.get("device_code"), str):
        raise Refusal("the issuer's answer cannot be used")
    return str(address), str(code)


def _seconds(begun: Mapping[str, object], name: str, otherwise: float) -> float:
    value = begun.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else otherwise
