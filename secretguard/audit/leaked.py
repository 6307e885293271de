"""Tell the broker that a secret got out of a sandbox: where it is a credential of this task, it is taken back.

Only SHA-256 goes to `task.sock`: the broker knows by that what it issued (`broker/fingerprint.py`), and nothing else of
the value is told. A secret that the broker never issued is unknown to it, and stays so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from secretguard.audit.handover import Handed, post

MOST = 5
"""Values of one event that are reported."""

SHORTEST = 16
"""Bytes: the broker knows no shorter value, and a short one could be guessed from its digest."""


def report(socket_path: str, values: Iterable[bytes], where: str) -> Handed:
    """Report each value once; nothing is raised for what the broker says, or does not."""
    wanted = sorted({one.strip() for one in values if len(one.strip()) >= SHORTEST})[:MOST]
    taken, why = 0, ""
    for value in wanted:
        told = {"fingerprint": hashlib.sha256(value).hexdigest(), "where": where}
        status, words = post(socket_path, "/v1/exposures", told)
        taken, why = taken + (status == 200), why if status == 200 else words
    return Handed(taken, len(wanted) - taken, why)
