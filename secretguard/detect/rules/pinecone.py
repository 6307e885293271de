"""Pinecone: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "pcsk_4VXwZb_" + made_up.alnum(63, "pinecone-api-key")

RULES = (
    Rule(
        id="pinecone-api-key",
        description="Pinecone API key",
        patterns=(token("pcsk_[A-Za-z0-9]{5,6}_", ALNUM, 63),),
        url="https://docs.pinecone.io/guides/projects/manage-api-keys",
        revoke="Delete the API key in Pinecone's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pcsk_4VXwZb_" + "x" * 63),
    ),
)
