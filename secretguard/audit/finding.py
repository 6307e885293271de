"""What a verifier of the journal finds: the kinds of findings and the words for the whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

INTACT, TAMPERED, INCOMPLETE, UNKNOWN = "intact", "tampered", "incomplete", "cannot tell"
EXIT_CODES = {INTACT: 0, TAMPERED: 1, INCOMPLETE: 2, UNKNOWN: 3}
UNANCHORED = "self-consistent, unanchored"
NOTE = "note"
MAX_FINDINGS = 50


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing seen: `kind` (tampered, incomplete, cannot tell or note), the line (from 1; 0: the whole) of a file of
    the journal ("": there is one only), in words."""

    kind: str
    line: int
    text: str
    file: str = ""


@dataclasses.dataclass(frozen=True)
class Result:
    """`outcome` is one of the four; `anchored` says whether a pin was compared; `records` is the number of the last
    one, `last` its hash, `first` the hash of the first that the journal ever had ("" in an empty one); `start` is the
    first record that is still there."""

    outcome: str
    anchored: bool
    records: int
    first: str
    last: str
    findings: tuple[Finding, ...]
    start: int = 1

    @property
    def words(self) -> str:
        """The outcome as a person is told it."""
        return (
            UNANCHORED if self.outcome == UNKNOWN and not self.anchored and not worst(self.findings) else self.outcome
        )

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.outcome]


def worst(findings: Sequence[Finding]) -> str:
    """The worst kind among `findings`, "" when there are notes at most."""
    kinds = {finding.kind for finding in findings}
    return next((kind for kind in (TAMPERED, INCOMPLETE, UNKNOWN) if kind in kinds), "")
