"""What `detect-secrets scan` prints: a baseline that accepts all that was found, lines and time included."""

from __future__ import annotations

import json
import time

from secretguard.accepted import merged
from secretguard.detect.registry import PEER_TYPES
from secretguard.report.located import Scan
from secretguard.report.made import Made


def render(scan: Scan, made: Made, _: bool = False) -> str:
    """A `.secrets.baseline` document. It holds digests, never a secret; findings with a pragma are left out."""
    found = [finding for finding in scan.findings if finding.accepted != "pragma"]
    document = merged(None, found, PEER_TYPES, lines=True)
    document["generated_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(made.ended))
    return json.dumps(document, indent=2) + "\n"
