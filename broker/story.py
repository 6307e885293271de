"""One record of the broker as one line of a story: when, what kind of step, and a sentence. Pure.

What a sandbox reports of itself is marked as claimed: the broker saw that it was said, not that it happened.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping

ALARMS = (
    "broker:task:refused",
    "broker:task:killed",
    "broker:bootstrap:refused",
    "broker:bootstrap:stolen",
    "broker:lease:refused",
    "broker:lease:failed",
    "broker:lease:uncertain",
    "broker:lease:queued",
    "broker:parent:failed",
    "broker:approval:denied",
    "broker:approval:expired",
    "journal:head:conflict",
)
"""Events that a reviewer must see."""


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


STORY = {
    "broker:task:created": (
        "asked", "{launcher} asked for a run of {policy} (rule {rule}): {purpose}; grants {grants}, until {expires_at}"
    ),
    "broker:task:refused": ("refused", "{launcher} asked for a run of {policy} and was refused: {reason} ({rule})"),
    "broker:task:activated": ("started", "the one-time value was used; the session is bound to key {thumbprint}"),
    "broker:task:ended": ("ended", "ended by {by}: {reason}"),
    "broker:task:killed": ("ended", "killed by {by}: {reason}"),
    "broker:bootstrap:refused": ("refused", "a one-time value was refused: {outcome}"),
    "broker:bootstrap:stolen": ("refused", "the right one-time value came with another key, {thumbprint}"),
    "broker:lease:intended": (
        "credential", "{lease} for grant {grant} from {source}, {ttl} s: about to be made (rule {rule})"
    ),
    "broker:lease:minted": ("credential", "{lease}: made, accessor {accessor}, until {expires_at}"),
    "broker:lease:issued": ("credential", "{lease}: handed to the sandbox, until {expires_at}"),
    "broker:lease:refused": ("refused", "grant {grant} was refused: {reason} ({rule})"),
    "broker:lease:failed": ("refused", "{lease}: not made: {reason}"),
    "broker:lease:uncertain": ("credential", "{lease}: maybe made, the answer was lost: {reason}"),
    "broker:lease:revoked": ("credential", "{lease}: taken back by {by}, {because}: {revocation} {detail}"),
    "broker:lease:queued": ("credential", "{lease}: not taken back yet, tried again: {reason}"),
    "broker:parent:intended": ("parent", "a credential for the whole run is about to be made"),
    "broker:parent:opened": ("parent", "the run's own credential exists, accessor {accessor}"),
    "broker:parent:failed": ("parent", "no credential for the run: {reason}"),
    "broker:parent:closed": ("parent", "the run's own credential, and all below it, were taken back"),
    "broker:approval:requested": ("approval", "{approval} waits for {needed} of its approvers (rule {rule})"),
    "broker:approval:granted": ("approval", "{approver} approved {approval} ({votes} of {needed}): {reason}"),
    "broker:approval:denied": ("approval", "{approver} refused {approval}: {reason}"),
    "broker:approval:consumed": ("approval", "{approval} was used"),
    "broker:approval:expired": ("approval", "nobody decided on or used {approval} in time"),
    "sandbox:command:started": ("sandbox", "a command was started in the sandbox"),
    "sandbox:command:ended": ("sandbox", "the sandboxed command ended"),
    "sandbox:event:reported": ("claimed", "its guard says {claimed_event}: {about}"),
    "sandbox:event:capped": ("claimed", "the sandbox said more than is kept: {records} records, {bytes} bytes"),
}  # fmt: skip
"""Event → kind, and its sentence; a field that the record lacks is left out, any further one is in `Line.fields`."""

TIMES = ("expires_at",)
COMMON = ("v", "time", "event", "task")


def line_of(seq: int, leaf: int | None, event: str, payload: str) -> Line:
    """The line of one record. A record that cannot be read is a line that says so."""
    try:
        told = json.loads(payload)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Line(0.0, "other", "a record that cannot be read", event, seq, leaf, {})
    fields = {name: value for name, value in told.items() if name not in COMMON}
    kind, sentence = STORY.get(event, ("claimed" if event.startswith("sandbox:event:") else "other", ""))
    text = sentence.format_map(_Words(fields)) if sentence else _listed(event, fields)
    return Line(_moment(told.get("time")), kind, text, event, seq, leaf, fields)


class _Words(dict[str, str]):
    """The fields of a record as words; a missing one is a dash."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        super().__init__({name: _word(name, value) for name, value in fields.items()})

    def __missing__(self, name: str) -> str:
        return "-"


def _listed(event: str, fields: Mapping[str, object]) -> str:
    told = ", ".join(f"{name} {_word(name, value)}" for name, value in fields.items())
    return f"{event} {told}".strip()


def _word(name: str, value: object) -> str:
    if name in TIMES and isinstance(value, int) and 0 < value < 2**40:
        return datetime.datetime.fromtimestamp(value, datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, dict) and "cut" in value:
        return f"{value['cut']}... ({value.get('length')} characters)"
    return str(value)


def _moment(text: object) -> float:
    try:
        return datetime.datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return 0.0
