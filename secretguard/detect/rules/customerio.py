"""Customer.io: API keys, tracking API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_API_KEY = made_up.hexadecimal(32, "customerio-api-key")
_TRACKING_API_KEY = made_up.hexadecimal(20, "customerio-tracking-api-key")

RULES = (
    Rule(
        id="customerio-api-key",
        description="Customer.io API key",
        patterns=(near("(?:customer_?io|customerio|cio_app|cio_track)", f"{HEX}{{32}}"),),
        url="https://docs.customer.io/integrations/api/app/",
        revoke="Delete the API key in Customer.io's settings, and make a new one.",
        examples=named("customerio", _API_KEY),
        near_misses=one_off("customerio", _API_KEY),
        judge="beside",
    ),
    Rule(
        id="customerio-tracking-api-key",
        description="Customer.io tracking API key",
        patterns=(near(r"(?:customer_?io|customer\.io|cio_)", f"{HEX}{{20}}"),),
        url="https://docs.customer.io/integrations/api/track/",
        revoke="Delete the tracking API key in Customer.io's settings, and make a new one.",
        examples=named("customerio", _TRACKING_API_KEY),
        near_misses=one_off("customerio", _TRACKING_API_KEY),
        judge="beside",
    ),
)
