"""Customer.io: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "customerio-api-key")

RULES = (
    Rule(
        id="customerio-api-key",
        description="Customer.io API key",
        patterns=(near("(?:customer_?io|customerio|cio_app|cio_track)", f"{HEX}{{32}}"),),
        url="https://docs.customer.io/integrations/api/app/",
        revoke="Delete the API key in Customer.io's settings, and make a new one.",
        examples=named("customerio", _KEY),
        near_misses=one_off("customerio", _KEY),
        judge="beside",
    ),
)
