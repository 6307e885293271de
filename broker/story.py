"""One record of the broker as one line of a story: when, what kind of step, and a sentence. Pure.

The sentences are in `secretguard/audit/sentences.py`, which the guard's own timeline of a task uses too.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

from secretguard.audit.record import moment
from secretguard.audit.sentences import ALARMS as ALARMS
from secretguard.audit.sentences import COMMON, sentence
from secretguard.audit.sentences import STORY as STORY


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One step. `at` is Unix seconds; `kind` is asked, started, approval, credential, parent, sandbox, claimed, ended,
    refused or other; `text` a sentence in plain words, made of what the record holds: show it escaped. `seq` finds the
    record, `leaf` is its number in the tree (None: not numbered yet)."""

    at: float
    kind: str
    text: str
    event: str
    seq: int
    leaf: int | None
    fields: Mapping[str, object]

    @property
    def alarm(self) -> bool:
        """Whether a reviewer must see it."""
        return self.event in ALARMS


def line_of(seq: int, leaf: int | None, event: str, payload: str) -> Line:
    """The line of one record. A record that cannot be read is a line that says so."""
    try:
        told = json.loads(payload)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Line(0.0, "other", "a record that cannot be read", event, seq, leaf, {})
    fields = {name: value for name, value in told.items() if name not in COMMON}
    kind, text = sentence(event, told)
    return Line(moment(told.get("time")), kind, text, event, seq, leaf, fields)
