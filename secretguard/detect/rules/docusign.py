"""DocuSign: integration keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("docusign-integration-key")

RULES = (
    Rule(
        id="docusign-integration-key",
        description="DocuSign integration key",
        patterns=(near("docusign", UUID),),
        url="https://developers.docusign.com/platform/auth/",
        revoke="Delete the integration key in DocuSign's settings, and make a new one.",
        examples=named("docusign", _KEY),
        near_misses=one_off("docusign", _KEY),
        judge="beside",
    ),
)
