"""The broker's events in words: the kind of step that each is, and a sentence made of what its record holds. Pure.

What a sandbox reports of itself is marked as claimed: the broker saw that it was said, not that it happened.
"""

from __future__ import annotations

import datetime
import string
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
    "broker:exposure:reported",
    "broker:stray:revoked",
    "broker:store:restored",
    "broker:parent:failed",
    "broker:approval:denied",
    "broker:approval:expired",
    "journal:head:conflict",
    "broker:refusals:counted",
    "broker:kill:ordered",
    "broker:policy:recovered",
    "broker:log:contradicted",
    "sandbox:event:capped",
)
"""Events that a reviewer must see."""

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
    "broker:lease:revoked": ("credential", "{lease}: taken back by {by} ({why}): {revocation} {detail}"),
    "broker:lease:queued": ("credential", "{lease}: not taken back yet, tried again: {reason}"),
    "broker:exposure:reported": ("credential", "{by} saw {lease}, of grant {grant}, where it must not be: {where}"),
    "broker:exposure:unknown": ("refused", "{by} reported a value that is no credential of theirs: {where}"),
    "broker:stray:revoked": ("ended", "{by} found and revoked a credential that is not in the store: {accessor}"),
    "broker:store:restored": (
        "other", "{by} put the store back from a backup: {tasks} tasks killed, {approvals} approvals closed: {reason}"
    ),
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
    "broker:server:started": ("other", "the broker began to serve, {mode}, policy {policy}"),
    "broker:activity:opened": ("other", "{by} opened the reviewer's pages"),
    "broker:kill:ordered": ("ended", "{by} ordered the end of {scope}: {reason}"),
    "broker:kill:merged": ("ended", "{by} had ended {scope} by Vault alone, while the broker was away: {reason}"),
    "broker:static:set": ("other", "{by} put a value into the store: {name}"),
    "broker:static:rotated": ("other", "{by} put another value in the place of {name}, version {version}"),
    "broker:static:removed": ("other", "{by} deleted the value {name}"),
    "broker:refusals:counted": ("refused", "{caller} was refused {more} times more than the {recorded} on record"),
    "broker:policy:proposed": ("policy", "{by} proposed another policy ({kind}): {reason}; {summary}; {from} → {to}"),
    "broker:policy:approved": ("policy", "{by} agreed to {proposal} for {for}: {reason}"),
    "broker:policy:denied": ("policy", "{by} said no to {proposal}: {reason}"),
    "broker:policy:activated": ("policy", "policy {to} is in force ({kind}) by {by}: {reason}; before it {from}"),
    "broker:policy:recovered": ("policy", "policy {to} was put in force past its owners by {by}: {reason}"),
    "broker:policy:expired": ("policy", "{proposal} can no longer be agreed to: {reason}"),
    "broker:policy:refused": ("refused", "{by} was refused about the policy, {what}: {reason} ({rule})"),
    "broker:policy:ignored": ("policy", "the policy directory says {disk}; in force stays {in_force}"),
    "broker:log:pruned": ("other", "{by} had the records below {minimum} deleted: {reason}"),
    "broker:log:erased": ("other", "{by} had personal texts of {count} records erased: {reason}"),
    "broker:log:contradicted": ("other", "the witness {witness} knows another history: {reason}"),
    "journal:head:conflict": ("other", "what {caller} says of the journal {source} contradicts what it said: {reason}"),
}  # fmt: skip
"""Event → kind, and its sentence; a field that the record lacks is left out, any further one is in `Line.fields`."""

TIMES = ("expires_at",)
COMMON = ("v", "time", "event", "task", "salt")
"""What every record of the broker has, and no sentence needs."""


def sentence(event: str, record: Mapping[str, object]) -> tuple[str, str]:
    """(kind, sentence) of a record of `event`; kinds are those of STORY, and other. Show it escaped."""
    kind = STORY[event][0] if event in STORY else "claimed" if event.startswith("sandbox:event:") else "other"
    return kind, "".join(text for text, _ in pieces(event, record))


def pieces(event: str, record: Mapping[str, object]) -> list[tuple[str, bool]]:
    """The sentence in pieces, each with whether it is a value of the record: what others wrote must be told apart from
    the words around it, which it may imitate."""
    fields = {name: value for name, value in record.items() if name not in COMMON}
    if event not in STORY:
        return [(_listed(event, fields), True)]
    words, found = _Words(fields), []
    for literal, name, _, _ in string.Formatter().parse(STORY[event][1]):
        found.append((literal, False))
        if name is not None:
            found.append((words[name], True))
    return [piece for piece in found if piece[0]]


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
