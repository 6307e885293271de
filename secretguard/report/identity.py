"""A name for a finding that stays the same from one run, machine and user to the next, and gives nothing away.

SARIF's `partialFingerprints` and GitLab's ids track a finding over time. Our own fingerprint is keyed for each user
and would make every CI runner see new findings; a plain digest of a weak secret is as good as the secret. So this one
is made of what a report shows anyway: rule, path, mask, and which of several equal ones it is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from secretguard.report.located import Located


def stable(findings: Iterable[Located]) -> Iterator[tuple[Located, str]]:
    """Each finding with 64 hexadecimal digits that no other finding of this report has; lines may move."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        place = (finding.rule_id, finding.path, finding.masked)
        seen[place] += 1
        text = "\0".join((*place, str(seen[place])))
        yield finding, hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
